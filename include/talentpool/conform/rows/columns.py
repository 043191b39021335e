"""Make columns of bytes and days as COPY takes them, from buffers instead of row by row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def hex_fixed(values: np.ndarray) -> pa.Array:
    """Strings of hex for (n, k) bytes: what COPY reads as a uuid when k is 16."""
    n, size = values.shape
    offsets = np.arange(n + 1, dtype=np.int32) * (2 * size)
    text = np.ascontiguousarray(values).tobytes().hex().encode()
    return pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(text))


def hex_varied(values: Sequence[bytes]) -> pa.Array:
    r"""Strings of \x and hex for values of any length: what COPY reads as bytea."""
    sizes = np.fromiter(map(len, values), dtype=np.int32, count=len(values))
    offsets = np.concatenate([np.zeros(1, np.int32), np.cumsum(2 * sizes, dtype=np.int32)])
    text = b"".join(values).hex().encode()
    plain = pa.StringArray.from_buffers(len(values), pa.py_buffer(offsets), pa.py_buffer(text))
    return pc.binary_join_element_wise("\\x", plain, "")


def packed(values: np.ndarray) -> pa.Array:
    """(n, k) bytes as a binary column."""
    n, size = values.shape
    offsets = np.arange(n + 1, dtype=np.int32) * size
    return pa.BinaryArray.from_buffers(
        pa.binary(), n, [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(values).tobytes())]
    )


def at_rows(n: int, at: np.ndarray, column: pa.Array) -> pa.Array:
    """A column of `n` rows that holds `column` at rows `at` and null elsewhere."""
    if len(at) == n:
        return column
    index = np.zeros(n, dtype=np.int64)
    index[at] = np.arange(len(at))
    empty = np.ones(n, dtype=bool)
    empty[at] = False
    return column.take(pa.array(index, mask=empty))


def date_text(days: np.ndarray) -> pa.Array:
    """datetime64 as YYYY-MM-DD, NaT as null."""
    return pa.array(days.astype("datetime64[D]")).cast(pa.string())


def first_eight(values: np.ndarray) -> np.ndarray:
    """The first eight bytes of (n, k) bytes as one big-endian number a row."""
    return np.ascontiguousarray(values[:, :8]).view(">u8").ravel()


def rows_where(column: pa.Array, value: str) -> np.ndarray:
    """The rows whose cell is `value`."""
    return np.asarray(pc.equal(column, value).to_numpy(zero_copy_only=False))
