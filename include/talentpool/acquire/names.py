"""Tell from a file's name which roster of which date it is, or why it is not taken.

A name that only differs in upper and lower case is taken. Any other file is left alone and listed with what to do: a
roster that nobody takes and nobody mentions is a month in which people are missing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from talentpool.texts.redact import redact

MOST_NAMED = 100
"""Characters of a name that are repeated to anybody."""
_TABLES = ("csv", "xlsx", "xls", "xlsm", "xlsb", "et", "ods", "txt", "tsv", "numbers", "zip", "rar", "7z")
_COPY = re.compile(
    r"(\s*[(（]\d+[)）]|\s*-\s*(副本|copy)(\s*[(（]\d+[)）])?|^(副本|复件|copy of)\s*|\s*(副本|复件|copy))", re.I
)
_SPLIT_DATE = re.compile(r"(?<!\d)(20\d{2})[-._/ 年](\d{1,2})[-._/ 月](\d{1,2})日?(?!\d)")
_NOT_SHOWN = re.compile(r"^(\.|~\$)|^(thumbs\.db|desktop\.ini)$", re.I)
_HIDDEN_TABLE = re.compile(rf"^\.(?![_~]|taken-).*\.({'|'.join(_TABLES)})$", re.I)
_OF_THE_SYSTEM = re.compile(r"^(\._|~\$)|^(\.ds_store|thumbs\.db|desktop\.ini)$", re.I)
_REASONS = {
    "copy": "像是副本或重复下载的文件，没有读取；请确认内容后改为约定的文件名",
    "date_form": "文件名中的日期应写成八位数字（年月日），没有读取；请改名",
    "no_such_day": "文件名中的日期不存在，没有读取；请改名",
    "ending": "文件类型不是约定的 csv 或 xlsx，没有读取；请另存为 xlsx 或 CSV",
    "clock_ahead": "文件的修改时间晚于现在（电脑时钟不准），没有读取；请校准时钟后重新放入",
    "incomplete": "缺少清单文件或 .ok 文件，尚未读取；请补齐",
    "orphan": "清单或 .ok 文件旁没有数据文件；请补交数据文件",
    "not_a_file": "不是普通文件，没有读取；请放入文件本身",
    "in_folder": "放在子文件夹中，没有读取；请移到收件夹中",
    "hidden": "文件名以点开头（隐藏文件），没有读取；请改为约定的文件名",
    "name": "文件名不是约定的形式，没有读取；请改名",
}


@dataclass(frozen=True)
class Overlooked:
    """A file at the partner's that was not taken. `name` is fit to be repeated: shortened, personal numbers masked.

    `why` is one of the reasons above; `exact` is the name as it is, for whoever takes the file after all.
    """

    name: str
    why: str
    exact: str

    @property
    def text_zh(self) -> str:
        return _REASONS[self.why]


class Names:
    """The names of one partner's files by its declared pattern, a regular expression with (?P<as_of>YYYYMMDD)."""

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(pattern, re.IGNORECASE)

    def as_of(self, name: str) -> date | None:
        """The date of a roster of this name; None when it is no roster's name, or names no day of the calendar."""
        matched = self._pattern.fullmatch(name)
        return _day(matched["as_of"]) if matched else None

    def overlooked(self, name: str, why: str | None = None) -> Overlooked:
        """What to say of a file that is not taken."""
        shown = redact(name if len(name) <= MOST_NAMED else f"{name[:MOST_NAMED]}…")
        return Overlooked(shown, why or self._why(name), name)

    def _why(self, name: str) -> str:
        if self._pattern.fullmatch(name):
            return "no_such_day"
        plain = unicodedata.normalize("NFKC", name).strip()
        single = _COPY.sub("", plain)
        if single != plain and (self._fits(single) or self._fits(_SPLIT_DATE.sub(_joined, single))):
            return "copy"
        if self._pattern.fullmatch(_SPLIT_DATE.sub(_joined, plain)):
            return "date_form"
        if self._fits(plain):
            return "ending"
        return "name"

    def _fits(self, name: str) -> bool:
        """Whether the name would do with the right ending."""
        stem = re.sub(rf"\.({'|'.join(_TABLES)})$", "", name, flags=re.I)
        return any(self._pattern.fullmatch(f"{stem}.{ending}") for ending in ("csv", "xlsx"))


def strangers(names: Iterable[str], sidecars: tuple[str, ...], taken: set[str]) -> Iterator[tuple[str, str | None]]:
    """Of all names of a folder those that nothing was done with, and why where that is known already.

    Files of the system and of an open spreadsheet are nobody's roster.

    Args:
        sidecars: endings of files that only stand beside a roster, in small letters.
        taken: names of rosters that are taken.
    """
    whole = list(names)
    lower = {name.lower() for name in whole}
    for name in sorted(whole):
        beside = next((ending for ending in sidecars if name.lower().endswith(ending)), None)
        if name not in taken and _HIDDEN_TABLE.match(name):
            yield name, "hidden"
        if name in taken or _NOT_SHOWN.match(name):
            continue
        if beside is None:
            yield name, None
        elif name.lower().removesuffix(beside) not in lower:
            yield name, "orphan"


def is_of_the_system(name: str) -> bool:
    """Whether a file is one that a system or an open spreadsheet leaves in any folder."""
    return bool(_OF_THE_SYSTEM.match(name))


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def _joined(matched: re.Match[str]) -> str:
    return f"{matched[1]}{int(matched[2]):02d}{int(matched[3]):02d}"
