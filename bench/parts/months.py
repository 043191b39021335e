"""What a month costs by what changed, beside Splink that looks at everybody again; and a year of ids that last."""

from __future__ import annotations

from typing import Any

from bench.bench import Bench, load
from bench.city import NEW, YEAR
from bench.watch import measure

DATABASE, MONTH = "bench_match", "bench_month"
CHANGES = (500, 45_000)
BIGGEST_YEAR = 100_000
AGAIN = "Splink 5, predict and cluster all by the stored model"


def _changes(rows: int) -> list[int]:
    return [count for count in CHANGES if count <= rows / 2]


def held(rows: int) -> int:
    """Rows that a first month must leave out, so that there are new ones later."""
    return round(NEW * max(_changes(rows), default=0))


def deltas(bench: Bench, request: dict[str, Any], known: dict[str, Any]) -> dict[int, list[float]]:
    """Months of so many changed rows on the matched city in DATABASE; seconds of ours by that number."""
    took = {}
    bench.server.pass_a_month(DATABASE)
    for count in _changes(request["people"]):
        month = request | {"changed": count, "cleaned": request["cleaned"].replace(".parquet", f"_{count}.parquet")}
        ours, theirs = [], []
        for _ in range(bench.options.repeats):
            bench.server.fresh(MONTH, DATABASE)
            measure(bench.server, MONTH, {"do": "match_month", **month})
            bench.server.settle()
            ours.append(measure(bench.server, MONTH, {"do": "match_own", **month}))
            changed = ours[-1].said["changed"]  # all, where so many of so few are looked at whole
            assert changed == count or (changed > count > request["people"] / 10), ours[-1].said
            made = measure(bench.server, MONTH, {"do": "match_export", **month}).said
            theirs.append(measure(bench.server, MONTH, {"do": "match_stored", **month}))
        what = f"{count:,} rows changed"
        bench.add_times("match", what, ours, AGAIN, theirs, **known)
        bench.add("match", f"F1 of persons, {what}", [made["persons"]["f1"]], AGAIN, [theirs[-1].said["persons"]["f1"]],
                  unit="of 1", **known)  # fmt: skip
        took[count] = [done.seconds for done in ours]
    bench.server.drop(MONTH)
    return took


def tenfold(bench: Bench, took: dict[int, dict[int, list[float]]], preset: str) -> None:
    """The same change on a base ten times as large, where both were measured."""
    for rows, seconds in took.items():
        for count in took.get(rows // 10, {}):
            bench.add("match", f"{count:,} rows changed, on a tenfold base", seconds[count], f"on {rows // 10:,} rows",
                      took[rows // 10][count], rows=rows, preset=preset, load=load())  # fmt: skip


def year(bench: Bench, months: int = YEAR) -> None:
    """So many monthly deltas of a city: ids of its first records, and what a full run says at the end."""
    _follow(bench, "year", [{"seed": bench.options.seed}], months)


def drawn_year(bench: Bench, months: int = YEAR) -> None:
    """The same of two populations whose traits are drawn; the worse of them is what is said."""
    _follow(bench, "drawn_year", [{"seed": seed, "drawn": True} for seed in bench.options.seeds[:2]], months)


def _follow(bench: Bench, part: str, cities: list[dict[str, Any]], months: int) -> None:
    for rows in (size for size in bench.options.sizes if size <= BIGGEST_YEAR):
        for preset in bench.options.presets:
            known = {"rows": rows, "preset": preset, "load": load()}
            request = {"do": "match_months", "people": rows, "preset": preset, "months": months}
            said = [_months(bench, request | city) for city in cities]
            for what, name in (
                (f"ids changed without an event, {months} months", "silent"),
                (f"ids changed, {months} months", "moved"),
                ("ids changed, two months", "two_months"),
                ("ids changed, worst two months", "worst_two_months"),
                ("ids changed by a full run at the end", "differ"),
            ):
                worst = max(one[name] for one in said)
                bench.add(part, what, [worst], "all records of the first month", [1.0], unit="of 1", **known)
            doubled = max(one["doubled"] for one in said)
            bench.add(part, "people of two document numbers", [doubled], "nobody", [1], unit="people", **known)
            apart = max(said, key=lambda one: abs(one["f1"] - one["full_f1"]))
            bench.add(part, "F1, months against a full run", [abs(apart["f1"] - apart["full_f1"])], "F1 of a full run",
                      [apart["full_f1"]], unit="of 1", **known)  # fmt: skip
            took = {name: [one[name] for one in said] for name in ("month", "full")}
            bench.add(part, "a month's match", took["month"], "a full run", took["full"], **known)


def _months(bench: Bench, request: dict[str, Any]) -> dict[str, Any]:
    """A city of its own, followed."""
    bench.server.fresh(DATABASE)
    folder = bench.server.home / "years" / f"{request['preset']}-{request['people']}-{request['seed']}"
    said = measure(bench.server, DATABASE, request | {"folder": str(folder)}).said
    bench.server.drop(DATABASE)
    return said
