"""The same rows in other clothes: GB18030 instead of UTF-8, a workbook instead of a CSV."""

from __future__ import annotations

import csv
from pathlib import Path

from bench.bench import PEER, Bench, load
from bench.watch import Done

WORKBOOK_ROWS = 100_000


def encodings(bench: Bench) -> None:
    """GB18030 against UTF-8."""
    rows, preset, began = bench.options.largest, bench.options.presets[0], load()
    people = bench.population(rows, preset)
    recoded = people.first.with_name("first-gb18030.csv")
    with (
        people.first.open(encoding="utf-8", newline="") as text,
        recoded.open("w", encoding="gb18030", newline="") as out,
    ):
        for line in text:
            out.write(line)
    took: dict[Path, list[Done]] = {people.first: [], recoded: []}
    for _ in range(bench.options.repeats):
        for file, done in took.items():
            bench.server.fresh("bench_load")
            done.append(bench.ingest("bench_load", file))
    bench.server.drop("bench_load")
    recoded.unlink()
    bench.add_times("encoding", "GB18030", took[recoded], "the same rows in UTF-8", took[people.first],
                    rows=rows, preset=preset, load=began)  # fmt: skip


def workbook(bench: Bench) -> None:
    """An xlsx file against the bare COPY of its rows as CSV."""
    rows, preset, began = min(bench.options.largest, WORKBOOK_ROWS), bench.options.presets[0], load()
    people = bench.population(rows, preset)
    book = _as_workbook(people.first)
    peer, done = [], []
    for _ in range(bench.options.repeats):
        peer.append(bench.copy(people.first))
        bench.server.fresh("bench_load")
        done.append(bench.ingest("bench_load", book))
    bench.server.drop("bench_load")
    bench.add_times("xlsx", "workbook, first load", done, PEER, peer, rows=rows, preset=preset, load=began)


def _as_workbook(file: Path) -> Path:
    import xlsxwriter

    book = file.with_suffix(".xlsx")
    with (
        xlsxwriter.Workbook(book, {"constant_memory": True, "strings_to_numbers": False}) as out,
        file.open(encoding="utf-8", newline="") as text,
    ):
        sheet = out.add_worksheet("名册")
        for at, row in enumerate(csv.reader(text)):
            sheet.write_row(at, 0, row)
    return book
