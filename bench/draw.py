"""One draw: a synthetic city of a seed, through the product, as the plain table that every matcher starts from.

`python -m bench.draw --seed 101 --preset hard --people 30000 --out FOLDER` writes FOLDER/hard-30000-101.parquet and
prints what the product and the twelve rules made of it; `python -m bench.draw FOLDER/*.parquet` judges such tables
again by the matcher as it is now, without a database.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pyarrow.parquet as pq

from bench.core import judge_table
from bench.quality import grouped
from bench.rules import match_rules
from bench.server import Server, running
from bench.watch import measure
from talentpool.demo.profiles import PRESETS

DATABASE = "bench_draw"


@dataclass(frozen=True)
class Draw:
    """`people` are those at work in the city; their records are somewhat more."""

    seed: int
    preset: str
    people: int

    @property
    def name(self) -> str:
        return f"{self.preset}-{self.people}-{self.seed}"


def make_draw(server: Server, draw: Draw, folder: Path) -> dict[str, Any]:
    """Population, ingest, match, export: the table into `folder`; its path as `cleaned`, and what match_export says."""
    folder.mkdir(parents=True, exist_ok=True)
    rosters, cleaned = server.home / "draws" / draw.name, folder / f"{draw.name}.parquet"
    server.fresh(DATABASE)
    request = {
        "do": "match_draw", "folder": str(rosters), "people": draw.people, "preset": draw.preset, "seed": draw.seed,
        "drawn": True, "cleaned": str(cleaned),
    }  # fmt: skip
    said = measure(server, DATABASE, request).said
    server.drop(DATABASE)
    shutil.rmtree(rosters)
    shutil.rmtree(server.landing, ignore_errors=True)
    return {"cleaned": str(cleaned), **said}


def judged(file: Path) -> dict[str, Any]:
    """What today's matcher makes of a table that an earlier run left, without the database; beside the twelve rules."""
    table = pq.ParquetFile(file).read()
    rules = grouped(match_rules(table), table["true"])
    return {"cleaned": str(file), "records": len(table), **judge_table(table), "rules": rules}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seed", "seeds", type=int, multiple=True)
@click.option("--preset", type=click.Choice(list(PRESETS)), default="hard", show_default=True)
@click.option("--people", type=click.IntRange(1_000), default=30_000, show_default=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("build/draws"), show_default=True)
@click.argument("tables", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1)
def main(seeds: tuple[int, ...], preset: str, people: int, out: Path, tables: tuple[Path, ...]) -> None:
    """Make draws of the seeds; or judge TABLES that were made before, in seconds."""
    for file in tables:
        click.echo(json.dumps(judged(file)))
    if not seeds:
        return
    with running() as server:
        for seed in seeds:
            made = make_draw(server, Draw(seed, preset, people), out)
            table = pq.ParquetFile(made["cleaned"]).read()
            click.echo(json.dumps({
                "cleaned": made["cleaned"], "records": len(table), "pairs": made["pairs"], "persons": made["persons"],
                "rules": grouped(match_rules(table), table["true"]),
            }))  # fmt: skip


if __name__ == "__main__":
    main()
