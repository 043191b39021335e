"""Tell cells that hold no value apart: an error text is damage, a word for "nothing" is a blank.

`#N/A`, `######`, `Err:508` or `???` stand where a value stood before a formula, a narrow column or an encoding destroyed
it. `NULL` or 无 stand where somebody had nothing to write. Both become an empty cell here; the fields whose known value
must outlive that (conform/rows/merge.py) are named, and so is the code that the row carries.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

SET_ASIDE = frozenset({"bad_checksum", "malformed", "precision_lost", "unusable"})
"""Statuses of a document or mobile cell that holds something, and nothing usable."""
UNREADABLE = {
    "document_no": "id_unreadable",
    "document_type": "document_type_unreadable",
    "mobile": "mobile_unreadable",
    "mobile2": "mobile2_unreadable",
    "birth_date": "birth_date_unreadable",
    "sex": "sex_unreadable",
    "station": "station_unreadable",
    "occupation": "occupation_unreadable",
    "hired_on": "hired_on_unreadable",
    "left_on": "left_on_unreadable",
    "consented_on": "consented_on_unreadable",
    "notice_version": "notice_version_unreadable",
}
"""The code of a damaged cell by field."""
REQUIRED = ("name", "county")
"""Fields without which a row is set aside: an error text there is as good as an empty cell. (A staff number has a code
of its own for it: conform/values/staff.py.)"""
WORDED = ("document_type", "sex", "station", "occupation")
"""Fields in which a word for nothing is a blank. Dates and staff numbers know such words themselves (never.py, staff.py);
a document or mobile cell with one is set aside with its code."""

DATES = ("birth_date", "hired_on", "left_on", "consented_on")

_SUSPICIOUS = (b"#", b"?", b":", b"\xef", "\u9519\u8bef".encode())
"""One of these bytes is in every error text: most columns hold none of them, and are not looked at further."""
_MAYBE = r"(?i)[#\x{FF03}?\x{FF1F}\x{FFFD}]|err|\x{9519}\x{8BEF}|\x{FF25}"
_NAMES = (
    "N/A|NA|N/D|VALUE|REF|NAME|DIV/0|NULL|NUM|SPILL|CALC|FIELD|BLOCKED|CONNECT|UNKNOWN|GETTING_DATA|BUSY|EXTERNAL"
    "|PYTHON|TIMEOUT|ERROR|ERR|FORMULA|MACRO|CIRC|CYCLE|PARSE"
)
_ERROR = re.compile(
    rf"#({_NAMES})[!?.]*(N/A)?|#[A-Z\u00a1-\uffff/0_]+[!?]|#{{2,}}|[?\ufffd]+|.*\ufffd.*"
    r"|(ERR|\u9519\u8bef):\d{3}|#?(ERR|ERROR|\u9519\u8bef):?[!?]*"
)
_NOTHING = frozenset(
    ("NULL", "NONE", "NAN", "NA", "N/A", "NIL", "NAT", "\\N", "<NA>", "(NULL)", "[NULL]", "<NULL>", "UNDEFINED",
     "已脱敏", "脱敏", "加载中", "加载中...", "读取失败", "查询失败", "/", "//", "\\", ".", "。", "*", "**", "无",
     "暂无", "没有", "空", "空白", "未知", "不详", "不明", "未填", "未填写", "未提供")
)  # fmt: skip
_PARTLY_LOST = re.compile(
    r".*(\u951f\u65a4\u62f7|[\ufffd\ufffc\u25a0-\u25ab\u2580-\u2595\u25fb-\u25fe\u2b1b\u2b1c\u3013\u0080-\u009f]"
    r"|[\u3400-\u9fff][?*]+[\u3400-\u9fff]|\?\?|\*\*).*"
    r"|[?*][\u3400-\u9fff].*|.*[\u3400-\u9fff][*]|=[$A-Z]+[$0-9]+|\[OBJECT ?OBJECT\]"
    r"|[0-9.]+E\+[0-9]+"
)
"""Of a column of words: characters lost in a conversion or masked, a reference, an object. Formulas stay text."""
_MASKED_DATE = re.compile(r"[0-9*xX\u5e74\u6708\u65e5/.: -]+")
_DASHES = re.compile(r"[-\u2010-\u2015\u2212\u2500_~]+")
_LONGEST = 12
"""Bytes of the longest word for nothing: longer cells need not be compared."""
MISREAD_FROM = 3
"""Characters from which a misread cell is told from a rare word: two of three bytes are three of two."""
_ZERO, _NINE = ord("0"), ord("9")
_SEX_NOT_SAID = frozenset({"0", "未说明", "保密"})


@dataclass(frozen=True)
class Unread:
    """By field, the rows whose cell was emptied: `damaged` with a code, `worded` with a note; all fields in `keep`
    hold what is known in those rows."""

    damaged: dict[str, np.ndarray] = field(default_factory=dict)
    worded: dict[str, np.ndarray] = field(default_factory=dict)

    def keep(self, **never: np.ndarray) -> dict[str, np.ndarray]:
        """All rows that keep what is known; `never`: by field, rows whose date was a word or an end of a calendar."""
        kept = dict(self.damaged)
        for name, rows in (*self.worded.items(), *((n, r) for n, r in never.items() if r.any())):
            kept[name] = kept[name] | rows if name in kept else rows
        return kept


def is_error(cell: str) -> bool:
    """Whether a cell holds a program's complaint instead of a value."""
    text = "".join(unicodedata.normalize("NFKC", cell).upper().split())
    return bool(_ERROR.fullmatch(text))


def is_partly_lost(cell: str) -> bool:
    """Whether a cell of a column of words holds what is left of a value: where characters were lost, masked, or read in
    the wrong encoding."""
    text = "".join(unicodedata.normalize("NFKC", cell).upper().split())
    return bool(_PARTLY_LOST.fullmatch(text)) or is_misread(cell.strip())


def is_masked_date(cell: str) -> bool:
    """Whether a date is hidden in part; one that is hidden says nothing, and ends nothing."""
    return "*" in cell and bool(_MASKED_DATE.fullmatch(unicodedata.normalize("NFKC", cell)))


def is_misread(cell: str) -> bool:
    """Whether a cell is Chinese in UTF-8 that was read as GBK or as Latin letters."""
    if len(cell) < MISREAD_FROM or cell.isascii():
        return False
    for encoding in ("gb18030", "cp1252", "latin-1"):
        try:
            data = cell.rstrip("?\ufffd").encode(encoding)
        except UnicodeEncodeError:
            continue
        meant = data.decode("utf-8", "ignore")
        # a character of three bytes may be cut off at the end
        if len(data) - len(meant.encode()) < 3 and len(meant) > 1 and all("\u4e00" <= ch <= "\u9fff" for ch in meant):
            return True
    return False


def says_nothing(cell: str) -> bool:
    """Whether a cell holds a word for "there is none"."""
    text = "".join(unicodedata.normalize("NFKC", cell).upper().split())
    return text in _NOTHING or bool(_DASHES.fullmatch(text))


def empty_unread(columns: dict[str, pa.Array]) -> tuple[dict[str, pa.Array], Unread]:
    """The columns with such cells emptied, and which they were. A column without one is the same array."""
    read, unread = dict(columns), Unread()
    for name in (*REQUIRED, *UNREADABLE):
        column = read[name]
        rows = _errors(column)
        if name in WORDED:
            rows = _either(rows, _those(column, np.arange(len(column)), is_partly_lost))
        if name in DATES and b"*" in _data(column):
            rows = _either(rows, _those(column, np.arange(len(column)), is_masked_date))
        if rows is not None:
            column = _emptied(column, rows)
            if name in UNREADABLE:
                unread.damaged[name] = rows
        if name in WORDED:
            rows = _words(column, name)
            if rows is not None:
                column = _emptied(column, rows)
                unread.worded[name] = rows
        read[name] = column
    return read, unread


def _either(one: np.ndarray | None, other: np.ndarray | None) -> np.ndarray | None:
    if one is None or other is None:
        return other if one is None else one
    return one | other


def _errors(column: pa.Array) -> np.ndarray | None:
    data = _data(column)
    if not any(sign in data for sign in _SUSPICIOUS):
        return None
    maybe = np.flatnonzero(pc.match_substring_regex(column, _MAYBE).to_numpy(zero_copy_only=False))
    return _those(column, maybe, is_error)


def _words(column: pa.Array, name: str) -> np.ndarray | None:
    if name == "sex":
        every = np.arange(len(column))
        return _those(column, every, lambda cell: says_nothing(cell) or cell.strip() in _SEX_NOT_SAID)
    return _those(column, _short_and_wordy(column), says_nothing)


def _short_and_wordy(column: pa.Array) -> np.ndarray:
    """Rows that may hold a word for nothing: short, and no digit at the end."""
    _, offsets, data = column.buffers()
    if data is None or not len(column):
        return np.zeros(0, dtype=np.int64)
    ends = np.frombuffer(offsets, dtype=np.int32, count=len(column) + 1, offset=4 * column.offset)
    lengths = np.diff(ends)
    maybe = np.flatnonzero((lengths > 0) & (lengths <= _LONGEST))
    last = np.frombuffer(data, dtype=np.uint8)[ends[maybe + 1] - 1]
    return maybe[(last < _ZERO) | (last > _NINE)]


def _those(column: pa.Array, maybe: np.ndarray, is_so: Callable[[str], bool]) -> np.ndarray | None:
    """Which of the rows `maybe` are so, as a mask of all rows; None when none is."""
    if not len(maybe):
        return None
    words = (column if len(maybe) == len(column) else column.take(pa.array(maybe))).dictionary_encode()
    so = np.array([is_so(cell) for cell in words.dictionary.to_pylist()], dtype=bool)
    if not so.any():
        return None
    rows = np.zeros(len(column), dtype=bool)
    rows[maybe] = so[words.indices.to_numpy(zero_copy_only=False)]
    return rows


def _emptied(column: pa.Array, rows: np.ndarray) -> pa.Array:
    return pc.if_else(pa.array(rows), "", column)


def _data(column: pa.Array) -> bytes:
    """The text of a whole column, cell after cell."""
    _, offsets, data = column.buffers()
    if data is None or not len(column):
        return b""
    ends = np.frombuffer(offsets, dtype=np.int32, count=len(column) + 1, offset=4 * column.offset)
    return bytes(memoryview(data)[ends[0] : ends[-1]])
