"""Recognise lines of a roster that name nobody: totals, signatures, page numbers, remarks, a repeated header.

They stand above, between and below the rows, in any column. A line that tells of a person is never taken for one of
them, whatever words stand in it: who is set aside is counted with a code, who is passed over is not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.files.sections import COUNTED, PEOPLE, SECTION, Sections, heads_section, plain_text
from talentpool.conform.values.no_names import is_full_name
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
_TITLES = (
    r"[^\x1f]*(?:名册|花名册|名单|统计表|一览表|登记表|汇总表|信息表|明细表|公司|集团|委员会|管理局|服务站|办公室|分部|支部)"
    rf"{_CLOSE}"
)
_RULES = r"[\-=_~─━—·.+|#/\s\x1f]*$"
_NUMBERS = r"\x1f*\d[\d\x1f]*$"
_ROLES = (
    r"(?:[一-龥]{0,4}(?:经理|主管|主任|专员|助理|[站店队组班区片部]\s*长)|(?:单位)?负责人|(?:法定)?代表人|法人|会计|出纳|财务|"
    r"文员|人事|内勤|调度员?|值班员?|客服|(?:紧急|业务|日常)联系人|联络[人员]|HR)"
)
"""Whose name and telephone stand on a roster for calling, in place of a number of staff."""
_SEALS = r"(?:盖\s*章|公\s*章|签\s*章|印\s*章)处?[)\]】]?"
_CANDIDATES = (
    rf"(?:^|\x1f){_MARKS}|{_SEALS}{_CLOSE}|^\x1f*{_ROLES}\s*[:\x1f]|(?:^|\x1f){_DATES}|^\x1f*{_LABELS}|^\x1f*[^\x1f]+(?:\x1f+\d{{1,5}}[人名]?)?\x1f*$|"
    rf"^(?:{_RULES}|{_NUMBERS}|\x1f*\*+\x1f*$)|^\x1f*{_TITLES}"
)
"""A line where none of these is found is a row."""

_MARK, _DATE, _TITLE, _RULE, _NUMBER, _ROLE = (
    re.compile(pattern, re.ASCII) for pattern in (_MARKS, _DATES, _TITLES, _RULES, _NUMBERS, rf"{_ROLES}\s*(?::|$)")
)
_SEAL = re.compile(rf".{{0,40}}[^(]?[(\[【]?{_SEALS}$", re.ASCII)
_SENTENCE = re.compile(
    r"(?!.*\d{5})(?![0-9A-Za-z])(?:[^,。;!、一-龥]{0,3}[一-龥]{4}[^,。;!、]*[,。;!、].{3,}|[^一-龥]*[一-龥]{12}.*)"
    r"|(?i:qq|q群|微信|wechat|vx|wx|tel|phone|fax|e-?mail|https?)[^:]{0,6}:.*",
    re.ASCII | re.DOTALL,
)
"""A line of one cell that says something to the reader. No long number stands in it: a row whose cells are divided
by another sign is one cell as well."""
_LABEL = re.compile(rf"(?![^:]*(?:号|名|编码):){_LABELS}")
_ALONE = re.compile(
    rf"[\-=_*#\s—–]*(?:END|End|end|完毕?|结束|全文完)[\-=_*#\s—–]*|[(]?\d{{1,4}}\s*/\s*\d{{1,4}}[)]?|[\-—–\s]+\d{{1,4}}[\-—–\s]+|"
    rf"[^:]{{0,12}}(?:盖章|公章|签章)处?|[一-龥]{{1,11}}[区县市站镇乡部队组店点]{COUNTED}?|[^(]{{1,20}}{COUNTED}|"
    rf"(?:本[页表])?共?\s*\d+\s*[人名]|附?表\s*[\d一二三四五六七八九十]{{1,3}}|"
    rf"{SECTION}(?:新增|在职|在岗|入职|变更|外包|全职|兼职|专送|众包|自有|合作|其他|试用期?){PEOPLE}{COUNTED}?",
    re.ASCII,
)
"""A line of one cell, or of one and a number of people, that heads, ends or numbers a part of the roster."""
_HEADCOUNT = re.compile(r"\d{1,5}[人名]?", re.ASCII)
_BORN = re.compile(r"(?:19\d\d|200\d|201[0-2])(?=\D|\d{4}$)", re.ASCII)
_COUNTY_NAMED = re.compile(r"\d{6}$|[^\d:]*[区县市]$", re.ASCII)
_NUMBERED = re.compile(rf"(?!{_TOTALS})[^\s:()]{{1,10}}[\-_]\d{{1,6}}$", re.ASCII)
"""A number of somebody's though it begins with a word that signs: 主管-001."""
_IDENTITY = re.compile(r"[\d*]{14,17}[\dXx*]$", re.ASCII)
_DOCUMENT = re.compile(r"(?=(?:[^\d*]*[\d*]){4})[0-9A-Za-z*()]{6,}$", re.ASCII)
_MOBILE = re.compile(r"[^\d*]{0,4}(?:[\d*][\s\-]?){7,}", re.ASCII)
_NAME = re.compile(r"(?!\d+\.?\d*[人名]?$)\S", re.ASCII)
_COUNTY = re.compile(r"(?!\d{1,3}$)\S", re.ASCII)
_NOTE = re.compile(
    r"(?!.*\d{5})(?![0-9A-Za-z])(?:[^一-龥]{0,3}[一-龥]{6}.*(?<!\d)|(?:请|注意|仅供|严禁|严格|不得)[一-龥]{2}.*)"
)
_SEXES = frozenset("男女")
_LONGEST_NAME = 10
"""Characters of a name that has no dot between its parts."""
_ONES_NAME = ("staff_no", "name", "sex", "document_type", "document_no")
_ONES_OWN = ("document_no", "county", "sex", "notice_version")
"""Fields that hold nothing in the line of somebody to call."""
MOVED = 2
"""Titles that stand in another column than above: a second header, under which the columns mean something else."""
_DATE_FIELDS = frozenset({"birth_date", "hired_on", "left_on", "consented_on"})
_ALNUM = np.array([chr(byte).isalnum() and byte < 128 for byte in range(256)])


def speaks_of_nobody(cells: Mapping[str, str], titles: Mapping[str, str]) -> bool:
    """Whether a line, its cells by field, is no row; `titles`: the header's own text by field."""
    filled = {field: plain_text(cell) for field, cell in cells.items()}
    filled = {field: cell for field, cell in filled.items() if cell}
    if not filled or all(_RULE.match(cell) for cell in filled.values()):
        return True
    if _is_header(filled, titles):
        return True
    return not _is_person(filled) and _is_marked(filled)


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
    born = _BORN.match(filled.get("birth_date", ""))
    if _is_to_call(number) and not any(map(own, _ONES_OWN)) and not born and not _agreed(filled):
        return False
    staff, name = number if _NUMBERED.match(number) else own("staff_no"), own("name")
    numbered = bool(staff) and not _TITLE.match(staff)
    named = bool(_NAME.match(name)) and not _TITLE.match(name) and not (":" in name and _ROLE.match(name))
    if _DOCUMENT.match(document) or _MOBILE.match(own("mobile")):
        return numbered or named
    placed = bool(_COUNTY.match(own("county")))
    if numbered:
        return placed or named
    if not named:
        return False
    if filled.get("sex", "") in _SEXES or born:
        return True
    if number:  # a word that signs; whoever signs is placed nowhere, and beside a date of today at most
        return placed and bool(_COUNTY_NAMED.match(filled["county"]))
    return placed or ("birth_date" in filled and not _MARK.match(filled["birth_date"]))


def _is_to_call(number: str) -> bool:
    """Whether the word for somebody to call, or for who signs, stands in place of a staff number."""
    return bool(_ROLE.match(number) or (_MARK.match(number) and not _NUMBERED.match(number)))


def _agreed(filled: Mapping[str, str]) -> bool:
    """Whether a date stands where the consent does, with something that is agreed to or somebody who can be called. A
    date alone may be that of a signature."""
    return bool(filled.get("consented_on")) and bool(filled.get("notice_version") or filled.get("mobile"))


def _is_marked(filled: Mapping[str, str]) -> bool:
    """Whether a word or a shape tells what the line is. A job may be called 主管 or 审核."""
    if any(_MARK.match(cell) and (field != "occupation" or ":" in cell) for field, cell in filled.items()):
        return True
    if len(filled) <= 2 and _is_sealed(list(filled.values())):
        return True
    field, first = next(iter(filled.items()))
    if any(_ROLE.match(filled.get(name, "")) for name in ("staff_no", "name")):
        return True
    if len(filled) == 1 and _is_note(field, first):
        return True
    if _LABEL.match(first) or _heads(filled, field) or heads_section(filled):
        return True
    if len(filled) <= 2 and (_TITLE.match(first) or not first.strip("*")):
        return True
    return all(field not in _DATE_FIELDS and _DATE.match(cell) for field, cell in filled.items())


def _is_sealed(cells: list[str]) -> bool:
    """Whether a date stands alone, or a seal or a sentence beside nothing but a date. Two dates are of a row."""
    rest = [cell for cell in cells if not _DATE.match(cell)]
    return not rest[1:] and (
        all(_SEAL.match(cell) or _SENTENCE.fullmatch(cell) for cell in rest) if rest else len(cells) == 1
    )


def _is_note(field: str, cell: str) -> bool:
    """Whether a line of this one cell says something to the reader without a comma. A name is not looked for where an
    address, a station or a job may stand."""
    longest = _LONGEST_NAME if field == "name" else 0
    return field in _ONES_NAME and len(cell) > longest and bool(_NOTE.fullmatch(cell)) and not is_full_name(cell)


def _heads(filled: Mapping[str, str], field: str) -> bool:
    """Whether a line of one cell is a heading, a page number or an end. A name may end like a place."""
    first, *others = filled.values()
    if others and not (len(others) == 1 and _HEADCOUNT.fullmatch(others[0])):
        return False
    return bool(_ALONE.fullmatch(first)) and (field == "staff_no" or not is_full_name(first)) and field != "county"


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
    text = plain_text(county)
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
