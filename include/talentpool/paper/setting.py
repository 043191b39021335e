"""Set papers as PDF in a process of its own, which has 512 MiB and some minutes, and writes nothing anywhere.

A paper travels as data through a pipe and comes back as bytes. Data is never read as markup.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from talentpool.child import Child, ChildEndedError
from talentpool.errors import TalentpoolError
from talentpool.guard.export import shown
from talentpool.paper.glyphs import marked

MOST_ROWS = 800
"""Of one process, and so of one paper: what 512 MiB hold with room to spare (tests/unit/paper)."""
MOST_LETTERS = 300
SECONDS = 300
CHILD = "talentpool.paper.child"
UNPRINTABLE = "有 {count} 个字不在印刷字库中，以〔U+编码〕标出，请对照电子表格手写补上。"


class PaperError(TalentpoolError):
    """A paper could not be set; nothing of its content is said."""


@dataclass(frozen=True)
class Col:
    """A column on paper: header, share of the width. `coded`: its cells have a code to scan beside them."""

    title: str
    width: float
    centred: bool = False
    coded: bool = False


@dataclass(frozen=True)
class Part:
    """A table of a brief, with its title. `queries`: numbers of the paper's, one for the whole of it, or one a row."""

    title: str
    columns: Sequence[Col]
    rows: Sequence[Sequence[str]]
    queries: Sequence[int] = ()


@dataclass(frozen=True, repr=False)
class Paper:
    """What is set. `passport`: words of the QR code; `rows` of a list, `letters` (greeting, reference) of a mailing, `parts` and
    `queries` of a brief."""

    kind: Literal["list", "letter", "brief", "sheet"]
    title: str
    made_on: date
    passport: str
    subtitle: str = ""
    contact: str = ""
    footer: str = ""
    landscape: bool = False
    columns: Sequence[Col] = ()
    rows: Sequence[Sequence[str]] = ()
    notes: Sequence[str] = ()
    heading: str = ""
    letters: Sequence[tuple[str, str]] = ()
    paragraphs: Sequence[str] = ()
    signed: Sequence[str] = field(default=())
    parts: Sequence[Part] = ()
    queries: Sequence[str] = ()

    @property
    def load(self) -> float:
        """Its share of what one process sets."""
        rows = len(self.rows) + sum(len(part.rows) for part in self.parts)
        return rows / MOST_ROWS + len(self.letters) / MOST_LETTERS


def as_pdfs(papers: Iterable[Paper]) -> Iterator[bytes]:
    """The papers as PDF/A-2b, in order; as many to a process as it holds. PaperError when one of them cannot be set."""
    batch: list[Paper] = []
    for paper in papers:
        if batch and sum(one.load for one in batch) + paper.load > 1:
            yield from _set(batch)
            batch = []
        batch.append(paper)
    yield from _set(batch) if batch else ()


def _set(batch: Sequence[Paper]) -> list[bytes]:
    with Child(CHILD, {"papers": [_data(paper) for paper in batch]}) as child:
        try:
            made = child.answer(SECONDS)
        except ChildEndedError as error:
            raise PaperError(f"the papers could not be set ({error.fault or 'out of time or memory'})") from None
    return [b64decode(one) for one in made]


def _data(paper: Paper) -> dict[str, Any]:
    """As the layouts read it: every text in one line, of characters that can be printed."""
    from talentpool.paper.code import qr_svg, row_code

    missing = 0

    def clean(value: Any) -> Any:
        nonlocal missing
        if isinstance(value, str):
            text, lost = marked(shown(value))
            missing += lost
            return text
        if isinstance(value, dict):
            return {name: clean(one) for name, one in value.items()}
        return [clean(one) for one in value] if isinstance(value, (list, tuple)) else value

    day = paper.made_on
    told = {name: clean(value) for name, value in asdict(paper).items() if name not in ("footer", "made_on")}
    footer = "\n".join(clean(line) for line in paper.footer.split("\n"))
    if missing:
        told["notes"] = [*told["notes"], UNPRINTABLE.format(count=missing)]
    return told | {
        "footer": footer,
        "qr": qr_svg(paper.passport),
        "codes": [
            [row_code(row[place]) if row[place] else "" for row in paper.rows] if column.coded else []
            for place, column in enumerate(paper.columns)
        ],
        "made_on": {"year": day.year, "month": day.month, "day": day.day},
    }
