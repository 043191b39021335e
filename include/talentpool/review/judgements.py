"""List the judgements on record, write them to a file, and import a file, all of it or nothing.

What was judged of a record that is no more is kept and said to be so: the record may come back with the next roster.
An erased record's judgements are gone with it (services/rights/forget.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.errors import UsageError
from talentpool.guard import KeyRing, audit, record_id, redact
from talentpool.guard.duties import check_duty
from talentpool.locks import MATCH_LOCK, hold
from talentpool.match.facts.features import WHOLE
from talentpool.match.facts.ids import pack
from talentpool.match.facts.wire import keep_records
from talentpool.match.matching import MatchResult, match_within
from talentpool.match.scoring.edges import HUMAN_RULE
from talentpool.model import edge
from talentpool.office import Office
from talentpool.review.around import judgements_around, overruled_pairs
from talentpool.review.consistency import Consistency
from talentpool.review.judge import pair_name
from talentpool.review.judgement_file import Line, Side, read_lines, refused, write_lines

ORIGINS = Path(__file__).with_name("read_origins.sql").read_text(encoding="utf-8")
SUBJECT = "judgements"
"""What exports and imports are called in the audit log."""
Pair = tuple[UUID, UUID]


@dataclass(frozen=True)
class RecordedJudgement:
    """A judgement with both sides by name; numbers of people in what was written are left out. A side is None when its
    record is no more."""

    left_record: UUID
    right_record: UUID
    left: Side | None
    right: Side | None
    verdict: str
    by: str
    note: str
    at: datetime
    split_id: UUID | None = None

    @property
    def pair_id(self) -> str:
        return pair_name(self.left_record, self.right_record)

    @property
    def gone(self) -> bool:
        """Whether it speaks of a record that is no more."""
        return self.left is None or self.right is None

    def as_json(self) -> dict[str, Any]:
        def named(side: Side | None) -> dict[str, str] | None:
            return {"partner": side.partner, "staff_no": side.staff_no} if side else None

        return {
            "pair_id": self.pair_id, "verdict": self.verdict, "by": self.by, "note": self.note,
            "at": self.at.isoformat(), "left": named(self.left), "right": named(self.right), "records_exist": not self.gone,
            "split_id": str(self.split_id) if self.split_id else None,
        }  # fmt: skip


@dataclass(frozen=True)
class TakenOver:
    """Judgements in the file, and how many of them are new on record; `matched` None = none, so nothing was matched."""

    judgements: int
    new: int
    unchanged: int
    matched: MatchResult | None


def judgements(conn: sa.Connection, *, most: int | None = None) -> list[RecordedJudgement]:
    """Those on record, the newest first: all, or the `most` newest. Uses a temporary table, so in a transaction."""
    rows = conn.execute(
        sa.select(edge).where(edge.c.rule == HUMAN_RULE).order_by(edge.c.made_at.desc(), edge.c.left_record, edge.c.right_record)
        .limit(most)
    ).all()  # fmt: skip
    origins = _origins(conn, {record for row in rows for record in (row.left_record, row.right_record)})
    side = {record: Side(row.partner, row.staff_no) for record, row in origins.items()}
    return [
        RecordedJudgement(row.left_record, row.right_record, side.get(row.left_record), side.get(row.right_record), row.verdict,
                  redact(row.decided_by), redact(row.note or ""), row.made_at, row.split_id)
        for row in rows
    ]  # fmt: skip


def count_judgements(conn: sa.Connection) -> int:
    """How many are on record."""
    return conn.scalar(sa.select(sa.func.count()).select_from(edge).where(edge.c.rule == HUMAN_RULE)) or 0


def overruled(conn: sa.Connection) -> list[str]:
    """Pairs that somebody judged the same and that are two people, because a guard stands above the judgement."""
    return sorted(pair_name(*pair) for pair in overruled_pairs(conn))


def export_judgements(engine: sa.Engine, stream: IO[str], *, by: str) -> int:
    """Write all judgements, the oldest first, and put the export on record; how many there are."""
    with engine.begin() as conn:
        check_duty(conn, by, "export")
        oldest_first = judgements(conn)[::-1]
        write_lines(stream, map(_as_line, oldest_first))
        count, gone = len(oldest_first), sum(judgement.gone for judgement in oldest_first)
        audit(conn, "export", SUBJECT, actor=by, details={"judgements": count, "gone": gone})
    return count


def _as_line(judgement: RecordedJudgement) -> Line:
    left = judgement.left or Side("", str(judgement.left_record))
    right = judgement.right or Side("", str(judgement.right_record))
    return Line(0, left, right, judgement.verdict, judgement.by, judgement.note, judgement.at)


def import_judgements(office: Office, path: Path, *, by: str, note: str) -> TakenOver:
    """Take a file over and bring the persons up to date, in one transaction. UsageError naming the first line that
    cannot be: an unknown record, or a contradiction with a line before it, a judgement on record, or two document numbers.

    A judgement keeps who made it and when; that `by` took it over, and why, stands in the audit log. RefusedError when
    the office knows `by` as somebody whose role does not go with it.
    """
    if not by.strip() or not note.strip():
        raise UsageError("an import must name who answers for it (--by) and why (--note)")
    lines = read_lines(path)
    with office.engine.begin() as conn:
        check_duty(conn, by, "import judgements")
        hold(conn, MATCH_LOCK)
        pairs = [_pair(office.keys, path, line) for line in lines]
        judged = judgements_around(conn, {record for pair in pairs for record in pair})
        origins = _origins(conn, {record for pair in (*pairs, *judged) for record in pair})
        new = _new(path, lines, pairs, judged, origins)
        if not new:
            return TakenOver(len(lines), 0, len(lines), None)
        among = {*new, *(pair for pair, verdict in judged.items() if verdict == "same")}
        before = overruled_pairs(conn, among)
        _keep(conn, new)
        matched = match_within(conn, office.keys, around={record for pair in new for record in pair}, by="human:import")
        overruled = overruled_pairs(conn, among) - before
        for pair, line in new.items():
            if pair in overruled:
                raise refused(
                    path, line.number, "two document numbers, or another judgement on their people, speak against it"
                )
        digest = sha256(path.read_bytes()).hexdigest()
        for pair, line in new.items():
            audit(conn, "decision", f"pair:{pair_name(*pair)}", actor=by, reason=redact(note),
                  details={"verdict": line.verdict, "decided_by": line.by, "imported": digest})  # fmt: skip
        return TakenOver(len(lines), len(new), len(lines) - len(new), matched)


def _pair(keys: KeyRing, path: Path, line: Line) -> Pair:
    left, right = (
        record_id(keys, side.partner, side.staff_no) if side.partner else UUID(side.staff_no)
        for side in (line.left, line.right)
    )
    if left == right:
        raise refused(path, line.number, "both sides are one record")
    return min(left, right), max(left, right)


def _origins(conn: sa.Connection, records: Iterable[UUID]) -> dict[UUID, Any]:
    """partner, staff_no and document (blind index of a valid number, or None) of the records that exist."""
    keep_records(conn, "match_wanted", pack(set(records)))
    return {row.record_id: row for row in conn.execute(sa.text(ORIGINS), {"whole": list(WHOLE)})}


def _new(
    path: Path, lines: list[Line], pairs: list[Pair], judged: dict[Pair, str], origins: dict[UUID, Any]
) -> dict[Pair, Line]:
    """The judgements that are not on record yet; every line was held against all before it and all on record."""
    consistent = Consistency({record: row.document for record, row in origins.items()}, judged)
    new: dict[Pair, Line] = {}
    for line, pair in zip(lines, pairs, strict=True):
        if pair not in judged and not (pair[0] in origins and pair[1] in origins):
            raise refused(path, line.number, "no roster names one of its records; check partner and staff number")
        earlier = new.get(pair)
        if earlier is not None:
            if earlier.verdict != line.verdict:
                raise refused(path, line.number, f"line {earlier.number} contradicts it on the same pair")
            continue
        if judged.get(pair, line.verdict) not in (line.verdict, "unsure"):
            raise refused(
                path, line.number,
                f"the judgement on record is {judged[pair]}; run `talentpool review undo {pair_name(*pair)}` first",
            )  # fmt: skip
        if judged.get(pair) == line.verdict:
            continue
        if against := consistent.against(pair, line.verdict):
            raise refused(path, line.number, against)
        consistent.add(pair, line.verdict)
        new[pair] = line
    return new


def _keep(conn: sa.Connection, new: dict[Pair, Line]) -> None:
    now = conn.scalar(sa.select(sa.func.now()))
    rows = [
        {"left_record": left, "right_record": right, "rule": HUMAN_RULE, "verdict": line.verdict, "score": 0.0,
         "decided_by": line.by, "note": line.note, "made_at": line.at or now}
        for (left, right), line in new.items()
    ]  # fmt: skip
    same = [edge.c[name] == sa.bindparam(f"of_{name}") for name in ("left_record", "right_record")]
    of = [{"of_left_record": left, "of_right_record": right} for left, right in new]
    conn.execute(edge.delete().where(edge.c.rule == HUMAN_RULE, *same), of)
    conn.execute(edge.insert(), rows)
