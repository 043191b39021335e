"""Do something about a row that was set aside: correct a cell, take the row as it is, or return it to the partner.

A correction is tried first: what would be set aside for a new reason is refused. Then it is written down for the partner's
next rosters, and the row comes in at once by a delivery of its own, through the same rules (docs/adr/0103): the partner's row
again, read with what is remembered by now. Word and row are one transaction (docs/adr/0112).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa

from talentpool import mend
from talentpool.acquire import load_partner
from talentpool.conform.rows.remembered import (
    Word,
    hasher,
    put_in_row,
    remembered,
    row_hash,
    said_hash,
)
from talentpool.conform.rows.whose import Then, compared, same_person
from talentpool.declare import Partner
from talentpool.deliveries.delivery_state import State
from talentpool.deliveries.remembered_marks import PUT_IN
from talentpool.errors import ConflictError, UsageError
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
    FOR_THE_CITY,
    correctable,
    is_of,
    releasable,
    why_not_corrected,
    why_not_released,
)
from talentpool.services.mending.limit import count_one, trying
from talentpool.services.mending.rows import Place, Waiting, set_aside_for
from talentpool.services.mending.standing import DUTY, Fresh, keep
from talentpool.services.rights import journal
from talentpool.services.rights.registering import REGISTER
from talentpool.texts.redact import redact

NOBODY = "nobody_accepted"
NO_FILE = "这份名册的原始文件已按保留期删除，不能再据以更正；请退回合作单位，由下一份名册更正"


def correct(office: Office, place: Place, field: str, value: str, act: Act) -> Done:
    """Put `value` in place of what the partner says in `field` of a row that was set aside, now and in its next rosters.

    Raises:
        UsageError: the row waits no more, is not to be corrected so, or says the same already; its file is gone.
        WorseError: it would be set aside for another reason.
        ReplacesError: somebody else's correction of this field holds, and `act` does not say that it replaces it.
        RefusedError: another county's (code `scope`), or not by this officer (`role`).
    """
    value = check_words(act, field, value)
    one, partner = _row(office, place, act)
    if not correctable(one.codes, city=act.counties is None):
        raise UsageError(why_not_corrected(one.codes))
    row = mend.read_row(office, partner, place.delivery_id, row_no=place.row_no)
    if row is None or row.record != one.record:
        raise UsageError(NO_FILE)
    return _correct(office, partner, row, _Asked(one.county, one.codes, field, value), act)


def correct_record(office: Office, record: UUID, field: str, value: str, act: Act) -> Done:
    """The same for a row that was accepted, as its person asked: read from the partner's newest roster that names it."""
    value = check_words(act, field, value)
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
    return _correct(office, partner, row, _Asked(of.county, (), field, value, newest.cells), act)


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
    with office.engine.connect() as conn:
        stands = _as_it_stands(conn, office, partner, row)
    said = row_hash(hasher(office.keys), row.record.bytes, row.cells)
    fresh = Fresh(partner.code, row, one.county, "", said, None, act.by, redact(act.reason), one.codes)
    return _take(office, partner, fresh, stands, act, "released")


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


@dataclass(frozen=True, repr=False)
class _Stands:
    """A row as it stands: its cells with what holds for them in place, all words on it, and that by which it is taken as it
    is, held to these cells. `given`: as it was delivered."""

    cells: dict[str, str]
    given: dict[str, str]
    words: tuple[Word, ...]
    taken: Word | None


def _correct(office: Office, partner: Partner, row: Row, asked: _Asked, act: Act) -> Done:
    with office.engine.connect() as conn:
        stands = _as_it_stands(conn, office, partner, row, asked.cells)
        _check_other(conn, partner.code, row.record, asked, stands, act)
    hashed, after = hasher(office.keys), stands.cells | {asked.field: asked.value}
    then = stands.taken and replace(stands.taken, said=row_hash(hashed, row.record.bytes, after))
    with trying(office, act):
        _check_no_worse(office, partner, row, ((stands.cells, stands.taken), (after, then)), asked, act)
    said = said_hash(hashed, row.record.bytes, asked.field, row.cells)
    fresh = Fresh(
        partner.code, row, asked.county, asked.field, said, asked.value, act.by, redact(act.reason), request_id=act.request_id,
    )  # fmt: skip
    theirs = same_person(Then(row.cells), stands.given, asked.field, delta=False)
    if not theirs or said_hash(hashed, row.record.bytes, asked.field, stands.given) != said:
        stands = replace(stands, given=stands.given | {asked.field: asked.value})  # the word would not be put in there
    return _take(office, partner, fresh, stands, act, "corrected", asked.codes)


def _check_other(conn: sa.Connection, partner: str, record: UUID, asked: _Asked, stands: _Stands, act: Act) -> None:
    """What stands already is no correction, unless somebody corrected this field before: the row may have been left by them."""
    value = remembered_value
    before = sa.exists().where(value.c.partner == partner, value.c.record_id == record, value.c.field == asked.field)
    if compared(stands.cells[asked.field]) == compared(asked.value) and not conn.scalar(sa.select(before)):
        raise UsageError("填写的内容与现在的相同，没有更正；请核对字段和内容")
    refuse_conflict(conn, partner, record, asked.field, act)


def _worse(codes: set[str], act: Act) -> WorseError:
    """What is said of a row that would be set aside for these codes: a county's officer is not told who withdrew."""
    shown = codes if act.counties is None else codes - FOR_THE_CITY
    return WorseError(f"没有更正：{in_words(shown) or '这一行须由市级专员核实，请联系市级专员'}", shown)


def _take(
    office: Office, partner: Partner, fresh: Fresh, stands: _Stands, act: Act, what: str, before: Collection[str] = (),
) -> Done:  # fmt: skip
    """Write the word down and take the row in, in one transaction that holds the locks of a publication: nobody sees one
    without the other, and neither is left when it ends midway. `before`: for what the row was set aside."""
    place, record = Place(fresh.row.delivery_id, fresh.row.row_no), fresh.row.record
    with mend.publishing(office, partner) as conn:
        check_duty(conn, act.by, DUTY)
        if act.request_id is None:
            found_waiting(conn, office, place, act)
        elif conn.scalar(sa.select(~sa.exists().where(source_record.c.record_id == record))):
            raise ConflictError("名册中已没有这条记录，不能更正；请核对申请")
        elif journal.entry(conn, act.request_id, act.counties).state != "verified":
            raise ConflictError("这件申请刚刚已办结或撤销；请刷新页面")
        refuse_conflict(conn, partner.code, record, fresh.field, act)
        if _words(conn, office, partner, record) != stands.words:
            raise ConflictError("没有执行：刚刚有他人更正或收下了这一行；请刷新后再看，仍需更正的请再提交一次")
        number = keep(conn, office.keys, fresh)
        ended = mend.bring_in(conn, office, partner, fresh.row, stands.given, sender_of(conn, office, act))
        live = ended.status == State.PUBLISHED and ended.accepted  # else set aside, or refused: of who withdrew
        done = Done("taken", (), number) if live else Done("waits", set_aside_for(ended.reasons), number)
        new = set(done.codes) - set(before)
        if done.outcome == "waits" and what == "corrected" and (new or not before):  # somebody withdrew in between
            raise _worse(new, act)
        put_on_record(conn, office, place, fresh.county, record, act, what, field=fresh.field, value_id=number)
        if act.request_id is not None:
            journal.close_request(conn, act.request_id, {"remembered": number, "field": fresh.field})
    if done.outcome == "taken":
        match(office.engine, office.keys)
    return done


def _words(conn: sa.Connection, office: Office, partner: Partner, record: UUID) -> tuple[Word, ...]:
    return tuple(remembered(conn, office.keys, partner.code, delta=False).words.get(record.bytes, ()))


def _as_it_stands(
    conn: sa.Connection, office: Office, partner: Partner, row: Row, newer: dict[str, str] | None = None
) -> _Stands:
    """The row's cells, or `newer` ones, with what holds for them in place."""
    given = dict(newer or row.cells)
    known = remembered(conn, office.keys, partner.code, delta=False)
    words, hashed, cells = tuple(known.words.get(row.record.bytes, ())), hasher(office.keys), dict(given)
    marks, _ = put_in_row(cells, row.record.bytes, words, known)
    taken = next((one for one in words if not one.field and f"{PUT_IN}{one.number}" in marks), None)
    return _Stands(cells, given, words, taken and replace(taken, said=row_hash(hashed, row.record.bytes, cells)))


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
    new = after - before - set(asked.codes) - {NOBODY} - mend.READ_AMISS
    if act.counties is not None and new & FOR_THE_CITY:
        count_one(office, row.record, asked.field, act)
        raise _worse(new, act)
    if new:
        raise WorseError(f"没有更正：更正之后这一行会因新的原因被隔离：{in_words(new)}", new)
    amiss = {code for code in after & mend.OF_ITS_FIELD if is_of(code, asked.field)} | (
        after - before
    ) & mend.OF_ANY_FIELD
    if amiss:
        raise WorseError(f"没有更正：填写的内容不能照原样读取：{in_words(amiss)}", amiss)
    same = {code for code in after & (before | set(asked.codes)) if is_of(code, asked.field)}
    if same:
        raise WorseError(f"没有更正：更正后的内容仍有同样的问题：{in_words(same)}", same)


def _row(office: Office, place: Place, act: Act) -> tuple[Waiting, Partner]:
    with office.engine.connect() as conn:
        check_duty(conn, act.by, DUTY)
        one = found_waiting(conn, office, place, act)
    return one, load_partner(office.settings.partner_dirs, one.partner)
