"""Say what may be done about a row, by the codes it was set aside for: which field corrected, and whether taken as it is."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from talentpool.conform.characters.invisible import visible
from talentpool.errors import UsageError
from talentpool.expect.rules import AS_IT_IS

FIELDS = (
    "name", "sex", "document_type", "document_no", "birth_date", "mobile", "mobile2", "county", "station", "occupation",
    "hired_on",
)  # fmt: skip
"""What an officer may correct: never the staff number, which is the partner's own, nor the consent, which is the person's, nor
the last day of work, which would go on ending whoever comes back."""
OF_THE_NUMBER = frozenset({"staff_no_missing", "staff_no_damaged", "staff_no_personal"})
"""Nothing names the person in the next roster: nothing could be remembered for them."""
NOT_BY_A_CELL = OF_THE_NUMBER | {"row_struck", "staff_no_doubled"}
"""No cell of the row says which row is right, or whether it is meant at all."""
CITYS = frozenset({"age_14_15"})
"""Whose correction is the city's: somebody may be too young to work."""
NOT_HERE = frozenset({"withdrawn_doubtful"})
"""Rows that wait elsewhere (services/rights/withdrawn.py)."""
FOR_THE_CITY = frozenset({"withdrawn", "withdrawn_doubtful"})
"""Codes of which a county's officer is not told."""

_SPEAKS_OF = {
    "document_no": ("id_",), "mobile": ("mobile_",), "mobile2": ("mobile2_",), "birth_date": ("birth_date_", "age_"),
    "hired_on": ("hired_",), "left_on": ("left_",), "name": ("name_", "two_people"), "county": ("county_",),
    "sex": ("sex_",), "station": ("station_",), "occupation": ("occupation_",), "document_type": ("document_type_",),
}  # fmt: skip
"""Field -> how the codes begin that speak of it."""


def is_of(code: str, field: str) -> bool:
    """Whether a reason code speaks of a field."""
    return code.startswith(_SPEAKS_OF[field])


def written(value: str) -> str:
    """A value as `conform` tidies the cell that holds it; remembered values are put in behind that. UsageError for what it would
    not leave whole: signs that nobody sees, marks of direction, a break."""
    seen = visible(value)
    whole = "".join(seen.split()) == "".join(value.split())
    if not whole or is_unwritable(value.strip()):
        raise UsageError("填写的内容含有换行或看不见的字符；请不要粘贴，重新手工输入")
    return seen


def is_unwritable(text: str) -> bool:
    """Whether it holds breaks, control characters but a tab, or halves of characters: nothing that anybody types."""
    return any(sign != "\t" and unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in text)


def correctable(codes: Collection[str], *, city: bool) -> bool:
    """Whether a cell of the row may be corrected."""
    return not set(codes) & (NOT_BY_A_CELL | NOT_HERE) and (city or not set(codes) & CITYS)


def releasable(codes: Collection[str]) -> bool:
    """Whether the row may be taken as it is."""
    return bool(codes) and set(codes) <= AS_IT_IS


def why_not_corrected(codes: Collection[str]) -> str:
    """What to do with a row of which no cell may be corrected, in words."""
    found = set(codes)
    if found & NOT_HERE:
        return "这一行在“授权待核实”中处理"
    if found & OF_THE_NUMBER:
        return "工号由合作单位给定，这里不能补填；请退回合作单位更正"
    if "row_struck" in found:
        return "这一行在名册中被划掉，无法判断此人是否仍应报送；请退回合作单位核实"
    if "staff_no_doubled" in found:
        return "同一工号有多行，请先判断哪一行是对的：对的一行选“按原样收下”，其余退回合作单位"
    return "年龄为 14 或 15 周岁的行由市级专员更正；请联系市级专员"


def why_not_released(codes: Collection[str]) -> str:
    """Why a row is not taken as it is, and what to do, in words."""
    if set(codes) & CITYS:
        return "年龄为 14 或 15 周岁的行不能按原样收下；出生日期有误的请更正，属实的由市级核实用工年龄"
    return "这一行缺少收录所必需的内容，或指向不明，不能按原样收下；请更正，或退回合作单位"
