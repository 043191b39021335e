"""Hold what the limited process tells of a workbook: its sheets, their first rows, then each visible row."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import talentpool
from talentpool.conform.workbook.shape import MAX_ROWS, MAX_TITLES
from talentpool.conform.workbook.unpacked import Merge, Seen
from talentpool.errors import RejectedError

PATIENCE = 300
"""Seconds until a workbook's process is ended whatever it does; it may compute for less."""
CHILD = Path(talentpool.__file__).with_name("workbook_child.py")
Cell = str | float | int | bool
Rows = list[list[Cell]]


@dataclass(frozen=True, repr=False)
class Sheet:
    """One sheet; rows counted from 1, columns from 0. `head`: its first thousands of rows, empty where it is too large to
    look at.
    """

    place: int
    name: str
    visible: bool
    height: int
    width: int
    date1904: bool
    head: Rows
    merges: list[Merge] = field(default_factory=list)
    filtered: bool = False
    hidden: list[int] = field(default_factory=list)
    folded: list[int] = field(default_factory=list)
    hidden_columns: list[list[int]] = field(default_factory=list)
    struck: dict[int, list[int]] = field(default_factory=dict)


class Parsed:
    """What the child says of a workbook. RejectedError when it refuses, or dies of its limits; `remedy`: as of inspect()."""

    def __init__(
        self, data: bytes, name: str, seen: Seen, child: Path = CHILD, rows: int = MAX_ROWS, *, remedy: str = ""
    ) -> None:
        self._name, self._merges, self._remedy = name, seen.merges, remedy
        places = (",".join(map(str, sorted(parts))) for parts in (seen.odd, seen.tall))
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(child), str(rows + MAX_TITLES), *places, "1" if seen.merges else ""],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={},
        )  # fmt: skip
        self._timer = threading.Timer(PATIENCE, self._process.kill)
        self._timer.daemon = True
        self._timer.start()
        # it reads everything before it says anything, so this cannot block for ever
        threading.Thread(target=self._feed, args=(data,), daemon=True).start()
        self._held: dict[str, Any] | None = None

    def _feed(self, data: bytes) -> None:
        assert self._process.stdin is not None
        try:
            with self._process.stdin as pipe:
                pipe.write(data)
        except BrokenPipeError:
            pass  # it died; what reads its answer will see that

    def sheets(self) -> list[Sheet]:
        """All sheets, hidden ones too; to be asked once, before any rows."""
        told = []
        while (facts := self._next()) is not None:
            if "sheet" not in facts:
                self._held = facts
                break
            marks = facts["marks"] | {"struck": dict(facts["marks"].get("struck", []))}
            told.append(
                Sheet(
                    facts["sheet"], facts["name"], facts["visible"], facts["height"], facts["width"],
                    facts["date1904"], facts["head"], self._merges.get(facts["part"], []), **marks,
                )
            )  # fmt: skip
        return told

    def rows(self, sheet: Sheet) -> Iterator[Rows]:
        """All rows of a visible sheet, in lists."""
        yield sheet.head
        yield from self.rest(sheet.place)

    def rest(self, place: int | None = None) -> Iterator[Rows]:
        """The rows below the head of the sheet at `place`; of every visible one when unset."""
        wanted = False
        while (facts := self._next()) is not None:
            if "read" in facts:
                if wanted and place is not None:
                    return
                wanted = place is None or facts["read"] == place
            elif wanted:
                yield facts["rows"]

    def _next(self) -> dict[str, Any] | None:
        if self._held is not None:
            held, self._held = self._held, None
            return held
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line:
            facts = json.loads(line)
            if "refused" in facts:
                raise self._refuse(facts["refused"])
            return dict(facts)
        if self._process.wait() != 0:
            raise self._refuse("读取所需的内存或时间超出限度")
        return None

    def _refuse(self, why: str) -> RejectedError:
        return RejectedError(
            "workbook_refused",
            f"{self._name}：{why}；{self._remedy or '请另存为普通 xlsx 工作簿，或改用 CSV 重新交付'}",
        )

    def close(self) -> None:
        self._timer.cancel()
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
