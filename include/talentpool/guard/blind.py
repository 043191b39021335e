"""Blind indexes: keyed hashes for equality. HMAC-SHA256 under a key of their own, the first 16 bytes.

An unkeyed hash of an ID number or a mobile can be reversed by trying them all; so nothing here works without a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from talentpool.guard.keys import KeyRing

SIZE = 16
SEPARATOR = b"\x1f"


class Blinder:
    """Keyed hashes under one key. Copying a prepared HMAC is the fastest way there is from Python (0.7 us)."""

    def __init__(self, key: bytes) -> None:
        self._base = HMAC(key, SHA256())

    def one(self, value: bytes) -> bytes:
        """16 bytes."""
        state = self._base.copy()
        state.update(value)
        return state.finalize()[:SIZE]

    def many(self, values: Sequence[bytes | None]) -> list[bytes | None]:
        """16 bytes for each value, None for None."""
        copy = self._base.copy
        out: list[bytes | None] = []
        for value in values:
            if value is None:
                out.append(None)
                continue
            state = copy()
            state.update(value)
            out.append(state.finalize()[:SIZE])
        return out


def record_ids(keys: KeyRing, partner: str, staff_nos: Sequence[str]) -> list[bytes]:
    """Record ids (16 bytes each) of staff numbers: HMAC(partner, staff number)."""
    prefix = partner.encode() + SEPARATOR
    one = Blinder(keys.key("record_id")).one
    return [one(prefix + staff_no.encode()) for staff_no in staff_nos]


def record_id(keys: KeyRing, partner: str, staff_no: str) -> UUID:
    """The record id of one staff number."""
    return UUID(bytes=record_ids(keys, partner, [staff_no])[0])
