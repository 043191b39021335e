"""Take what came back of a list: a sheet, "all received but these", or a correction by an officer. Whole or not at all.

Every word is an entry of its own and none is changed: what stands of a row follows from the set of its entries
(standing.py), so sheets may come in any order, twice, and two at once.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from talentpool.campaigns import lists
from talentpool.campaigns.life.approver import Approver
from talentpool.campaigns.life.states import FROZEN, STATE_WORDS, ListState
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.receipts.annotated import annotated
from talentpool.campaigns.receipts.beside import held_elsewhere
from talentpool.campaigns.receipts.entry import Entry
from talentpool.campaigns.receipts.judging import WITHDREW, Fault, Window, is_kept, judge, plain_id
from talentpool.campaigns.receipts.keeping import keep
from talentpool.campaigns.receipts.outcomes import COUNTED_ONLY, HANDED_OUT, OUTCOME_WORDS, Outcome
from talentpool.campaigns.receipts.reading import DAY, OUTCOME, ROW_ID, SPARE, Line, Written, read_sheet
from talentpool.campaigns.receipts.standing import known_rows
from talentpool.campaigns.selection.row_ids import ROW_ALPHABET
from talentpool.campaigns.withdrawn import withdrawn_rows
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard.scope import counties_in
from talentpool.model import receipt, target_list, target_row
from talentpool.office import Office
from talentpool.texts.redact import redact

CITY_OFFICER, COUNTY_OFFICER = "city_officer", "county_officer_"
LONGEST = 500
"""Characters of a reason."""
BLANK = 20
"""Lines more than the people and a fifth that a sheet may have, read for a list that was not known before."""
_FORM = re.compile(rf"[{ROW_ALPHABET}]{{4}}-[{ROW_ALPHABET}]{{5}}")


@dataclass(frozen=True, repr=False)
class Returned:
    """What came of a receipt. `taken`: rows it told something new of; `known`: it said what stood already; `blank`: nothing was
    filled in. `faults`: code -> lines; `told`: (sheet, row, fault) of each;
    `sheet`: the very sheet with each fault beside its line."""

    receipt_id: int
    list_id: int
    rows: int
    taken: int
    known: int
    blank: int
    faults: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    told: tuple[tuple[str, int, Fault], ...] = ()
    sheet: bytes | None = None

    def as_json(self) -> dict[str, Any]:
        names = ("receipt_id", "list_id", "rows", "taken", "known", "blank", "faults", "notes")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Bearer:
    """Who brings a sheet, by the name that goes on record. `theirs`: what rows must meet of which the sheet may speak; `once`:
    the same bytes again are no receipt of their own."""

    name: str
    theirs: tuple[sa.ColumnElement[bool], ...] = ()
    once: bool = False


@dataclass(frozen=True)
class Share:
    """Which rows of a list somebody speaks for at once."""

    county: str
    partner: str | None = None
    station: str | None = None


def take(office: Office, list_id: int, data: bytes, who: Approver, *, name: str, today: date, via: str) -> Returned:
    """Take the rows of a sheet that are right, and give the others back.

    Args:
        who: a city officer, or a county's for the rows of that county; a command speaks for the whole office.
        name: of the file, for what is said about it; it is stored nowhere.
        via: page or command, for the record.

    Raises:
        RejectedError: the bytes are no workbook to open, or hold more rows than the list and a fifth.
        UsageError: the sheet is of another list or of a list that was voided; the list is no list that takes receipts.
        ConflictError: it is closed.
        RefusedError: neither the city's officer nor a county's.
    """
    counties = speaks_for(who)
    with office.engine.connect() as conn:
        people = lists.find(conn, list_id).selected
    written = read_sheet(data, name, people)
    theirs = () if counties is None else (target_row.c.county.in_(counties),)
    sha256 = hashlib.sha256(data).hexdigest()
    return take_written(office, list_id, written, Bearer(who.name, theirs), sha256=sha256, today=today, via=via)


def take_written(
    office: Office, list_id: int, written: Written, bearer: Bearer, *, sha256: str, today: date, via: str
) -> Returned:
    """The same of a sheet that was read. UsageError also where it has more lines than its list and a fifth."""
    with office.engine.begin() as conn:
        stored = open_for_receipts(conn, list_id)
        refuse_other(written, stored, conn)
        if bearer.once and len(written.lines) > stored.selected * (1 + SPARE) + BLANK:
            raise UsageError(f"表中的行比名单 {list_id} 的人多出五分之一以上，没有登记；请用下发的原表")
        known = known_rows(conn, list_id, *bearer.theirs)
        named = {plain_id(line[ROW_ID]) for line in written.lines} & set(known)
        gone, beside = withdrawn_rows(conn, list_id, named), held_elsewhere(conn, stored, only=named)
        window = replace(window_of(stored, today), elsewhere=beside, withdrawn=gone)
        entries, faults, counts = judge(written.lines, known, window)
        told, names = Counter(fault.code for _, fault in faults), {tab.place: tab.name for tab in written.tabs}
        number = _before(conn, stored, bearer, sha256) if bearer.once and not entries else None
        if number is None:
            number = keep(
                conn, stored, bearer.name, [entry for _, entry in entries], via=via,
                facts={"sha256": sha256, "lines": len(written.lines), "faults": dict(told)},
            )  # fmt: skip
        return Returned(
            number, list_id, len(written.lines), len(entries), counts["known"], counts["blank"], dict(told),
            {code: count for code, count in (*written.notes.items(), ("handed_withdrawn", counts["withdrawn"])) if count},
            tuple((names.get(line.sheet, ""), line.row, fault) for line, fault in faults),
            annotated(written, faults, stored) if faults else None,
        )  # fmt: skip


def _before(conn: sa.Connection, stored: Stored, bearer: Bearer, sha256: str) -> int | None:
    """The receipt of these very bytes by the same bearer, where there is one: what it told stands already."""
    of = receipt.c
    same = (of.list_id == stored.list_id, of.received_by == bearer.name, of.sha256 == sha256)
    return conn.scalar(sa.select(of.receipt_id).where(*same).limit(1))


def take_all_but(
    office: Office, list_id: int, share: Share, but: Iterable[str], who: Approver, *, on_day: date | None, today: date
) -> Returned:
    """All rows of a share were received but `but`, which were not: for whoever has the paper alone.

    It says of each row what a sheet would, and the strongest word stands, so paper and sheets may come in any order. `told`: (row
    id, 0, fault) of each row that stands otherwise and that the paper cannot change, as what was received and is named here.
    UsageError names row ids that are not of the share.
    """
    counties = speaks_for(who)
    if counties is not None and share.county not in counties:
        raise RefusedError("scope", f"county {share.county} is not {who.name}'s")
    absent = {plain_id(one) for one in but}
    with office.engine.begin() as conn:
        stored = open_for_receipts(conn, list_id)
        window = window_of(stored, today)
        if on_day is not None and not window.first <= on_day <= window.last:
            raise UsageError(f"领取日期应在 {window.first} 到 {window.last} 之间，没有登记")
        rows = _rows_of(conn, list_id, share)
        strange = sorted(absent - set(rows))
        if not rows or strange:
            seen = [one for one in strange if _FORM.fullmatch(one)]
            why = f"有 {len(strange)} 处不是这一部分的行号{'：' if seen else ''}{'、'.join(seen[:10])}"
            why = why if strange else "名单的这一部分没有人"
            raise UsageError(f"没有登记：{why}；请对照下发的表核对")
        known = known_rows(conn, list_id, target_row.c.county == share.county)
        gone = withdrawn_rows(conn, list_id, rows)
        window = replace(window, elsewhere=held_elsewhere(conn, stored, only=rows), withdrawn=gone)
        taken, faults, _ = judge([_on_paper(row_id, row_id in absent, on_day) for row_id in rows], known, window)
        against = [(line[ROW_ID], 0, fault) for line, fault in faults if _is_told(line, fault, known[line[ROW_ID]])]
        codes = dict(Counter(fault.code for *_, fault in against))
        number = keep(
            conn, stored, who.name, [entry for _, entry in taken], via="all_but",
            facts={"lines": len(rows), "faults": codes},
        )  # fmt: skip
        settled = len(rows) - len(taken) - len(against)
        return Returned(number, list_id, len(rows), len(taken), settled, 0, codes, told=tuple(against))


def _on_paper(row_id: str, absent: bool, on_day: date | None) -> Line:
    said = {ROW_ID: row_id, OUTCOME: OUTCOME_WORDS[Outcome.NONE if absent else Outcome.FULL]}
    if on_day is not None and not absent:
        said[DAY] = on_day.isoformat()
    return Line(0, 0, said, frozenset(), hidden=False, implied=True)


def _is_told(line: Line, fault: Fault, stands: Entry | None) -> bool:
    """Whether who reads the paper must hear of it: to a row without a signature, nothing but that it stands as received, or is of
    somebody who withdrew."""
    signed = line[OUTCOME] == OUTCOME_WORDS[Outcome.FULL]
    return signed or fault.code == WITHDREW or (stands is not None and stands.outcome in HANDED_OUT)


def correct(
    office: Office, list_id: int, row_id: str, outcome: Outcome, who: Approver, *,
    reason: str, today: date, delivered: int | None = None, on_day: date | None = None,
) -> Entry:  # fmt: skip
    """An officer says what is right of a row, against whatever sheets said or will say; on a closed list, too.

    Raises:
        UsageError: no reason, no such row among the officer's, or a number or day that cannot be.
    """
    counties, reason = speaks_for(who), redact(reason.strip())
    if not reason or len(reason) > LONGEST:
        raise UsageError(f"请写明更正的理由（不超过 {LONGEST} 字，不写姓名和号码）")
    with office.engine.begin() as conn:
        stored = open_for_receipts(conn, list_id, closed=True)
        window, row_id = window_of(stored, today), plain_id(row_id)
        theirs = () if counties is None else (target_row.c.county.in_(counties),)
        known = known_rows(conn, list_id, *theirs, only=[row_id])
        if row_id not in known:
            raise UsageError("这份名单中没有您负责的这一行，没有更正；请核对行号")
        count = (window.entitled if outcome in HANDED_OUT else 0) if delivered is None else delivered
        fits = count == window.entitled if outcome == Outcome.FULL else (outcome in HANDED_OUT) == (count > 0)
        if not 0 <= count <= window.entitled or not fits:
            raise UsageError(f"数量与结果矛盾，或超过每人 {window.entitled} 份，没有更正")
        if on_day is not None and not window.first <= on_day <= window.last:
            raise UsageError(f"领取日期应在 {window.first} 到 {window.last} 之间，没有更正")
        other = held_elsewhere(conn, stored, received=True, only=[row_id]).get(row_id)
        if other is not None and outcome in HANDED_OUT:
            raise UsageError(f"此人已在本轮名单 {other} 上登记领取，没有更正；请先更正那一行")
        entry = Entry(row_id, outcome, count, on_day, correction=True)
        if withdrawn_rows(conn, list_id, [row_id]) and not is_kept(entry, known[row_id]):
            raise UsageError("此人的信息已停止使用，没有更正；只能登记确已发放的，或改正登记错了的领取")
        keep(conn, stored, who.name, [entry], via="correction", facts={"lines": 1, "faults": {}}, reason=reason)
        return entry


def speaks_for(who: Approver) -> frozenset[str] | None:
    """For whose rows somebody may speak; None = everybody's."""
    if CITY_OFFICER in who.roles:
        return None
    own = (
        frozenset(counties_in(who.roles)) if any(role.startswith(COUNTY_OFFICER) for role in who.roles) else frozenset()
    )
    if not own:
        raise RefusedError("role", f"{who.name} is neither the city's officer nor a county's; 回执由市级或区县专员登记")
    return own


def open_for_receipts(conn: sa.Connection, list_id: int, *, closed: bool = False) -> Stored:
    """The list, which nobody else changes until the transaction ends."""
    stored = lists.find(conn, list_id)
    lists.serialize(conn, stored.passport["purpose"], stored.cycle)
    stored = lists.find(conn, list_id)
    word = STATE_WORDS[stored.state]
    if stored.state == ListState.CLOSED and not closed:
        raise ConflictError(f"名单 {list_id} {word}，不再接收回执；迟到的回执请逐行更正，并写明理由")
    if stored.state not in FROZEN:
        raise UsageError(f"名单 {list_id} {word}，没有登记：只有锁定后下发的名单接收回执")
    if stored.passport.get("form", "kit") in COUNTED_ONLY:
        raise UsageError(f"名单 {list_id} 是场次活动，只登记到场人数，不登记谁到场；没有登记")
    return stored


def refuse_other(written: Written, stored: Stored, conn: sa.Connection) -> None:
    """A sheet of another list, or of rows that are not these any more, is nobody's receipt."""
    others = written.numbers - {stored.list_id}
    if others:
        other = min(others)
        state = conn.scalar(sa.select(target_list.c.state).where(target_list.c.list_id == other))
        void = "（已作废，不能再用）" if state == ListState.VOID else ""
        raise UsageError(f"这张表是名单 {other} 的{void}，不是名单 {stored.list_id} 的；没有登记，请上传对应的表")
    if written.hashes - {stored.content_hash[:12]}:
        raise UsageError(
            f"这张表的校验值与名单 {stored.list_id} 不符，可能是锁定前的草稿；没有登记，请用锁定后下发的表"
        )


def window_of(stored: Stored, today: date) -> Window:
    """On which days the list can have been handed out, and how many one person gets."""
    return Window(stored.as_of, max(today, stored.as_of), int(stored.passport.get("per_person", 1)))


def _rows_of(conn: sa.Connection, list_id: int, share: Share) -> list[str]:
    row = target_row.c
    query = sa.select(row.row_id).where(
        row.list_id == list_id, row.selected, row.county == share.county, row.facts["erased"].is_(None)
    )
    if share.partner is not None:
        query = query.where(row.partner == share.partner)
    if share.station is not None:
        query = query.where(row.station == share.station)
    return list(conn.scalars(query.order_by(row.row_id)))
