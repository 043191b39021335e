"""The result for people, as Markdown; for programs it is the JSON that docs/bench/README.md describes."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from statistics import median
from typing import Any

DRAWS = "draws"
EACH = {"each": "each {:g}", "lead": "each above the peer by {:g}"}
HOLDS = {None: "", True: "holds", False: "**does not hold**"}


def table(result: dict[str, Any]) -> str:
    """Machine, claims, profile."""
    machine = result["machine"]
    options = result["options"]
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}; "
        f"Python {machine['python']}, PostgreSQL {machine['postgresql']} ({machine['postgresql_settings']}).",
        f"Load average {result['load_before']} before the run, {result['load_after']} after it; "
        f"median of {options['repeats']} runs, peers and product in turns.",
        "",
        *_grid(
            (
                "part",
                "figure",
                "rows",
                "preset",
                "ratio",
                "of processor time",
                "against",
                "measured",
                "peer",
                "bound",
                "",
            ),
            (_row(claim) for claim in result["claims"] if claim["part"] != DRAWS),
        ),
    ]
    if drawn := [claim for claim in result["claims"] if claim["part"] == DRAWS]:
        lines += ["", *_draws(drawn, options["seeds"])]
    of = itemgetter("what", "rows", "preset")
    for what, rows, preset in dict.fromkeys(map(of, result["profile"])):
        steps = [step for step in result["profile"] if of(step) == (what, rows, preset)]
        lines += [
            "",
            f"Where the time goes: {what}, {rows:,} rows, {preset}, everything in one process.",
            "",
            *_grid(
                ("stage", "step", "s", "share"),
                ((s["stage"], s["step"], f"{s['seconds']:.2f}", f"{100 * s['share']:.1f} %") for s in steps),
            ),
        ]
    return "\n".join(lines) + "\n"


def _draws(claims: list[dict[str, Any]], seeds: list[int]) -> list[str]:
    """Figures of one city after the other: the worst is where ours is least ahead of the peer."""
    header = ("figure", "people", "preset", "against", "draws won", "worst: ours", "peer", "median: ours", "peer",
              "least of ours", "bound", "")  # fmt: skip
    rows = []
    for claim in claims:
        both = list(zip(claim["measured"], claim["peer"], strict=True))
        worst = min(both, key=lambda pair: pair[0] - pair[1])
        shown = [f"{value:.4f}" for value in (*worst, median(claim["measured"]), median(claim["peer"]))]
        rows.append((
            claim["what"], f"{claim['rows']:,}", claim["preset"], claim["against"],
            f"{sum(ours > theirs for ours, theirs in both)} of {len(both)}", *shown, f"{min(claim['measured']):.4f}",
            "" if claim["bound"] is None else EACH[claim["bound_of"]].format(claim["bound"]), HOLDS[claim["holds"]],
        ))  # fmt: skip
    return [f"Draws of seeds {', '.join(map(str, seeds))}; all in one run on the same rows.", "", *_grid(header, rows)]


def _row(claim: dict[str, Any]) -> tuple[str, ...]:
    bound = ""
    if claim["bound"] is not None:
        unit = " x" if claim["bound_of"] == "ratio" else f" {claim['unit']}"
        bound = f"{claim['bound']:g}{unit}" + (f", aim {claim['aim']:g}" if claim["aim"] else "")
    return (
        claim["part"],
        claim["what"],
        f"{claim['rows']:,}" if claim["rows"] else "",
        claim["preset"],
        f"{claim['ratio']:.2f} x",
        f"{claim['cpu_ratio']:.2f} x" if claim["cpu_ratio"] is not None else "",
        claim["against"],
        f"{_figure(median(claim['measured']), claim['unit'])} {claim['unit']}",
        f"{_figure(median(claim['peer']), claim['unit'])} {claim['unit']}",
        bound,
        HOLDS[claim["holds"]],
    )


def _figure(value: float, unit: str) -> str:
    if unit == "of 1":
        return f"{value:.4f}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _grid(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (header, ("---",) * len(header), *rows)]
