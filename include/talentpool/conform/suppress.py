"""The withdrawn: keyed tokens of a person that is not to be stored again, whatever roster brings it back."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from talentpool.guard import Blinder, KeyRing
from talentpool.model import suppression


def tokens(keys: KeyRing, record_ids: Sequence[bytes], documents: Sequence[str]) -> list[tuple[bytes, bytes | None]]:
    """For each row the token of its record and, where it has a usable document number, of that."""
    one = Blinder(keys.key("suppression")).one
    return [
        (one(b"record:" + record), one(b"document:" + number.encode()) if number else None)
        for record, number in zip(record_ids, documents, strict=True)
    ]


def suppressed(conn: sa.Connection) -> set[bytes]:
    """All tokens of the withdrawn."""
    return {token.bytes for token in conn.scalars(sa.select(suppression.c.token))}
