"""The parts of the benchmarks, in the order they run; each takes the run and adds its claims to it."""

from __future__ import annotations

from collections.abc import Callable

from bench.bench import Bench
from bench.parts.campaign import draw_lists
from bench.parts.city import airflow_overhead
from bench.parts.dags import parse_time
from bench.parts.draws import judge_draws
from bench.parts.febrl import public_people
from bench.parts.files import encodings, workbook
from bench.parts.growth import memory_by_rows, second_partner
from bench.parts.loads import loads
from bench.parts.matching import matching
from bench.parts.months import drawn_year, year
from bench.parts.pages import page_times
from bench.parts.receipts import hand_out, take_receipts
from bench.parts.work import cleaning, small_checks, step_by_step

PARTS: dict[str, Callable[[Bench], None]] = {
    "ingest": loads,
    "memory": memory_by_rows,
    "encoding": encodings,
    "second": second_partner,
    "xlsx": workbook,
    "clean": cleaning,
    "profile": step_by_step,
    "checks": small_checks,
    "match": matching,
    "year": year,
    "drawn_year": drawn_year,
    "draws": judge_draws,
    "febrl": public_people,
    "campaign": draw_lists,
    "receipts": take_receipts,
    "handout": hand_out,
    "pages": page_times,
    "parse": parse_time,
    "airflow": airflow_overhead,
}
ASKED_FOR = ("draws", "drawn_year", "febrl", "airflow")
"""Parts that run only when they are named: twenty cities of each size and preset, two for a year; files from a package
index; a real Airflow."""
