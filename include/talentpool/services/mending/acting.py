"""Do something about a row that was set aside: correct a cell, take the row as it is, or return it to the partner.

A correction is tried first: what would be set aside for a new reason is refused. Then it is written down for the partner's
next rosters, and the row comes in at once by a delivery of its own, through the same rules (docs/adr/0103).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa

from talentpool import mend
from talentpool.acquire import load_partner
from talentpool.conform.rows.remembered import (
    Word,
    compared,
    hasher,
    hold_to,
    put_in_row,
    remembered,
    row_hash,
    said_hash,
)
from talentpool.declare import Partner
from talentpool.deliveries.delivery_state import State
from talentpool.errors import ConflictError, UsageError
from talentpool.guard.audit import audit_apart
from talentpool.guard.duties import check_duty
from talentpool.locks import GLOBAL_LOCK, hold
from talentpool.match import match
from talentpool.mend import Row
from talentpool.model import remembered_value, source_record
from talentpool.office import Office
from talentpool.services.mending.act import (
    Act,
    Done,
    WorseError,
    check_place,
    check_said,
    check_words,
    found_waiting,
    in_words,
    put_on_record,
    refuse_conflict,
    sender_of,
)
from talentpool.services.mending.allowed import (
    correctable,
    is_of,
    releasable,
    why_not_corrected,
    why_not_released,
)
from talentpool.services.mending.rows import Place, Waiting
from talentpool.services.mending.standing import DUTY, Fresh, keep, reopen
from talentpool.services.rights.registering import REGISTER
from talentpool.texts.reasons import reasons
from talentpool.texts.redact import redact

NOBODY = "nobody_accepted"
NO_FILE = "这份名册的原始文件已按保留期删除，不能再据以更正；请退回合作单位，由下一份名册更正"
FOR_THE_CITY = frozenset({"withdrawn", "withdrawn_doubtful"})
"""Codes of which a county's officer is not told."""


def correct(office: Office, place: Place, field: str, value: str, act: Act) -> Done:
    """Put `value` in place of what the partner says in `field` of a row that was set aside, now and in its next rosters.

    Raises:
        UsageError: the row waits no more, is not to be corrected so, or says the same already; its file is gone.
        WorseError: it would be set aside for another reason.
        ReplacesError: somebody else's correction of this field holds, and `act` does not say that it replaces it.
        RefusedError: another county's (code `scope`), or not by this officer (`role`).
    """
    check_words(act, field, value)
    one, partner = _row(office, place, act)
    if not correctable(one.codes, city=act.counties is None):
        raise UsageError(why_not_corrected(one.codes))
    row = mend.read_row(office, partner, place.delivery_id, row_no=place.row_no)
    if row is None or row.record != one.record:
        raise UsageError(NO_FILE)
    return _correct(office, partner, row, _Asked(one.county, one.codes, field, value.strip()), act)


def correct_record(office: Office, record: UUID, field: str, value: str, act: Act) -> Done:
    """The same for a row that was accepted, as its person asked: read from the partner's newest roster that names it."""
    check_words(act, field, value)
    live = source_record
    with office.engine.connect() as conn:
        check_duty(conn, act.by, REGISTER)
        of = conn.execute(sa.select(live.c.partner, live.c.county).where(live.c.record_id == record)).one_or_none()
        if of is None:
            raise UsageError("名册中已没有这条记录，不能更正；请核对申请")
        check_place(conn, act, of.county)
    partner = load_partner(office.settings.partner_dirs, of.partner)
    row, newest = (mend.newest_row(office, partner, record, own=own) for own in (True, False))
    if row is None or newest is None:
        raise UsageError("含有此人的名册原始文件已按保留期删除；请等该单位下一份名册到达后再办理")
    return _correct(office, partner, row, _Asked(of.county, (), field, value.strip(), newest.cells), act)


def release(office: Office, place: Place, act: Act) -> Done:
    """Take a row as it is, for the codes it was set aside for, now and as long as the partner's row stays the same.

    Raises what correct() raises; never for an age below 16, nor for what was refused.
    """
    check_said(act)
    one, partner = _row(office, place, act)
    if not releasable(one.codes):
        raise UsageError(why_not_released(one.codes))
    row = mend.read_row(office, partner, place.delivery_id, row_no=place.row_no)
    if row is None or row.record != one.record:
        raise UsageError(NO_FILE)
    cells, _ = _as_it_stands(office, partner, row)
    said = row_hash(hasher(office.keys), row.record.bytes, cells)
    fresh = Fresh(partner.code, row, one.county, "", said, None, act.by, redact(act.reason), one.codes)
    return _take(office, partner, fresh, cells, act, "released")


def give_back(office: Office, place: Place, act: Act) -> None:
    """The row is the partner's to correct; it waits until a newer roster of the partner's comes."""
    check_said(act)
    with office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK)
        check_duty(conn, act.by, DUTY)
        one = found_waiting(conn, office, place, act)
        put_on_record(conn, office, place, one.county, one.record, act, "returned")


@dataclass(frozen=True, repr=False)
class _Asked:
    county: str | None
    codes: tuple[str, ...]
    field: str
    value: str
    cells: dict[str, str] | None = None
    """What stands of an accepted row, where an officer's file has changed it since the partner's own."""


def _correct(office: Office, partner: Partner, row: Row, asked: _Asked, act: Act) -> Done:
    before, taken = _as_it_stands(office, partner, row, asked.cells)
    if compared(before[asked.field]) == compared(asked.value):
        raise UsageError("填写的内容与现在的相同，没有更正；请核对字段和内容")
    _check_replaces(office, partner.code, row.record, asked.field, act)
    hashed, after = hasher(office.keys), before | {asked.field: asked.value}
    then = taken and replace(taken, said=row_hash(hashed, row.record.bytes, after))
    _check_no_worse(office, partner, row, ((before, taken), (after, then)), asked, act)
    fresh = Fresh(
        partner.code, row, asked.county, asked.field, said_hash(hashed, row.record.bytes, asked.field, row.cells), asked.value,
        act.by, redact(act.reason), request_id=act.request_id,
    )  # fmt: skip
    done = _take(office, partner, fresh, after, act, "corrected", then)
    new = set(done.codes) - set(asked.codes)
    if done.outcome == "waits" and (new or not asked.codes):  # somebody withdrew in between
        _forget(office, done, taken)
        raise _worse(new, act)
    return done


def _worse(codes: set[str], act: Act) -> WorseError:
    """What is said of a row that would be set aside for these codes: a county's officer is not told who withdrew."""
    shown = codes if act.counties is None else codes - FOR_THE_CITY
    return WorseError(f"没有更正：{in_words(shown) or '这一行须由市级专员核实，请联系市级专员'}", shown)


def _take(
    office: Office,
    partner: Partner,
    fresh: Fresh,
    cells: dict[str, str],
    act: Act,
    what: str,
    taken: Word | None = None,
) -> Done:
    """Write the word down and land the row in one transaction; then take it through. `taken`: the word by which the row was
    taken as it is, held to the row as it is now."""
    place = Place(fresh.row.delivery_id, fresh.row.row_no)
    with office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK)
        check_duty(conn, act.by, DUTY)
        if act.request_id is None:
            found_waiting(conn, office, place, act)
        elif conn.scalar(sa.select(~sa.exists().where(source_record.c.record_id == fresh.row.record))):
            raise ConflictError("名册中已没有这条记录，不能更正；请核对申请")
        refuse_conflict(conn, partner.code, fresh.row.record, fresh.field, act)
        number = keep(conn, office.keys, fresh)
        hold_to(conn, taken)
        brought = mend.bring(office, partner, fresh.row, cells, sender_of(conn, office, act), conn=conn)
        put_on_record(
            conn, office, place, fresh.county, fresh.row.record, act, what, field=fresh.field, value_id=number
        )
    ended = mend.take_in(office, partner, brought)
    if (
        ended.status == State.PUBLISHED and ended.accepted
    ):  # the row of who withdrew is refused, and nothing else is wrong
        match(office.engine, office.keys)
        return Done("taken", (), number)
    known = reasons()
    codes = [code for code in ended.reasons if code in known and known[code].outcome in ("quarantined", "refused")]
    return Done("waits", tuple(sorted(codes)), number)


def _forget(office: Office, done: Done, taken: Word | None) -> None:
    value = remembered_value
    ended = {"ended_at": sa.func.now(), "end_cause": "ended", "ended_by": "not taken in"}
    with office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK)
        conn.execute(value.update().where(value.c.value_id == done.value_id, value.c.ended_at.is_(None)).values(ended))
        reopen(conn, done.value_id)
        hold_to(conn, taken)


def _as_it_stands(
    office: Office, partner: Partner, row: Row, newer: dict[str, str] | None = None
) -> tuple[dict[str, str], Word | None]:
    """The row's cells, or `newer` ones, with what holds for them in place; the word by which that row is taken as it is."""
    cells = dict(newer or row.cells)
    with office.engine.connect() as conn:
        known = remembered(conn, office.keys, partner.code, delta=False)
    words, hashed = known.words.get(row.record.bytes, ()), hasher(office.keys)
    put_in_row(cells, row.record.bytes, [one for one in words if one.field], known)
    said = row_hash(hashed, row.record.bytes, cells)
    return cells, next((one for one in words if not one.field and one.said == said), None)


def _check_no_worse(
    office: Office,
    partner: Partner,
    row: Row,
    cells: Iterable[tuple[dict[str, str], Word | None]],
    asked: _Asked,
    act: Act,
) -> None:
    with office.engine.connect() as conn:
        sender = sender_of(conn, office, act)
    before, after = (mend.faults_of(office, partner, row, each, sender, taken) for each, taken in cells)
    new = after - before - set(asked.codes) - {NOBODY}
    if act.counties is not None and new & FOR_THE_CITY:
        with office.engine.connect() as conn:  # who tries whom values fit is on record
            audit_apart(conn, "refused", f"record:{row.record}", actor=act.by, reason=redact(act.reason.strip()),
                        scope=office.settings.area, details={"field": asked.field, "refused": "withdrawn"})  # fmt: skip
        raise _worse(new, act)
    if new:
        raise WorseError(f"没有更正：更正之后这一行会因新的原因被隔离：{in_words(new)}", new)
    same = {code for code in after & (before | set(asked.codes)) if is_of(code, asked.field)}
    if same:
        raise WorseError(f"没有更正：更正后的内容仍有同样的问题：{in_words(same)}", same)


def _check_replaces(office: Office, partner: str, record: UUID, field: str, act: Act) -> None:
    with office.engine.connect() as conn:
        refuse_conflict(conn, partner, record, field, act)


def _row(office: Office, place: Place, act: Act) -> tuple[Waiting, Partner]:
    with office.engine.connect() as conn:
        check_duty(conn, act.by, DUTY)
        one = found_waiting(conn, office, place, act)
    return one, load_partner(office.settings.partner_dirs, one.partner)
