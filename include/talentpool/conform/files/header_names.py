"""Compare header cells without their spelling: only letters and digits, simplified, in lower case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from talentpool.conform.characters.look_alikes import simplify
from talentpool.texts.redact import redact

LONGEST = 30
"""Characters of a header that are compared, shown and remembered."""
IGNORE = "ignore"
_REMARK = re.compile(r"[(\[{【〔<《〈「][^)\]}】〕>》〉」]*(?:[)\]}】〕>》〉」]|$)")
_NUMBERED = re.compile(r"^\d{1,2}[.、)]")
_REQUIRED = ("非必填", "必填", "选填", "必录")
_OTHERS = re.compile(
    "家属|紧急|亲属|家庭|配偶|父|母|监护|担保|介绍|推荐|站长|主管|经理|负责人"
    "|备用|第二|其他|拼音|英文|曾用|原|旧|户籍|籍贯|上一|上次|上家|前单位|前公司|预计"
)
"""A remark that makes another column of it: 手机号码（家属） is not the rider's."""
_OF_A_PERSON = re.compile(r"\d{6}")


def header_key(cell: str) -> str:
    """A header cell as compared, remarks in brackets included. Width, case, spaces, marks, invisible and traditional
    characters make no difference."""
    text = _NUMBERED.sub("", unicodedata.normalize("NFKC", cell).strip())
    text = "".join(ch for ch in text[: 3 * LONGEST].translate(simplify()) if ch.isalnum()).lower()
    for mark in _REQUIRED:
        text = text.removesuffix(mark) or text
    return text[:LONGEST]


def header_keys(cell: str) -> tuple[str, ...]:
    """The names a cell may stand for, the most literal first: whole; without remarks; its first line."""
    text = unicodedata.normalize("NFKC", cell).strip()
    whole = header_key(text)
    remarks = "".join(_REMARK.findall(text))
    keys = [whole]
    if remarks and not _OTHERS.search(remarks.translate(simplify())):
        keys.append(header_key(_REMARK.sub("", text)))
    first, _, rest = text.partition("\n")
    if rest and not _OTHERS.search(text.translate(simplify())):
        keys.append(header_key(_REMARK.sub("", first)))
    return tuple(dict.fromkeys(key for key in keys if key)) or ("",)


def shown_name(key: str, position: int) -> str:
    """What an unknown column is called in messages: its name, or where it stands when the name may be a value."""
    if not key or redact(key) != key or _OF_A_PERSON.search(key):
        return f"第{position + 1}列"
    return key


def is_place(name: str) -> bool:
    """Whether a column is named by where it stands, which says nothing about the next file."""
    return re.fullmatch(r"第\d+列", name) is not None


def resolve(cells: Iterable[str], known: Iterable[str]) -> list[str]:
    """Each cell's name: one of `known` where it can stand for one, else the whole of it.

    A remark counts where the plain name is a column as well: 姓名(拼音) beside 姓名 is not 姓名.
    """
    names, choices = set(known), [header_keys(cell) for cell in cells]
    plain = {keys[0] for keys in choices}
    found = []
    for keys in choices:
        fitting = [key for key in keys[1:] if key in names and key not in plain]
        found.append(keys[0] if keys[0] in names or not fitting else fitting[0])
    return found


def odd_spelling(cell: str, key: str) -> bool:
    """Whether a name was recognised only after traditional or invisible characters were set aside: worth a note."""
    text = "".join(unicodedata.normalize("NFKC", cell).replace("\ufeff", "").split()).lower()
    return key not in text or any(unicodedata.category(ch) in ("Cf", "Cc", "Co") for ch in text)
