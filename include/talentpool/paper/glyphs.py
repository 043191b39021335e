"""Tell which characters our fonts can print. One that none of them has is written as its code, never left as an empty box."""

from __future__ import annotations

import struct
from bisect import bisect_right
from functools import cache

from talentpool.settings import INCLUDE

FONTS = INCLUDE / "fonts"
_SCRIPTS_ON_ONE_PLANE = 4
_ALL_PLANES = 12


def marked(text: str) -> tuple[str, int]:
    """`text` with each character that no font of ours has as 〔U+20BB7〕; how many there were."""
    out = "".join(sign if has_glyph(sign) else f"〔U+{ord(sign):04X}〕" for sign in text)
    return out, sum(not has_glyph(sign) for sign in text)


def has_glyph(sign: str) -> bool:
    starts, ends = _ranges()
    at = bisect_right(starts, ord(sign)) - 1
    return at >= 0 and ord(sign) <= ends[at]


@cache
def _ranges() -> tuple[list[int], list[int]]:
    """First and last code points of runs that the fonts cover together, in order."""
    spans = sorted(span for path in FONTS.glob("*-R*.[to]tf") for span in _spans(path.read_bytes()))
    starts: list[int] = []
    ends: list[int] = []
    for first, last in spans:
        if starts and first <= ends[-1] + 1:
            ends[-1] = max(ends[-1], last)
        else:
            starts.append(first)
            ends.append(last)
    return starts, ends


def _spans(font: bytes) -> list[tuple[int, int]]:
    """The runs of a font's character map (OpenType `cmap`), of the widest table that we read: format 12, else 4."""
    tables = {
        font[at : at + 4]: struct.unpack(">I", font[at + 8 : at + 12])[0]
        for at in range(12, 12 + 16 * struct.unpack(">H", font[4:6])[0], 16)
    }
    cmap = font[tables[b"cmap"] :]
    offsets = [
        struct.unpack(">I", cmap[at : at + 4])[0] for at in range(8, 4 + 8 * struct.unpack(">H", cmap[2:4])[0] + 4, 8)
    ]
    by_format = {struct.unpack(">H", cmap[at : at + 2])[0]: cmap[at:] for at in offsets}
    if _ALL_PLANES in by_format:
        table = by_format[_ALL_PLANES]
        groups = struct.unpack(">I", table[12:16])[0]
        return [struct.unpack(">II", table[at : at + 8]) for at in range(16, 16 + 12 * groups, 12)]
    table = by_format[_SCRIPTS_ON_ONE_PLANE]
    width = struct.unpack(">H", table[6:8])[0]
    lasts = struct.unpack(f">{width // 2}H", table[14 : 14 + width])
    firsts = struct.unpack(f">{width // 2}H", table[16 + width : 16 + 2 * width])
    return [(first, last) for first, last in zip(firsts, lasts, strict=True) if last != 0xFFFF]
