"""Hold record and person ids as columns of 16 bytes. Bytes sort as uuids do in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import numpy as np

ID = np.dtype("S16")
"""Compared over its whole width, so that ids which end in zero bytes are told apart; only single values lose them."""
NOBODY = b""
"""In a column: no id."""


def pack(ids: Iterable[UUID]) -> np.ndarray:
    """A column of them."""
    return np.frombuffer(b"".join(record.bytes for record in ids), ID)


def unpack(column: np.ndarray) -> list[UUID]:
    """The same as objects."""
    return [UUID(bytes=data) for data in raw(column)]


def raw(column: np.ndarray) -> list[bytes]:
    """16 bytes each."""
    data = np.ascontiguousarray(column).tobytes()
    return [data[begin : begin + 16] for begin in range(0, len(data), 16)]


def find(column: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Where each of `wanted` stands in a sorted `column`; -1 where it does not."""
    if not len(column):
        return np.full(len(wanted), -1, np.int64)
    place = np.minimum(np.searchsorted(column, wanted), len(column) - 1)
    return np.where(column[place] == wanted, place, -1)
