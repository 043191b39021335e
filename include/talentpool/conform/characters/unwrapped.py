"""Remove signs that only mark a cell as text: an apostrophe in front, quotes around, a formula of a text.

Programs write '1401... and ="1401..." so that a spreadsheet keeps the digits. A staff number is read on its own, with all
that may have become of it (conform/values/staff.py).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

WRAPPED = "wrapped"
"""A column beside the fields, in blocks that need it: whether such a sign came off a cell of the row."""
_QUOTE = "'`´‘’＇"
_RULES = (
    (r'^[=＝]\s*(?:T\(\s*)?"([^"]*)"\s*\)?$', r"\1"),
    (r"^[=＝](\d{5,}[0-9Xx]?)$", r"\1"),
    (rf"^[{_QUOTE}]([\p{{L}}\p{{N}}+(][^{_QUOTE}]*)[{_QUOTE}]?$", r"\1"),
    (r'^["“”＂]([^"“”＂]*)["“”＂]$', r"\1"),
)
"""(RE2 pattern, replacement): the whole cell is the sign and what it wraps, so 王'小明 and =A1 stay."""
_LEADS = np.zeros(256, dtype=bool)
_LEADS[[sign.encode()[0] for sign in '=＝"“”＂' + _QUOTE]] = True


def unwrapped_column(column: pa.Array) -> tuple[pa.Array, np.ndarray | None]:
    """A column of trimmed cells without such signs, and where one came off; None for nowhere."""
    at = np.flatnonzero(_LEADS[_first_bytes(column)])
    if not len(at):
        return column, None
    found = column.take(pa.array(at))
    bare = found
    for pattern, replacement in _RULES:
        bare = pc.replace_substring_regex(bare, pattern, replacement)
    changed = at[pc.not_equal(bare, found).to_numpy(zero_copy_only=False)]
    if not len(changed):
        return column, None
    mask = np.zeros(len(column), dtype=bool)
    mask[at] = True
    column = pc.replace_with_mask(column, pa.array(mask), pc.utf8_trim_whitespace(bare))
    mask[:] = False
    mask[changed] = True
    return column, mask


def _first_bytes(column: pa.Array) -> np.ndarray:
    """The first byte of each cell, 0 of an empty one."""
    _, offsets, text = column.buffers()
    first = np.zeros(len(column), dtype=np.uint8)
    if not len(column) or text is None:
        return first
    ends = np.frombuffer(offsets, np.int32, len(column) + 1, column.offset * 4)
    filled = np.flatnonzero(ends[1:] > ends[:-1])
    first[filled] = np.frombuffer(text, np.uint8)[ends[filled]]
    return first
