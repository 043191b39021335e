"""One run of the benchmarks: its server, its populations, and the two things everything is made of: peer and ingest."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bench.claims import Claim, claim
from bench.population import FIRST, Population
from bench.server import EMPTY, Server
from bench.watch import Done, measure

PARTNER, OTHER = "didi", "postal"
PEER = "bare COPY of the same CSV"


@dataclass(frozen=True)
class Options:
    sizes: tuple[int, ...]
    presets: tuple[str, ...]
    repeats: int
    seed: int
    seeds: tuple[int, ...] = ()
    """Of the draws."""

    @property
    def largest(self) -> int:
        return max(self.sizes)


@dataclass
class Bench:
    """What the parts share. `claims` and `profile` are the result."""

    server: Server
    options: Options
    claims: list[Claim] = field(default_factory=list)
    profile: list[dict[str, Any]] = field(default_factory=list)
    _made: dict[tuple[str, str, int], Population] = field(default_factory=dict)

    def population(self, rows: int, preset: str, partner: str = PARTNER) -> Population:
        """Made once a run."""
        key = (partner, preset, rows)
        if key not in self._made:
            self.tell(f"making {rows:,} rows, {preset}")
            folder = self.server.home / "rosters" / f"{partner}-{preset}-{rows}"
            request = {"do": "population", "folder": str(folder), "partner": partner, "preset": preset, "rows": rows}
            said = measure(self.server, EMPTY, request).said
            said |= {"first": Path(said["first"]), "second": Path(said["second"])}
            self._made[key] = Population(**said)
        return self._made[key]

    def copy(self, file: Path) -> Done:
        """The peer: a bare COPY of a CSV into a table of text columns."""
        self.server.fresh("bench_peer")
        self.server.settle()
        return measure(self.server, "bench_peer", {"do": "copy", "file": str(file)})

    def ingest(
        self, database: str, file: Path, *, as_of: date = FIRST, partner: str = PARTNER, profile: bool = False,
        ready: bool = False,
    ) -> Done:  # fmt: skip
        """A full snapshot into `database`; it must be published."""
        self.server.settle()
        done = measure(
            self.server, database,
            {"do": "ingest", "file": str(file), "partner": partner, "as_of": as_of.isoformat(), "profile": profile,
             "ready": ready},
        )  # fmt: skip
        outcome = done.said["outcome"]
        assert outcome["status"] == "published", outcome
        return done

    def add(self, *given: Any, **named: Any) -> None:
        """Make a claim and show it."""
        made = claim(*given, **named)
        self.claims.append(made)
        holds = {None: "", True: ", holds", False: ", DOES NOT HOLD"}[made.holds]
        self.tell(f"{made.part}: {made.what}, {made.rows:,} {made.preset}: {made.ratio:.2f} x {made.against}{holds}")

    def add_times(
        self, part: str, what: str, done: Sequence[Done], against: str, peer: Sequence[Done], **named: Any
    ) -> None:
        """A claim of seconds, with its processor time."""
        cpu = ([each.cpu for each in done], [each.cpu for each in peer])
        self.add(part, what, [d.seconds for d in done], against, [p.seconds for p in peer], cpu=cpu, **named)

    def tell(self, line: str) -> None:
        """Progress, for whoever waits."""
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


def load() -> float:
    """The machine's load average over a minute."""
    return os.getloadavg()[0]
