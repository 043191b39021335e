"""What a benchmark says: a figure, its peer in the same run, the ratio of the two, and the bound the ratio must keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

MILLION = 1_000_000
PRECISE = {"usual": 0.9995, "hard": 0.999}
"""Automatic unions are at least as precise, in each draw."""


@dataclass(frozen=True)
class Bound:
    """`of`: "ratio" or "measured", which may be `limit` at most; or of what is measured draw by draw and may never be
    less: "each" value, or its "lead" over the peer's. A bound speaks of `rows` rows only (0: of any number)."""

    limit: float
    of: str = "ratio"
    aim: float | None = None
    rows: int = MILLION


BOUNDS: dict[tuple[str, ...], Bound] = {
    ("ingest", "first load"): Bound(14, aim=10),
    ("month", "next full snapshot"): Bound(9, aim=6),
    ("month", "write-ahead log"): Bound(350, of="measured"),
    ("clean", "cleaning alone, one core"): Bound(2, aim=1.2),
    ("memory", "peak memory, 300k rows on"): Bound(1.15),
    ("ingest", "peak memory, main"): Bound(512, of="measured"),
    ("ingest", "peak memory, worker"): Bound(512, of="measured"),
    ("ingest", "peak memory, postgres"): Bound(512, of="measured"),
    ("month", "peak memory, main"): Bound(512, of="measured"),
    ("month", "peak memory, worker"): Bound(512, of="measured"),
    ("month", "peak memory, postgres"): Bound(512, of="measured"),
    ("encoding", "GB18030"): Bound(1.1),
    ("second", "a second partner's first load"): Bound(1.2),
    ("xlsx", "workbook, first load"): Bound(25, rows=100_000),
    ("profile", "sealing, indexing and audit"): Bound(0.45),
    ("profile", "Great Expectations, all rules"): Bound(1.0),
    ("checks", "all checks, imports done"): Bound(0.3, of="measured", rows=3_000),
    ("checks", "all checks, processor time"): Bound(0.3, of="measured", rows=3_000),
    ("match", "without decryption"): Bound(0.4),
    ("match", "without decryption, no training"): Bound(1.0),
    ("match", "peak memory, main"): Bound(0.5),
    ("match", "peak memory, without decryption"): Bound(0.5),
    ("match", "500 rows changed"): Bound(0.1),
    ("match", "500 rows changed, on a tenfold base"): Bound(1.5),
    **{
        (part, what): Bound(limit, of="measured", rows=0)
        for part in ("year", "drawn_year")
        for what, limit in (
            ("ids changed without an event, 12 months", 0),
            ("ids changed, two months", 0.0003),
            ("people of two document numbers", 0),
            ("F1, months against a full run", 0.0005),
        )
    },
    ("campaign", "a list with short stock"): Bound(3),
    ("parse", "all DAG files, above import airflow.sdk"): Bound(1.0, of="measured", rows=0),
    ("airflow", "city of 3,240 couriers, trigger to lists"): Bound(120, of="measured", rows=0),
    ("draws", "precision of persons", "usual"): Bound(PRECISE["usual"], of="each", rows=0),
    ("draws", "precision of persons", "hard"): Bound(PRECISE["hard"], of="each", rows=0),
    ("draws", "F1 of persons"): Bound(0, of="lead", rows=0),
    ("draws", "recall at precision 0.999", "hard"): Bound(0.03, of="lead", rows=0),
    **{("handout", f"现场发放：{act}, p95"): Bound(300, of="measured") for act in ("现况", "查找", "登记")},
    **{
        ("pages", f"{page}, p95"): Bound(300, of="measured")
        for page in ("人才库", "查人", "人员详情", "数据质量", "撤回与查阅", "审计")
    },
}
"""Numbers the product must hold, by part and figure, and preset where each has its own."""


@dataclass(frozen=True)
class Claim:
    """`measured` and `peer` hold every run; ratio is that of their medians. `cpu_ratio`: the same of processor time,
    which other work on the machine disturbs less. `load`: the machine's load average when the measuring began."""

    part: str
    what: str
    rows: int
    preset: str
    unit: str
    measured: list[float]
    against: str
    peer: list[float]
    ratio: float
    cpu_ratio: float | None
    bound: float | None
    bound_of: str | None
    aim: float | None
    holds: bool | None
    load: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def claim(
    part: str,
    what: str,
    measured: Sequence[float],
    against: str,
    peer: Sequence[float],
    *,
    rows: int = 0,
    preset: str = "",
    unit: str = "s",
    cpu: tuple[Sequence[float], Sequence[float]] | None = None,
    load: float = 0.0,
) -> Claim:
    """A claim of what was measured, held against its bound where that speaks of so many rows."""
    ratio = median(measured) / median(peer)
    bound = BOUNDS.get((part, what)) or BOUNDS.get((part, what, preset))
    if bound is not None and bound.rows not in (0, rows):
        bound = None
    digits = 6 if unit == "of 1" else 3
    return Claim(
        part=part,
        what=what,
        rows=rows,
        preset=preset,
        unit=unit,
        measured=[round(value, digits) for value in measured],
        against=against,
        peer=[round(value, digits) for value in peer],
        ratio=float(f"{ratio:.4g}"),  # digits, not places: a small ratio is not none
        cpu_ratio=round(median(cpu[0]) / median(cpu[1]), 3) if cpu and median(cpu[1]) else None,
        bound=bound.limit if bound else None,
        bound_of=bound.of if bound else None,
        aim=bound.aim if bound else None,
        holds=_holds(bound, measured, peer) if bound else None,
        load=round(load, 2),
    )


def _holds(bound: Bound, measured: Sequence[float], peer: Sequence[float]) -> bool:
    if bound.of == "each":
        return min(measured) >= bound.limit
    if bound.of == "lead":  # above the peer, also where nothing more is asked for
        lead = min(ours - theirs for ours, theirs in zip(measured, peer, strict=True))
        return lead > 0 and lead >= bound.limit
    return (median(measured) / median(peer) if bound.of == "ratio" else median(measured)) <= bound.limit
