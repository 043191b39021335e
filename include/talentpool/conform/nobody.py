"""Lines of a roster that speak of nobody: totals, signatures, stamps, pages, remarks, contacts, the header again.

They stand above, between and below the rows, in any column. A line that tells of a person is never taken for one of
them, whatever words stand in it: who is set aside is counted with a code, who is passed over is not.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.no_names import is_full_name
from talentpool.declare import FIELDS
from talentpool.errors import RejectedError

# One dialect for RE2 and Python's re (ASCII), on text in NFKC; \x1f stands between cells.
_OPEN = r"[\s(\[【〔<《*※#·•\-—.、\d]*"
_END = r"(?:[\s:)\]】〕_/(\x1f—─=*,;。、\-]|$)"
_CLOSE = r"\s*(?:\x1f|$)"
_TOTALS = r"(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|总\s*数|总\s*人\s*数)"
_SIGNED = (
    r"(?:制\s*表|填\s*表|填\s*报|报\s*送|上\s*报|审\s*核|复\s*核|审\s*批|审\s*定|核\s*对|校\s*对|经\s*办|承\s*办|"
    r"主\s*管|签\s*发|签\s*字|签\s*名|签\s*收|单\s*位|统\s*计|打\s*印|录\s*入|汇\s*总|导\s*出|编\s*制|数\s*据)"
    r"(?:人员?|者|部门|单位|机构|领导|意见|日期|时间|来源|口径|签字|签名|签章|盖章|公章|负责人|名称|说明|须知)*"
)
_WORDS = (
    r"(?:(?:单位|部门|分管|主要)?(?:负责人|领导)(?:签字|签名|签章)?|(?:加盖|单位|此处)?(?:盖\s*章|公\s*章|签\s*章)处?|"
    r"联\s*系\s*(?:人|电话|方式|地址|邮箱)(?:及电话|及联系方式|电话)?|(?:办公|咨询|值班|监督)?电\s*话|传\s*真|(?:电子)?邮箱|"
    r"日\s*期|备\s*注|附\s*注|注|注意(?:事项)?|说\s*明|特此说明|附\s*件|附\s*表|以下(?:空白|无正文)|续表|转下页|[接承]上页|"
    r"本?(?:表|名册|名单)(?:结束|完|止))"
)
_PAGES = (
    r"(?:第\s*[\d一二三四五六七八九十百]+\s*页|共\s*[\d一二三四五六七八九十百]+\s*[页人名行条]|"
    r"以[上下](?:为|是|均|系|共)|(?:数据)?截[至止](?:日期|时间)?[:\d]|\d+\s*/\s*\d+\s*页|"
    r"[Pp]age\s*\d+|[Tt]otal|TOTAL)"
)
_SUMS = rf"[^\x1f]{{0,12}}[区县市页站男女月年司队所乡镇]{_TOTALS}\s*:?\s*\d*\s*[人名行条]?{_CLOSE}"
_MARKS = rf"(?:{_OPEN}(?:{_TOTALS}(?:\d|{_END})|(?:{_SIGNED}|{_WORDS}){_END}|{_PAGES})|{_SUMS})"
"""How a cell begins that sums up, signs, numbers pages, remarks or tells whom to call."""
_DATES = (
    rf"(?:\d{{4}}\s*[年./\-]\s*(?:\d{{1,2}}\s*[月./\-]?\s*(?:\d{{1,2}}\s*日?)?)?|"
    rf"[〇零○一二三四五六七八九]{{4}}\s*年\s*(?:[一二三四五六七八九十]{{1,2}}月(?:[一二三四五六七八九十]{{1,3}}日)?)?){_CLOSE}"
)
_LABELS = r"[一-龥 ]{1,9}[一-龥]:"
"""How a line begins that says something of the roster: 站长：…, 打印时间：…, 潞州区："""
_PEOPLE = r"(?:人员|骑手|骑士|司机|员工|快递员|配送员|名单|名册|明细|情况|表)"
_COUNTED = r"(?:[(]\s*(?:共|计|合计)?\s*\d+\s*[人名]?\s*[)])"
_SECTION = r"(?:以[上下](?:均|全部|都)?(?:为|是|系))?(?:本月|当月|近期|部分|已|新|\d+月份?)?"
_TITLES = (
    r"[^\x1f]*(?:名册|花名册|名单|统计表|一览表|登记表|汇总表|信息表|明细表|公司|集团|委员会|管理局|服务站|办公室|分部|支部)"
    rf"{_CLOSE}"
)
_RULES = r"[\-=_~─━—·.+|#/\s\x1f]*$"
_NUMBERS = r"\x1f*\d[\d\x1f]*$"
_CANDIDATES = (
    rf"(?:^|\x1f){_MARKS}|(?:^|\x1f){_DATES}|^\x1f*{_LABELS}|^\x1f*[^\x1f]+(?:\x1f+\d{{1,5}}[人名]?)?\x1f*$|"
    rf"^(?:{_RULES}|{_NUMBERS}|\x1f*\*+\x1f*$)|^\x1f*{_TITLES}"
)
"""A line where none of these is found is a row."""

_MARK, _DATE, _TITLE, _RULE, _NUMBER = (
    re.compile(pattern, re.ASCII) for pattern in (_MARKS, _DATES, _TITLES, _RULES, _NUMBERS)
)
_LABEL = re.compile(rf"(?![^:]*(?:号|名|编码):){_LABELS}")
_ALONE = re.compile(
    rf"[\-=_*#\s—–]*(?:END|End|end|完毕?|结束|全文完)[\-=_*#\s—–]*|[(]?\d{{1,4}}\s*/\s*\d{{1,4}}[)]?|[\-—–\s]+\d{{1,4}}[\-—–\s]+|"
    rf"[^:]{{0,12}}(?:盖章|公章|签章)处?|[一-龥]{{1,11}}[区县市站镇乡部队组店点]{_COUNTED}?|[^(]{{1,20}}{_COUNTED}|"
    rf"(?:本[页表])?共?\s*\d+\s*[人名]|附?表\s*[\d一二三四五六七八九十]{{1,3}}|"
    rf"{_SECTION}(?:新增|在职|在岗|入职|变更|外包|全职|兼职|专送|众包|自有|合作|其他|试用期?){_PEOPLE}{_COUNTED}?",
    re.ASCII,
)
"""A line of one cell, or of one and a number of people, that heads, ends or numbers a part of the roster."""
_HEADCOUNT = re.compile(r"\d{1,5}[人名]?", re.ASCII)
_LEFT = "(?:离职|离岗|离队|退出|解约|停用|注销|辞退|辞职|清退|减员|减少|流失)"
_LEAVERS = re.compile(
    rf"[(【*※#]?(?:(?:以[上下]|下列)(?:{_PEOPLE})?)?{_SECTION}(?:已经?)?"
    rf"{_LEFT}{_PEOPLE}*{_COUNTED}?(?:如下)?[)】*※#]?:?",
    re.ASCII,
)
"""A heading that says of the rows below it, or above it, that these people left."""
_STAYERS = re.compile(
    rf"[(【*※#]?(?:(?:以[上下]|下列)(?:{_PEOPLE})?)?{_SECTION}(?:仍|新|已经?)?"
    rf"(?:在职|在岗|在站|在册|现有|现职|留任|入职|新增|新进|新招|到岗|上岗|返岗|复职|合作中)(?:的)?{_PEOPLE}*{_COUNTED}?(?:如下)?[)】*※#]?:?",
    re.ASCII,
)
"""A heading that says that those below it are there: it ends a section of people who left. Another one, a county's or a
trade's, may only divide that section."""
_BORN = re.compile(r"(?:19\d\d|200\d|201[0-2])(?=\D|\d{4}$)", re.ASCII)
_COUNTY_NAMED = re.compile(r"\d{6}$|[^\d:]*[区县市]$", re.ASCII)
_NUMBERED = re.compile(rf"(?!{_TOTALS})[^\s:()]{{1,10}}[\-_]\d{{1,6}}$", re.ASCII)
"""A number of somebody's though it begins with a word that signs: 主管-001."""
_IDENTITY = re.compile(r"[\d*]{14,17}[\dXx*]$", re.ASCII)
_DOCUMENT = re.compile(r"(?=(?:[^\d*]*[\d*]){4})[0-9A-Za-z*()]{6,}$", re.ASCII)
_MOBILE = re.compile(r"[^\d*]{0,4}(?:[\d*][\s\-]?){7,}", re.ASCII)
_NAME = re.compile(r"(?!\d+\.?\d*[人名]?$)\S", re.ASCII)
_COUNTY = re.compile(r"(?!\d{1,3}$)\S", re.ASCII)
_SEXES = frozenset("男女")
LEAD = "lead"
"""A column beside the fields: the first one of the file, where it is no field's. A heading may stand there."""
MOVED = 2
"""Titles that stand in another column than above: a second header, under which the columns mean something else."""
_DATE_FIELDS = frozenset({"birth_date", "hired_on", "left_on", "consented_on"})
_ALNUM = np.array([chr(byte).isalnum() and byte < 128 for byte in range(256)])


def speaks_of_nobody(cells: Mapping[str, str], titles: Mapping[str, str]) -> bool:
    """Whether a line, its cells by field, is no row; `titles`: the header's own text by field."""
    filled = {field: _plain_text(cell) for field, cell in cells.items()}
    filled = {field: cell for field, cell in filled.items() if cell}
    if not filled or all(_RULE.match(cell) for cell in filled.values()):
        return True
    if _is_header(filled, titles):
        return True
    return not _is_person(filled) and _is_marked(filled)


def _plain_text(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip()


def _letters(cell: str) -> str:
    """A title without its spaces: 姓　名 is 姓名."""
    return "".join(unicodedata.normalize("NFKC", cell).split())


def _is_header(filled: Mapping[str, str], titles: Mapping[str, str]) -> bool:
    """The header again, or the numbers of the columns below it."""
    if _moved(filled, titles) >= MOVED:
        return False
    again = sum(_letters(cell) == _letters(titles.get(field, "")) for field, cell in filled.items())
    if again >= 2 and again * 2 >= len(filled):
        return True
    numbers = {cell for cell in filled.values() if _NUMBER.match(cell)}
    return len(numbers) == len(filled) >= 5


def _moved(filled: Mapping[str, str], titles: Mapping[str, str]) -> int:
    """How many titles of the header stand in another column than their own."""
    known = {_letters(title): field for field, title in titles.items() if title}
    return sum(known.get(_letters(cell), field) != field for field, cell in filled.items())


def _is_person(filled: Mapping[str, str]) -> bool:
    """Whether somebody is named by number or name, with something of that person where it belongs."""

    def own(field: str) -> str:
        cell = filled.get(field, "")
        return "" if _MARK.match(cell) or _DATE.match(cell) else cell

    document = filled.get("document_no", "")
    if _IDENTITY.match(document):
        return True
    number = filled.get("staff_no", "")
    staff, name = number if _NUMBERED.match(number) else own("staff_no"), own("name")
    numbered = bool(staff) and not _TITLE.match(staff)
    named = bool(_NAME.match(name)) and not _TITLE.match(name)
    if _DOCUMENT.match(document) or _MOBILE.match(own("mobile")):
        return numbered or named
    placed = bool(_COUNTY.match(own("county")))
    if numbered:
        return placed or named
    if not named:
        return False
    if filled.get("sex", "") in _SEXES or _BORN.match(filled.get("birth_date", "")):
        return True
    if number:  # a word that signs; whoever signs is placed nowhere, and beside a date of today at most
        return placed and bool(_COUNTY_NAMED.match(filled["county"]))
    return placed or ("birth_date" in filled and not _MARK.match(filled["birth_date"]))


def _is_marked(filled: Mapping[str, str]) -> bool:
    """Whether a word or a shape tells what the line is. A job may be called 主管 or 审核."""
    if any(_MARK.match(cell) and (field != "occupation" or ":" in cell) for field, cell in filled.items()):
        return True
    field, first = next(iter(filled.items()))
    if _LABEL.match(first) or _heads(filled, field) or _is_of(_LEAVERS, filled) or _is_of(_STAYERS, filled):
        return True
    if len(filled) <= 2 and (_TITLE.match(first) or not first.strip("*")):
        return True
    return all(field not in _DATE_FIELDS and _DATE.match(cell) for field, cell in filled.items())


def _heads(filled: Mapping[str, str], field: str) -> bool:
    """Whether a line of one cell is a heading, a page number or an end. A name may end like a place."""
    first, *others = filled.values()
    if others and not (len(others) == 1 and _HEADCOUNT.fullmatch(others[0])):
        return False
    return bool(_ALONE.fullmatch(first)) and (field == "staff_no" or not is_full_name(first)) and field != "county"


def _is_of(heading: re.Pattern[str], filled: Mapping[str, str]) -> bool:
    return len(filled) <= 2 and heading.fullmatch(next(iter(filled.values()))) is not None


@dataclasses.dataclass
class Sections:
    """Where headings stand that say of the rows below them that these left, and where others that end such a section."""

    leavers: list[int] = dataclasses.field(default_factory=list)
    others: list[int] = dataclasses.field(default_factory=list)

    def add(self, heading: str, place: int) -> None:
        """Take up a line's first cell, if it is such a heading."""
        text = _plain_text(heading)
        if _LEAVERS.fullmatch(text):
            self.leavers.append(place)
        elif _STAYERS.fullmatch(text):
            self.others.append(place)

    def add_line(self, cells: Mapping[str, str], place: int) -> None:
        """Take up a line, its cells by field."""
        filled = [cell for cell in cells.values() if _plain_text(cell)]
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


def nobody(
    table: pa.Table, titles: Mapping[str, str], source: str, sections: Sections | None = None
) -> tuple[np.ndarray, int] | None:
    """Of a block of trimmed columns: the mask of what is no row, and how many of those lines are not blank. Headings of
    sections are added to `sections`.

    None when every line is plainly a row, which is nearly always: a staff number that begins with a letter or digit
    beside a county.
    """
    doubtful = np.flatnonzero(~_plain_rows(table, titles))
    if not len(doubtful):
        return None
    lines = table.select(FIELDS).take(pa.array(doubtful))
    joined = pc.binary_join_element_wise(*(lines[field].combine_chunks() for field in FIELDS), "\x1f")
    blank = pc.equal(pc.binary_length(joined), len(FIELDS) - 1).to_numpy(zero_copy_only=False)
    candidates = pc.match_substring_regex(pc.utf8_normalize(joined, "NFKC"), _CANDIDATES)
    again = _says_titles(lines, titles)
    looked_at = np.flatnonzero(pc.or_(candidates, again).to_numpy(zero_copy_only=False) & ~blank)
    cells = lines.take(pa.array(looked_at)).to_pylist() if len(looked_at) else []
    for place, line in zip(looked_at, cells, strict=True):
        if _moved({field: cell for field, cell in line.items() if cell}, titles) >= MOVED:
            raise _other_header(table, int(doubtful[place]), source)
    passed = [place for place, line in zip(looked_at, cells, strict=True) if speaks_of_nobody(line, titles)]
    drop = np.zeros(len(table), dtype=bool)
    drop[doubtful[blank]] = True
    drop[doubtful[passed]] = True
    if sections is not None:
        for place, line in zip(looked_at, cells, strict=True):
            sections.add_line(line, table["place"][int(doubtful[place])].as_py())
    return (drop, len(passed)) if drop.any() else None


def _plain_rows(table: pa.Table, titles: Mapping[str, str]) -> np.ndarray:
    staff, county = table["staff_no"].combine_chunks(), table["county"].combine_chunks()
    filled = pc.not_equal(pc.binary_length(staff), 0).to_numpy(zero_copy_only=False)
    starts = pc.binary_slice(staff.cast(pa.binary()), 0, 1).buffers()[2]
    plain = np.zeros(len(table), dtype=bool)
    plain[filled] = _ALNUM[np.frombuffer(starts or b"", np.uint8)[: int(filled.sum())]]
    odd = [place for place in pc.unique(county).to_pylist() if place == titles.get("county") or not _is_place(place)]
    if odd:
        plain &= ~pc.is_in(county, pa.array(odd, pa.string())).to_numpy(zero_copy_only=False)
    return plain


@lru_cache(maxsize=4096)
def _is_place(county: str) -> bool:
    text = _plain_text(county)
    return bool(_COUNTY.match(text)) and not (_MARK.match(text) or _DATE.match(text) or _RULE.match(text))


def _says_titles(lines: pa.Table, titles: Mapping[str, str]) -> pa.Array:
    """Lines whose staff number, name or 离职日期 is a title of the header: which columns a second header has changed."""
    known = pa.array([_letters(title) for title in titles.values() if title], pa.string())
    said = [
        pc.is_in(pc.replace_substring_regex(lines[field].combine_chunks(), r"[\s\x{3000}\x{a0}]+", ""), value_set=known)
        for field in ("staff_no", "name", "left_on")
    ]
    return pc.or_(pc.or_(said[0], said[1]), said[2])


def _other_header(table: pa.Table, at: int, source: str) -> RejectedError:
    place = table["place"][at].as_py()
    return RejectedError(
        "header_again",
        f"{source}：第 {place} 行又是一行表头，列的次序与上面的表头不同，其下各列的含义无法确定，没有入库；"
        "请把各段整理为同一列序、只留一行表头后重新交付",
    )
