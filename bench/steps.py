"""Where the time of an ingest goes: the product's own functions by stage and step, each with the time that is its alone.

Only for a run that is not compared with anything: it stages in one process, so that every step is seen.
"""

from __future__ import annotations

import functools
import importlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from bench.server import processor_seconds
from talentpool.expect.library import load

STEPS = (
    ("talentpool.flow", "acquire", "acquire", "verify, encrypt, land"),
    ("talentpool.flow", "conform", "conform", "begin, commit, finish"),
    ("talentpool.conform.share", "read_base", "conform", "hashes of what is known"),
    ("talentpool.conform.share", "clean", "conform", "clean"),
    ("talentpool.conform.share", "lines", "conform", "arrange lines"),
    ("talentpool.conform.block", "_records", "conform", "hash: record ids"),
    ("talentpool.conform.block", "_row_hashes", "conform", "hash: row hashes"),
    ("talentpool.conform.block", "_merged", "conform", "merge masks and blanks"),
    ("talentpool.conform.block", "_indexes", "conform", "blind indexes"),
    ("talentpool.conform.block", "_sealed", "conform", "seal"),
    ("talentpool.conform.share", "_copy", "conform", "COPY into staging"),
    ("pyarrow.csv", "write_csv", "conform", "text for COPY"),
    ("talentpool.flow", "expect", "expect", "verdict, the rest"),
    ("talentpool.expect.verdict", "analyze_staged", "expect", "analyze"),
    ("talentpool.expect.verdict", "mark", "expect", "doubled and re-used numbers"),
    ("talentpool.expect.verdict", "_flag", "expect", "predicates to flags"),
    ("talentpool.expect.verdict", "_set_aside", "expect", "rows set aside"),
    ("talentpool.expect.verdict", "_judge", "expect", "counts, circuit breaker"),
    ("talentpool.flow", "publish", "publish", "begin, quarantine, commit"),
    ("talentpool.load.live", "keep_salts", "publish", "salts"),
    ("talentpool.load.live", "_insert_new", "publish", "new records"),
    ("talentpool.load.partition", "attach", "publish", "indexes of a first load"),
    ("talentpool.load.live", "_restore_seen", "publish", "who is back"),
    ("talentpool.load.live", "_keep_replaced_versions", "publish", "replaced versions"),
    ("talentpool.load.live", "_update_changed", "publish", "changed records"),
    ("talentpool.load.live", "mark_missing", "publish", "who is missing"),
    ("talentpool.load.publish", "drop_staged", "publish", "drop staging"),
    ("talentpool.guard.personal", "audit_apart", "publish", "audit"),
)  # fmt: skip
READ, GX, GX_IMPORT = ("conform", "read"), ("expect", "Great Expectations"), ("expect", "import Great Expectations")
CONFORM, EXPECT = ("conform", "begin, commit, finish"), ("expect", "verdict, the rest")
"""What holds all other steps of its stage."""
PROTECTING = ("hash: record ids", "hash: row hashes", "blind indexes", "seal", "salts", "audit")
"""What protects personal values. Into the audit log an ingest writes only what it refuses: a publication is on record
by itself."""


class Steps:
    """Seconds by (stage, step). A step's time does not hold that of the steps inside it. `processor`: seconds of this process
    and of the server, of CONFORM and EXPECT alone, with what is inside them."""

    def __init__(self, postmaster: int | None = None) -> None:
        self.seconds: dict[tuple[str, str], float] = {}
        self.processor: dict[str, float] = {}
        self._postmaster = postmaster
        self._inside: list[float] = []

    def watch(self) -> None:
        """Put a clock around every step. AttributeError when the product no longer has one: bring STEPS up to date."""
        for module_name, name, stage, step in STEPS:
            module = importlib.import_module(module_name)
            setattr(module, name, self._timed((stage, step), getattr(module, name)))
        stage_module = importlib.import_module("talentpool.conform.stage")
        stage_module.MAX_SHARES = 1  # type: ignore[attr-defined]
        share = importlib.import_module("talentpool.conform.share")
        opened = share.open_source
        share.open_source = lambda *given: self._reading(opened(*given))  # type: ignore[attr-defined]

    def as_json(self, whole: float) -> list[dict[str, Any]]:
        """All steps in the order of the flow, with their shares of `whole` seconds."""
        order = [(stage, step) for _, _, stage, step in STEPS]
        at = order.index(("conform", "clean"))
        order[at:at] = [READ]
        at = order.index(("expect", "counts, circuit breaker"))
        order[at:at] = [GX_IMPORT, GX]
        found = [(key, self.seconds[key]) for key in order if key in self.seconds]
        found.append((("", "everything else"), whole - sum(seconds for _, seconds in found)))
        return [
            {"stage": stage, "step": step, "seconds": round(seconds, 3), "share": round(seconds / whole, 4)}
            for (stage, step), seconds in found
        ]

    def _timed(self, key: tuple[str, str], function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*given: Any, **named: Any) -> Any:
            return self._run(key, lambda: function(*given, **named))

        return timed

    def _run(self, key: tuple[str, str], work: Callable[[], Any]) -> Any:
        whole = key in (CONFORM, EXPECT)
        used = self._processor() if whole else 0.0
        began = time.perf_counter()
        self._inside.append(0.0)
        try:
            return work()
        finally:
            taken = time.perf_counter() - began
            if whole:
                self.processor[" ".join(key)] = self._processor() - used
            self.seconds[key] = self.seconds.get(key, 0.0) + taken - self._inside.pop()
            if self._inside:
                self._inside[-1] += taken

    def _processor(self) -> float:
        return processor_seconds(self._postmaster) if self._postmaster else 0.0

    def _reading(self, source: Any) -> Any:
        def blocks() -> Iterator[Any]:
            end = object()
            while (block := self._run(READ, lambda: next(source.blocks, end))) is not end:
                yield block

        return replace(source, blocks=blocks())

    def counting(self, run_suite: Callable[..., Any]) -> Callable[..., Any]:
        """The second road to the counts with a clock, its import apart: an ingest hides that behind other work."""

        def count(*given: Any, **named: Any) -> Any:
            self._run(GX_IMPORT, load)
            return self._run(GX, lambda: run_suite(*given, **named))

        return count
