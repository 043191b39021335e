"""Do something about a row that was set aside: correct a cell, take the row as it is, or return it to the partner.

A correction is tried first: what would be set aside for a new reason is refused. Then it is written down for the partner's
next rosters, and the row comes in at once by a delivery of its own, through the same rules (docs/adr/0103).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from talentpool import mend
from talentpool.acquire import load_partner
from talentpool.area import current_counties
from talentpool.conform.rows.remembered import compared, hasher, put_in_row, remembered, row_hash, said_hash
from talentpool.declare import Partner
from talentpool.deliveries.delivery_state import State
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import audit
from talentpool.guard.duties import check_county, check_duty, spelt
from talentpool.locks import GLOBAL_LOCK, hold
from talentpool.match import match
from talentpool.mend import Row, Sender
from talentpool.model import quarantine_word, remembered_value, source_record
from talentpool.office import Office
from talentpool.office_day import today_in_office
from talentpool.services.mending.allowed import (
    FIELDS,
    correctable,
    is_of,
    releasable,
    why_not_corrected,
    why_not_released,
)
from talentpool.services.mending.rows import Place, Waiting, waiting
from talentpool.services.mending.standing import DUTY, Fresh, Held, holding, keep, reopen
from talentpool.services.rights.registering import REGISTER
from talentpool.texts.reasons import reasons
from talentpool.texts.redact import redact

LONGEST = 200
NOBODY = "nobody_accepted"
NO_FILE = "这份名册的原始文件已按保留期删除，不能再据以更正；请退回合作单位，由下一份名册更正"
GONE = "这一行已不再等待：可能已由他人处理、已到期删除，或已被更新的名册取代；请刷新页面"
FOR_THE_CITY = frozenset({"withdrawn", "withdrawn_doubtful"})
"""Codes of which a county's officer is not told."""


class WorseError(UsageError):
    """The corrected row would be set aside for a reason that it did not have. `codes`: which."""

    def __init__(self, message: str, codes: Collection[str]) -> None:
        super().__init__(message)
        self.codes = tuple(sorted(codes))


class ReplacesError(ConflictError):
    """Somebody else corrected this field of this row; carries what holds. Who goes on says that it replaces that."""

    def __init__(self, message: str, held: Held) -> None:
        super().__init__(message)
        self.held = held


@dataclass(frozen=True)
class Done:
    """What became of a row: taken (it is live), or waits (still set aside, for `codes`); the word holds in both cases."""

    outcome: str
    codes: tuple[str, ...] = ()
    value_id: int | None = None


@dataclass(frozen=True)
class Act:
    """By whom, why, and for which counties (None = the whole area). `replaces`: the word that `by` knows of and replaces;
    `request_id`: the person's own request."""

    by: str
    reason: str
    counties: tuple[str, ...] | None = None
    replaces: int | None = None
    request_id: int | None = None


def correct(office: Office, place: Place, field: str, value: str, act: Act) -> Done:
    """Put `value` in place of what the partner says in `field` of a row that was set aside, now and in its next rosters.

    Raises:
        UsageError: the row waits no more, is not to be corrected so, or says the same already; its file is gone.
        WorseError: it would be set aside for another reason.
        ReplacesError: somebody else's correction of this field holds, and `act` does not say that it replaces it.
        RefusedError: another county's (code `scope`), or not by this officer (`role`).
    """
    _check_words(act, field, value)
    one, partner = _row(office, place, act)
    if not correctable(one.codes, city=act.counties is None):
        raise UsageError(why_not_corrected(one.codes))
    row = mend.read_row(office, partner, place.delivery_id, row_no=place.row_no)
    if row is None or row.record != one.record:
        raise UsageError(NO_FILE)
    return _correct(office, partner, row, _Asked(one.county, one.codes, field, value.strip()), act)


def correct_record(office: Office, record: UUID, field: str, value: str, act: Act) -> Done:
    """The same for a row that was accepted, as its person asked: read from the partner's newest roster that names it."""
    _check_words(act, field, value)
    live = source_record
    with office.engine.connect() as conn:
        check_duty(conn, act.by, REGISTER)
        of = conn.execute(sa.select(live.c.partner, live.c.county).where(live.c.record_id == record)).one_or_none()
        if of is None:
            raise UsageError("名册中已没有这条记录，不能更正；请核对申请")
        _check_place(conn, act, of.county)
    partner = load_partner(office.settings.partner_dirs, of.partner)
    row, newest = (mend.newest_row(office, partner, record, own=own) for own in (True, False))
    if row is None or newest is None:
        raise UsageError("含有此人的名册原始文件已按保留期删除；请等该单位下一份名册到达后再办理")
    return _correct(office, partner, row, _Asked(of.county, (), field, value.strip(), newest.cells), act)


def release(office: Office, place: Place, act: Act) -> Done:
    """Take a row as it is, for the codes it was set aside for, now and as long as the partner's row stays the same.

    Raises what correct() raises; never for an age below 16, nor for what was refused.
    """
    _check_said(act)
    one, partner = _row(office, place, act)
    if not releasable(one.codes):
        raise UsageError(why_not_released(one.codes))
    row = mend.read_row(office, partner, place.delivery_id, row_no=place.row_no)
    if row is None or row.record != one.record:
        raise UsageError(NO_FILE)
    cells = _as_it_stands(office, partner, row)
    said = row_hash(hasher(office.keys), row.record.bytes, cells)
    fresh = Fresh(partner.code, row, one.county, "", said, None, act.by, redact(act.reason), one.codes)
    return _take(office, partner, fresh, cells, act, "released")


def give_back(office: Office, place: Place, act: Act) -> None:
    """The row is the partner's to correct; it waits until a newer roster of the partner's comes."""
    _check_said(act)
    with office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK)
        check_duty(conn, act.by, DUTY)
        one = _found(conn, office, place, act)
        _say(conn, office, place, one.county, one.record, act, "returned")


@dataclass(frozen=True, repr=False)
class _Asked:
    county: str | None
    codes: tuple[str, ...]
    field: str
    value: str
    cells: dict[str, str] | None = None
    """What stands of an accepted row, where an officer's file has changed it since the partner's own."""


def _correct(office: Office, partner: Partner, row: Row, asked: _Asked, act: Act) -> Done:
    before = _as_it_stands(office, partner, row, asked.cells)
    if compared(before[asked.field]) == compared(asked.value):
        raise UsageError("填写的内容与现在的相同，没有更正；请核对字段和内容")
    _check_replaces(office, partner.code, row.record, asked.field, act)
    after = before | {asked.field: asked.value}
    _check_no_worse(office, partner, row, (before, after), asked, act)
    hashed = hasher(office.keys)
    fresh = Fresh(
        partner.code, row, asked.county, asked.field, said_hash(hashed, row.record.bytes, asked.field, row.cells), asked.value,
        act.by, redact(act.reason), request_id=act.request_id,
    )  # fmt: skip
    done = _take(office, partner, fresh, after, act, "corrected")
    new = set(done.codes) - set(asked.codes)
    if done.outcome == "waits" and (new or not asked.codes):  # what only the pool itself could tell
        _forget(office, done)
        shown = new if act.counties is None else new - FOR_THE_CITY
        raise WorseError(f"没有更正：{_in_words(shown) or '这一行须由市级专员核实，请联系市级专员'}", shown)
    return done


def _take(office: Office, partner: Partner, fresh: Fresh, cells: dict[str, str], act: Act, what: str) -> Done:
    """Write the word down and land the row in one transaction; then take it through."""
    place = Place(fresh.row.delivery_id, fresh.row.row_no)
    with office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK)
        check_duty(conn, act.by, DUTY)
        if act.request_id is None:
            _found(conn, office, place, act)
        elif conn.scalar(sa.select(~sa.exists().where(source_record.c.record_id == fresh.row.record))):
            raise ConflictError("名册中已没有这条记录，不能更正；请核对申请")
        _refuse_conflict(conn, partner.code, fresh.row.record, fresh.field, act)
        number = keep(conn, office.keys, fresh)
        brought = mend.bring(office, partner, fresh.row, cells, _sender(conn, office, act), conn=conn)
        _say(conn, office, place, fresh.county, fresh.row.record, act, what, field=fresh.field, value_id=number)
    ended = mend.take_in(office, partner, brought)
    if ended.status == State.PUBLISHED:
        match(office.engine, office.keys)
        return Done("taken", (), number)
    known = reasons()
    codes = [code for code in ended.reasons if code in known and known[code].outcome in ("quarantined", "refused")]
    return Done("waits", tuple(sorted(codes)), number)


def _forget(office: Office, done: Done) -> None:
    value = remembered_value
    ended = {"ended_at": sa.func.now(), "end_cause": "ended", "ended_by": "not taken in"}
    with office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK)
        conn.execute(value.update().where(value.c.value_id == done.value_id, value.c.ended_at.is_(None)).values(ended))
        reopen(conn, done.value_id)


def _as_it_stands(office: Office, partner: Partner, row: Row, newer: dict[str, str] | None = None) -> dict[str, str]:
    """The row's cells, or `newer` ones, with what holds for them in place."""
    cells = dict(newer or row.cells)
    with office.engine.connect() as conn:
        known = remembered(conn, office.keys, partner.code, delta=False)
    words = [one for one in known.words.get(row.record.bytes, ()) if one.field]
    put_in_row(cells, row.record.bytes, words, known)
    return cells


def _check_no_worse(
    office: Office, partner: Partner, row: Row, cells: tuple[dict[str, str], dict[str, str]], asked: _Asked, act: Act
) -> None:
    with office.engine.connect() as conn:
        sender = _sender(conn, office, act)
    before, after = (
        mend.faults_of(office, partner, row, each, sender, know_people=act.counties is None) for each in cells
    )
    new = after - before - set(asked.codes) - {NOBODY}
    if new:
        raise WorseError(f"没有更正：更正之后这一行会因新的原因被隔离：{_in_words(new)}", new)
    same = {code for code in after & (before | set(asked.codes)) if is_of(code, asked.field)}
    if same:
        raise WorseError(f"没有更正：更正后的内容仍有同样的问题：{_in_words(same)}", same)


def _in_words(codes: Collection[str]) -> str:
    known = reasons()
    return "；".join(f"{known[code].text_zh}（{known[code].fix_zh}）" for code in sorted(codes) if code in known)


def _check_replaces(office: Office, partner: str, record: UUID, field: str, act: Act) -> None:
    with office.engine.connect() as conn:
        _refuse_conflict(conn, partner, record, field, act)


def _refuse_conflict(conn: sa.Connection, partner: str, record: UUID, field: str, act: Act) -> None:
    for held in holding(conn, record=record, partner=partner, field=field):
        if spelt(held.decided_by) != spelt(act.by) and act.replaces != held.value_id:
            raise ReplacesError("这个字段已由他人更正；请先看对方的更正，确需以您的为准的，请勾选“替换”", held)


def _row(office: Office, place: Place, act: Act) -> tuple[Waiting, Partner]:
    with office.engine.connect() as conn:
        check_duty(conn, act.by, DUTY)
        one = _found(conn, office, place, act)
    return one, load_partner(office.settings.partner_dirs, one.partner)


def _found(conn: sa.Connection, office: Office, place: Place, act: Act) -> Waiting:
    found = waiting(conn, today_in_office(office.settings), place=place)
    if not found:
        raise ConflictError(GONE)
    _check_place(conn, act, found[0].county)
    return found[0]


def _check_place(conn: sa.Connection, act: Act, county: str | None) -> None:
    if act.counties is not None and county not in act.counties:
        raise RefusedError("scope", "the row is another county's, or of no county that is known; ask the city")
    check_county(conn, act.by, county)


def _sender(conn: sa.Connection, office: Office, act: Act) -> Sender:
    """The office's own delivery: a county's officer speaks for the county, the city's for all of them."""
    counties = act.counties if act.counties is not None else tuple(sorted(current_counties(conn, office.settings.area)))
    return Sender(act.by.strip(), tuple(counties))


def _check_said(act: Act) -> None:
    if not act.by.strip() or not act.reason.strip():
        raise UsageError("请填写理由（不要写姓名、号码）")


def _check_words(act: Act, field: str, value: str) -> None:
    _check_said(act)
    if field not in FIELDS:
        raise UsageError("请选择要更正的字段；工号、授权日期和告知版本不能在这里更正，请退回合作单位")
    if not value.strip() or len(value) > LONGEST:
        raise UsageError("请填写更正后的内容")


def _say(
    conn: sa.Connection, office: Office, place: Place, county: str | None, record: UUID, act: Act, what: str, *,
    field: str = "", value_id: int | None = None,
) -> None:  # fmt: skip
    said = {"delivery_id": place.delivery_id, "row_no": place.row_no, "county": county, "act": what, "field": field,
            "said_by": act.by.strip(), "reason": redact(act.reason.strip())}  # fmt: skip
    conn.execute(quarantine_word.insert().values(said))
    details = {"set_aside": what, "delivery": place.delivery_id, "row": place.row_no}
    more = {"field": field, "value": value_id, "request": act.request_id}
    audit(
        conn, "decision", f"record:{record}", actor=act.by, reason=redact(act.reason.strip()), scope=office.settings.area,
        details=details | {name: word for name, word in more.items() if word},
    )  # fmt: skip
