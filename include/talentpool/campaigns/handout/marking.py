"""Take what is marked at an event as a receipt: each mark judged like a line of a sheet, each key counted once.

A browser sends its queue again whenever it does not know whether it came through, so entries in any order and any number of
times must come to the same. What stands of a row follows from the set of words said of it (receipts/standing.py). What was signed
for, and what left the reserve, is known by the key that the browser drew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from talentpool.campaigns.handout.events import lasting_event
from talentpool.campaigns.handout.passes import Holder
from talentpool.campaigns.handout.reserve import walk_ins
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.receipts.beside import held_elsewhere
from talentpool.campaigns.receipts.entry import Entry
from talentpool.campaigns.receipts.judging import WITHDREW, Window, judge, plain_id
from talentpool.campaigns.receipts.keeping import keep
from talentpool.campaigns.receipts.outcomes import HANDED_OUT, OUTCOME_WORDS, Outcome
from talentpool.campaigns.receipts.reading import DAY, OUTCOME, ROW_ID, Line
from talentpool.campaigns.receipts.standing import known_rows
from talentpool.campaigns.receipts.taking import open_for_receipts, window_of
from talentpool.campaigns.withdrawn import withdrawn_rows
from talentpool.errors import ConflictError
from talentpool.guard import audit
from talentpool.handout_host.said import HANDED_GONE, OTHER_COUNTY, RESERVE_EMPTY, SIGNERS, UNSIGNED, WITHDRAWN
from talentpool.model import handout_entry, handout_event, handout_pass, receipt, receipt_row
from talentpool.office import Office

HANDED_BEFORE = "这一行此前已登记领取，没有重复计数；如果这里又发出了一份，请告诉区县专员"
MOST = 200
"""Entries of one sending."""


@dataclass(frozen=True)
class Mark:
    """What became of a row. `row_id`: '' = one of the reserve, to somebody who is on no list. `signing`: of a row that was
    handed out, under which signature, and `signer` whose: a key of SIGNERS. `county`: where it was marked, '' = here."""

    key: UUID
    row_id: str = ""
    outcome: Outcome = Outcome.FULL
    day: date | None = None
    signing: UUID | None = None
    signer: str = ""
    county: str = ""


@dataclass(frozen=True)
class Told:
    """What came of an entry. `code`: taken, known, or why not; `text`: that in words, or what to know of one that is taken."""

    key: UUID
    code: str
    text: str = ""

    @property
    def counted(self) -> bool:
        return self.code in ("taken", "known")


@dataclass
class Sent:
    """What marks come to: what each is told, and which of them are new."""

    told: dict[UUID, Told] = field(default_factory=dict)
    fresh: list[tuple[Mark, Entry]] = field(default_factory=list)
    signed: list[Mark] = field(default_factory=list)
    walked: list[Mark] = field(default_factory=list)


def take_marks(office: Office, holder: Holder, marks: Sequence[Mark], *, today: date) -> list[Told]:
    """Take the marks that are right; one answer each, in their order.

    Raises:
        ConflictError: the event, the sign-in or the list has ended meanwhile. UsageError: the list was voided.
    """
    with office.engine.begin() as conn:
        stored = open_for_receipts(conn, holder.list_id)
        event = lasting_event(conn, holder.event_id)
        of = handout_pass.c
        if conn.scalar(sa.select(of.ended_at).where(of.pass_id == holder.pass_id)) is not None:
            raise ConflictError("登录已作废，没有登记；请向专员要新的登录码")
        sent = judge_marks(conn, stored, replace(holder, reserve=event.reserve), marks, today=today)
        write_marks(conn, stored, holder, sent)
        return [sent.told[mark.key] for mark in marks]


def judge_marks(conn: sa.Connection, stored: Stored, holder: Holder, marks: Sequence[Mark], *, today: date) -> Sent:
    """What each mark comes to by all that is known now; nothing is written. `stored`: held until the transaction ends."""
    entry = handout_entry.c
    seen = set(conn.scalars(sa.select(entry.entry_key).where(entry.entry_key.in_([one.key for one in marks]))))
    rows = sorted({plain_id(mark.row_id) for mark in marks if mark.row_id})
    known = known_rows(conn, holder.list_id, *holder.rows, only=rows)
    elsewhere, before = _signed_elsewhere(conn, holder, rows), _said_before(conn, holder, marks, seen)
    gone, beside = withdrawn_rows(conn, holder.list_id, list(known)), held_elsewhere(conn, stored, only=rows)
    sent, window = Sent(), replace(window_of(stored, today), elsewhere=beside, withdrawn=gone)
    left = holder.reserve - walk_ins(conn, holder.event_id)
    for mark in marks:
        if mark.key in seen or mark.key in sent.told:
            sent.told.setdefault(mark.key, Told(mark.key, "taken"))
        elif mark.county not in ("", holder.county):
            sent.told[mark.key] = Told(mark.key, "other_county", OTHER_COUNTY)
        elif not mark.row_id:
            left = _walk_in(sent, mark, left)
        else:
            _judged(sent, mark, known, window, elsewhere)
            told = sent.told[mark.key]
            if not told.counted and mark.key in before:  # or said once more on purpose: who says it hears what stands
                sent.told[mark.key] = Told(mark.key, "known", "" if told.code == WITHDREW else told.text)
    return sent


def _said_before(conn: sa.Connection, holder: Holder, marks: Sequence[Mark], seen: Collection[UUID]) -> set[UUID]:
    """Marks of nothing handed out that an earlier sending brought, whose answer was lost: what stands now came after them.

    No key of theirs is kept. They were counted where the sending goes on with a hand-out of the row that was (`seen`), or where
    the sender said that very word of the row and handed nothing out for it since: a word after that would take something back.
    """
    rows = sorted({plain_id(mark.row_id) for mark in marks if mark.row_id and mark.outcome not in HANDED_OUT})
    of, entry, whose = receipt_row.c, handout_entry.c, handout_pass.c
    by = (receipt.c.via == "handout", receipt.c.received_by == holder.name, of.list_id == holder.list_id)
    words = sa.select(of.row_id, of.outcome).join(receipt, receipt.c.receipt_id == of.receipt_id)
    said = {(row_id, word) for row_id, word in conn.execute(words.where(*by, of.row_id.in_(rows)))}
    signed = sa.select(entry.row_id).join(handout_pass, whose.pass_id == entry.pass_id)
    theirs = (entry.event_id == holder.event_id, whose.holder == holder.name, entry.row_id.in_(rows))
    handed = set(conn.scalars(signed.where(*theirs)))
    last = {plain_id(mark.row_id): at for at, mark in enumerate(marks) if mark.key in seen}

    def came(at: int, mark: Mark) -> bool:
        row_id = plain_id(mark.row_id)
        return at < last.get(row_id, -1) or (row_id not in handed and (row_id, mark.outcome.value) in said)

    return {mark.key for at, mark in enumerate(marks) if mark.outcome not in HANDED_OUT and came(at, mark)}


def _signed_elsewhere(conn: sa.Connection, holder: Holder, rows: Collection[str]) -> set[str]:
    """Those of the rows for which somebody signed by another phone: two parcels may have left for one person."""
    entry, event = handout_entry.c, handout_event.c
    query = (
        sa.select(entry.row_id)
        .join(handout_event, event.event_id == entry.event_id)
        .where(event.list_id == holder.list_id, entry.pass_id != holder.pass_id, entry.signing_id.is_not(None))
        .where(entry.row_id.in_(rows))
    )
    return set(conn.scalars(query))


def _walk_in(sent: Sent, mark: Mark, left: int) -> int:
    if left <= 0:
        sent.told[mark.key] = Told(mark.key, "reserve_empty", RESERVE_EMPTY)
        return left
    sent.told[mark.key] = Told(mark.key, "taken")
    sent.walked.append(mark)
    return left - 1


def _judged(sent: Sent, mark: Mark, known: dict[str, Entry | None], window: Window, elsewhere: set[str]) -> None:
    """By the code that judges sheets: one line, against what stands by now. `elsewhere`: rows that another phone signed for."""
    if (mark.outcome in HANDED_OUT) != (mark.signing is not None and mark.signer in SIGNERS):
        told = Told(mark.key, "signature_missing", UNSIGNED)
        sent.told[mark.key] = told
        return
    said = {ROW_ID: mark.row_id, OUTCOME: OUTCOME_WORDS[mark.outcome]}
    if mark.day is not None and window.first <= mark.day <= window.last:  # a phone's clock may be wrong
        said[DAY] = mark.day.isoformat()
    taken, faults, counts = judge([Line(0, 0, said, frozenset(), hidden=False)], known, window)
    if faults:
        code, text = faults[0][1].code, faults[0][1].text
        sent.told[mark.key] = Told(mark.key, code, WITHDRAWN if code == WITHDREW else text)
        return
    sent.told[mark.key] = Told(mark.key, "taken" if taken else "known", HANDED_GONE if counts["withdrawn"] else "")
    if mark.signing is not None:
        sent.signed.append(mark)
        if not taken and plain_id(mark.row_id) in elsewhere:
            sent.told[mark.key] = Told(mark.key, "handed_before", HANDED_BEFORE)
    for _, entry in taken:
        known[entry.row_id] = entry
        sent.fresh.append((mark, entry))


def write_marks(conn: sa.Connection, stored: Stored, holder: Holder, sent: Sent, sealed: UUID | None = None) -> None:
    """The receipt of what is new, and what was signed for. `sealed`: by which record of a host apart."""
    number = None
    if sent.fresh:
        faults = Counter(told.code for told in sent.told.values() if not told.counted)
        entries = list({entry.row_id: entry for _, entry in sent.fresh}.values())
        number = keep(conn, stored, holder.name, entries, via="handout",
                      facts={"lines": len(sent.told), "faults": dict(faults)})  # fmt: skip
    fresh = {mark.key for mark, _ in sent.fresh}
    rows = [
        {"entry_key": mark.key, "row_id": plain_id(mark.row_id) if mark.row_id else None, "signing_id": mark.signing,
         "signer": mark.signer or None, "receipt_id": number if mark.key in fresh else None,
         "event_id": holder.event_id, "pass_id": holder.pass_id, "sealed_id": sealed}
        for mark in (*sent.signed, *sent.walked)
    ]  # fmt: skip
    if rows:
        conn.execute(handout_entry.insert().values(made_at=sa.func.clock_timestamp()), rows)
    if sent.walked:
        audit(conn, "upload", f"list:{holder.list_id}", actor=holder.name, scope=holder.county,
              details={"via": "handout", "walk_ins": len(sent.walked)})  # fmt: skip
