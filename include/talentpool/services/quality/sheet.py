"""Say what stands on a page of quality, once for all its forms: the page, the saved file and the paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from talentpool.services.quality.reading import Period, queries


@dataclass(frozen=True)
class Cell:
    """What stands in a table. `path`: of the page it leads to; `small`: a remark below; `chart`: beside it; `state`: shown as
    a label of that colour (good, open, bad)."""

    text: str
    path: str = ""
    small: str = ""
    chart: Markup | None = None
    number: bool = False
    state: str = ""


@dataclass(frozen=True)
class Block:
    """A table with what its figures mean. `means`: the definition; `query`: the name of the one behind it, `None` = no figure
    of a table of ours; `empty`: what is said instead of no rows; `head`: its columns, with the share of paper each takes."""

    title: str
    head: Sequence[tuple[str, float]]
    rows: Sequence[Sequence[Cell]]
    means: str = ""
    query: str | None = None
    empty: str = "没有。"

    @property
    def sql(self) -> str:
        return queries()[self.query] if self.query else ""


@dataclass(frozen=True)
class Sheet:
    """A page. `path`: its own, without the period; `ways`: pages above it (name, path); `alerts`: (words, path or '') that stand
    first; `period`: None where it speaks of one delivery; `sides`: (name, path) of the same page of other rows."""

    title: str
    sub: str
    path: str
    blocks: Sequence[Block]
    ways: Sequence[tuple[str, str]] = ()
    alerts: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()
    period: Period | None = None
    sides: Sequence[tuple[str, str]] = ()

    @property
    def name(self) -> str:
        """Of the saved file."""
        return self.title.replace(" ", "_").replace("：", "_").replace("/", "_")
