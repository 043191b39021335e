"""Recognise headings that divide a roster into sections: who left, and who is there.

People under a heading of leavers who have no date of leaving would be read as active: such a file is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from talentpool.errors import RejectedError

# Of ASCII digits, on text in NFKC.
PEOPLE = r"(?:人员|骑手|骑士|司机|员工|快递员|配送员|名单|名册|明细|情况|表)"
COUNTED = r"(?:[(]\s*(?:共|计|合计)?\s*\d+\s*[人名]?\s*[)])"
SECTION = r"(?:以[上下](?:均|全部|都)?(?:为|是|系))?(?:本月|当月|近期|部分|已|新|\d+月份?)?"
_LEFT = "(?:离职|离岗|离队|退出|解约|停用|注销|辞退|辞职|清退|减员|减少|流失)"
_LEAVERS = re.compile(
    rf"[(【*※#]?(?:(?:以[上下]|下列)(?:{PEOPLE})?)?{SECTION}(?:已经?)?"
    rf"{_LEFT}{PEOPLE}*{COUNTED}?(?:如下)?[)】*※#]?:?",
    re.ASCII,
)
"""A heading that says of the rows below it, or above it, that these people left."""
_STAYERS = re.compile(
    rf"[(【*※#]?(?:(?:以[上下]|下列)(?:{PEOPLE})?)?{SECTION}(?:仍|新|已经?)?"
    rf"(?:在职|在岗|在站|在册|现有|现职|留任|入职|新增|新进|新招|到岗|上岗|返岗|复职|合作中)(?:的)?{PEOPLE}*{COUNTED}?(?:如下)?[)】*※#]?:?",
    re.ASCII,
)
"""A heading that says that those below it are there: it ends a section of people who left. Another one, a county's or a
trade's, may only divide that section."""
LEAD = "lead"
"""A column beside the fields: the first one of the file, where it is no field's. A heading may stand there."""


def plain_text(cell: str) -> str:
    """A cell in half width, without the space around it."""
    return unicodedata.normalize("NFKC", cell).strip()


def heads_section(filled: Mapping[str, str]) -> bool:
    """Whether a line, its filled cells by field, is such a heading, with a number of people at most."""
    first = next(iter(filled.values()))
    return len(filled) <= 2 and bool(_LEAVERS.fullmatch(first) or _STAYERS.fullmatch(first))


@dataclass
class Sections:
    """Where headings stand that say of the rows below them that these left, and where others that end such a section."""

    leavers: list[int] = field(default_factory=list)
    others: list[int] = field(default_factory=list)

    def add(self, heading: str, place: int) -> None:
        """Take up a line's first cell, if it is such a heading."""
        text = plain_text(heading)
        if _LEAVERS.fullmatch(text):
            self.leavers.append(place)
        elif _STAYERS.fullmatch(text):
            self.others.append(place)

    def add_line(self, cells: Mapping[str, str], place: int) -> None:
        """Take up a line, its cells by field."""
        filled = [cell for cell in cells.values() if plain_text(cell)]
        if 0 < len(filled) <= 2:
            self.add(filled[0], place)

    def end_of(self, place: int) -> int | None:
        """In which row the section ends that begins in row `place`; None where it reaches to the end."""
        return min((other for other in self.others if other > place), default=None)


def add_sections(sections: Sections, table: pa.Table, places: pa.Array, rows: pa.Table) -> None:
    """Such headings in a column before the fields: 序号 is often the first, and a heading is merged over all.

    Args:
        table: a block as it is in the file, in its rows `places`, with that column where there is one; `rows`: those of
            them that are somebody's, whose cell is no heading.
    """
    if LEAD not in table.column_names:
        return
    lead = table[LEAD].combine_chunks()
    somebodys = pc.is_in(places, value_set=rows["place"].combine_chunks())
    maybe = pc.and_(pc.match_substring_regex(lead, r"[^\d\s]"), pc.invert(somebodys))
    for cell, place in zip(lead.filter(maybe).to_pylist(), places.filter(maybe).to_pylist(), strict=True):
        sections.add(cell, place)


def refuse_leavers(rows: pa.Table, sections: Sections, source: str) -> None:
    """RejectedError when people without a date of leaving stand under a heading that says that they left.

    Args:
        rows: a block without lines of nobody; `sections`: those of the file as far as it is read.
    """
    here = pc.less(pc.binary_length(pc.utf8_trim_whitespace(rows["left_on"])), 1)
    for place in sections.leavers:
        end = sections.end_of(place)
        below = pc.greater(rows["place"], place)
        if end is not None:
            below = pc.and_(below, pc.less(rows["place"], end))
        if pc.any(pc.and_(here, below)).as_py():
            raise RejectedError(
                "section_left",
                f"{source}：第 {place} 行写明其下是离职人员，其下却有人没有离职日期，无法判断是否在职，没有入库；"
                "请填写离职日期（或删去这些人员）并删去该行后重新交付",
            )
