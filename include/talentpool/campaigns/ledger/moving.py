"""Enter what became of a round's stock: bought, donated, allocated, returned, damaged; and turn an entry back.

What was handed out is entered nowhere: it stands in the receipts. Entries are only appended, the database holds that no place
gives away more than it has and that a closed round stays (migration 0047).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from talentpool.area import county_names
from talentpool.campaigns import lists
from talentpool.campaigns.ledger.accounts import CITY, county_of, is_place, kind_of, station_of
from talentpool.campaigns.life.approver import Approver
from talentpool.campaigns.life.states import FROZEN, OPEN, ListState
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.receipts.taking import CITY_OFFICER, COUNTY_OFFICER
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import audit
from talentpool.guard.scope import counties_in
from talentpool.locks import hold, stock_lock
from talentpool.model import station, stock_move, target_list, target_row
from talentpool.office import Office
from talentpool.texts.redact import redact

LONGEST, MOST = 200, 10_000_000
"""Characters of a note; how many one entry may move."""
GOING_ON = frozenset({*OPEN, *FROZEN}) - {ListState.CLOSED}
"""States of a list whose round is not over."""


@dataclass(frozen=True)
class Entry:
    """What is to be entered. `note`: contract, delivery note, why; nothing of a person. `donor`: of a gift alone."""

    taken_from: str
    brought_to: str
    number: int
    note: str = ""
    donor: str = ""


def enter(office: Office, list_id: int, entry: Entry, who: Approver) -> int:
    """Write an entry of the round that the list is of; its number.

    Raises:
        UsageError: a way that no entry goes, an unknown county or station, a number that cannot be, a word that is missing.
        ConflictError: the round is closed, or fewer are there.
        RefusedError: not whose entry it is.
    """
    kind = kind_of(entry.taken_from, entry.brought_to)
    if kind is None:
        raise UsageError(
            "没有登记：物资只能购入、受赠、由市级拨付区县、由区县拨付本区县站点，原路退回，或登记为损坏、遗失"
        )
    note, donor = _told(entry.note), _told(entry.donor)
    if kind == "damaged" and not note:
        raise UsageError("没有登记：损坏、遗失请写明原因")
    if (kind == "donated") != bool(donor):
        raise UsageError("没有登记：捐赠请写明捐赠方；其他事项没有捐赠方")
    _refuse_number(entry.number)
    _refuse_others(who, entry.taken_from, entry.brought_to)
    with office.engine.begin() as conn:
        stored = _open_round(conn, list_id)
        _refuse_unknown(conn, office, stored, entry)
        row = {"kind": kind, "from_account": entry.taken_from, "to_account": entry.brought_to, "number": entry.number,
               "note": note, "donor": donor}  # fmt: skip
        return _write(conn, stored, who, row)


def turn_back(office: Office, list_id: int, move_id: int, number: int | None, who: Approver, *, reason: str) -> int:
    """Correct an entry by one the other way, of `number` or of all that is left of it; the correction's number.

    Raises: as `enter` does; UsageError for a correction of a correction, or of more than is left of the entry.
    """
    reason = _told(reason)
    if not reason:
        raise UsageError("没有更正：请写明理由（不写姓名和号码）")
    if number is not None:
        _refuse_number(number)
    with office.engine.begin() as conn:
        stored = _open_round(conn, list_id)
        of = stock_move.c
        been = conn.execute(
            sa.select(of.kind, of.from_account, of.to_account, of.number).where(
                of.move_id == move_id, of.campaign == stored.campaign, of.cycle == stored.cycle
            )
        ).one_or_none()
        if been is None:
            raise UsageError(f"没有更正：这一轮没有第 {move_id} 条登记")
        if been.kind == "correction":
            raise UsageError("没有更正：更正本身不能再更正；请按正确的情况重新登记")
        _refuse_others(who, been.from_account, been.to_account)
        gone = conn.scalar(sa.select(sa.func.coalesce(sa.func.sum(of.number), 0)).where(of.corrects == move_id)) or 0
        rest = been.number - int(gone)
        if not 1 <= (number or rest) <= rest:
            raise UsageError(f"没有更正：这一条还可以冲回的是 {rest} 份")
        row = {"kind": "correction", "from_account": been.to_account, "to_account": been.from_account,
               "number": number or rest, "note": reason, "corrects": move_id}  # fmt: skip
        return _write(conn, stored, who, row)


def is_open(conn: sa.Connection, campaign: str, cycle: str) -> bool:
    """Whether the round takes entries: one of its lists is not over, or none was closed."""
    of = target_list.c
    states = set(conn.scalars(sa.select(of.state).where(of.campaign == campaign, of.cycle == cycle)))
    return bool(states & GOING_ON) or (bool(states) and ListState.CLOSED not in states)


def _told(text: str) -> str:
    told = redact(text.strip())
    if len(told) > LONGEST:
        raise UsageError(f"没有登记：说明最多 {LONGEST} 字")
    return told


def _refuse_number(number: int) -> None:
    if not 1 <= number <= MOST:
        raise UsageError(f"没有登记：份数应为 1 到 {MOST:,} 的整数")


def _refuse_others(who: Approver, taken_from: str, brought_to: str) -> None:
    """The city's officer enters everything; a county's what lies in that county, and what goes back from it to the city."""
    if CITY_OFFICER in who.roles:
        return
    if not any(role.startswith(COUNTY_OFFICER) for role in who.roles):
        raise RefusedError("role", f"{who.name} is neither the city's officer nor a county's; 台账由市级或区县专员登记")
    own = frozenset(counties_in(who.roles))
    ends = {county_of(one) for one in (taken_from, brought_to) if is_place(one)}
    back = brought_to == CITY and county_of(taken_from) in own
    if not back and not ends <= own:
        raise RefusedError("scope", f"{who.name} enters what lies in that county alone")


def _open_round(conn: sa.Connection, list_id: int) -> Stored:
    """The list by whose round the entry is, which nobody closes until the transaction ends."""
    stored = lists.find(conn, list_id)
    lists.serialize(conn, stored.passport["purpose"], stored.cycle)
    hold(conn, stock_lock(stored.campaign, stored.cycle))
    if not is_open(conn, stored.campaign, stored.cycle):
        raise ConflictError("没有登记：这一轮已经办结，台账不再变动")
    return stored


def _refuse_unknown(conn: sa.Connection, office: Office, stored: Stored, entry: Entry) -> None:
    known = county_names(conn, office.settings.area)
    for account in (entry.taken_from, entry.brought_to):
        county, named = county_of(account), station_of(account)
        if county is not None and county not in known:
            raise UsageError("没有登记：没有这个区县；请用今天的区划代码")
        if named is not None and not _is_station(conn, stored, named):
            raise UsageError("没有登记：名单和站点登记表中都没有这个站点；请核对单位、区县和站点名称")


def _is_station(conn: sa.Connection, stored: Stored, named: tuple[str, str, str]) -> bool:
    partner, county, name = named
    of, row, place = target_list.c, target_row.c, station.c
    on_list = sa.exists().where(
        row.list_id == of.list_id, of.campaign == stored.campaign, of.cycle == stored.cycle, row.selected,
        row.partner == partner, row.county == county, row.station == name,
    )  # fmt: skip
    listed = sa.exists().where(place.partner == partner, place.county == county, place.name == name)
    return bool(conn.scalar(sa.select(sa.or_(on_list, listed))))


def _write(conn: sa.Connection, stored: Stored, who: Approver, row: dict[str, object]) -> int:
    try:
        with conn.begin_nested():
            number = conn.execute(
                stock_move.insert().values(made_at=sa.func.clock_timestamp()).returning(stock_move.c.move_id),
                {"campaign": stored.campaign, "cycle": stored.cycle, "made_by": who.name, **row},
            ).scalar_one()
    except IntegrityError as error:
        if getattr(getattr(error.orig, "diag", None), "constraint_name", None) != "stock_left":
            raise
        raise ConflictError("没有登记：转出的地方没有这么多；请先登记收到的，或核对份数") from None
    audit(
        conn, "decision", f"list:{stored.list_id}", actor=who.name, reason=str(row.get("note", "")),
        details={"stock": row["kind"], "move": number, "number": row["number"]},
    )  # fmt: skip
    return int(number)
