"""Remove invisible characters from a cell before anything is judged; odd spaces and tabs become plain ones.

Copying from a phone, a web page or a PDF leaves marks of direction, joiners, fillers and selectors between the signs.
They change nothing that a person reads, so no value and no row may be lost over them. A line break is kept: it may stand
between two numbers. Signs that a table of bytes does not suspect cost a clean column one pass over its bytes.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

INVISIBLE = "invisible"
"""A column beside the fields, in blocks that need it: whether something came out of a row that cannot be seen."""
_HIDDEN = (
    (0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F),  # control characters, apart from breaks and tabs
    (0xAD, 0xAD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
"""Unicode's default-ignorable code points and formats, and two that only look like nothing: fillers, the blank of braille.
A selector of an ideograph's shape is among them: it chooses a drawing, not a character."""
_SPACES = ((0x09, 0x09), (0x0B, 0x0C), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x202F, 0x202F),
           (0x205F, 0x205F), (0x3000, 0x3000))  # fmt: skip
_BREAKS = ((0x0D, 0x0D), (0x85, 0x85), (0x2028, 0x2029))


def _class(ranges: tuple[tuple[int, int], ...]) -> str:
    return "[" + "".join(rf"\x{{{low:X}}}-\x{{{high:X}}}" for low, high in ranges) + "]"


def _characters(ranges: tuple[tuple[int, int], ...]) -> list[int]:
    return [code for low, high in ranges for code in range(low, high + 1)]


_HIDDEN_CLASS, _SPACE_CLASS, _BREAK_CLASS = _class(_HIDDEN), _class(_SPACES), r"\r\n|" + _class(_BREAKS)
_TRANSLATED = (
    dict.fromkeys(_characters(_HIDDEN), "") | dict.fromkeys(_characters(_SPACES), " ")
    | dict.fromkeys(_characters(_BREAKS), "\n")
)  # fmt: skip


def visible(text: str) -> str:
    """One cell as a person reads it."""
    return re.sub(r"\r\n", "\n", text).translate(_TRANSLATED).strip()


def visible_column(column: pa.Array) -> tuple[pa.Array, pa.Array | None]:
    """A column of trimmed cells as a person reads them, and where something invisible came out; None for nowhere."""
    if not _suspicious(column):
        return column, None
    hidden = pc.match_substring_regex(column, _HIDDEN_CLASS)
    for pattern, replacement in ((_HIDDEN_CLASS, ""), (_BREAK_CLASS, "\n"), (_SPACE_CLASS, " ")):
        column = pc.replace_substring_regex(column, pattern, replacement)
    return pc.utf8_trim_whitespace(column), hidden if pc.any(hidden).as_py() else None


def _suspicious(column: pa.Array) -> bool:
    """Whether the bytes of a column may hold one of the signs. Nearly all bytes are ASCII or of common ideographs."""
    data = _bytes(column)
    if not len(data):
        return False
    if data.max() < 0x7F:
        return bool(data.min() < 0x20 and (data[data < 0x20] != 0x0A).any())
    odd = (data > 0xBF) & (data < 0xE4)
    if data.min() < 0x20 or data.max() > 0xE9 or odd.any() or (data == 0x7F).any():
        at = np.flatnonzero(odd | (data > 0xE9) | (data < 0x20) | (data == 0x7F))
        following = data[np.minimum(at + 1, len(data) - 1)].astype(np.int64)
        return bool(_LEADS[data[at].astype(np.int64) << 8 | following].any())
    return False


def _bytes(column: pa.Array) -> np.ndarray:
    _, offsets, text = column.buffers()
    if not len(column) or text is None:
        return np.zeros(0, np.uint8)
    ends = np.frombuffer(offsets, np.int32, len(column) + 1, column.offset * 4)
    return np.frombuffer(text, np.uint8, count=int(ends[-1]))[int(ends[0]) :]


def _leads() -> np.ndarray:
    """Which two bytes, one after the other, may begin one of the signs."""
    table = np.zeros(1 << 16, bool)
    for code in _characters(_HIDDEN + _SPACES + _BREAKS):
        encoded = chr(code).encode()
        if len(encoded) > 1:
            table[encoded[0] << 8 | encoded[1]] = True
        else:
            table[encoded[0] << 8 : (encoded[0] + 1) << 8] = True
    return table


_LEADS = _leads()
