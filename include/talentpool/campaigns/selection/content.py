"""Hash what a list says of whom: facts only, no clock, no file, no row id. Two versions; a list's passport names its own.

Version 2 is reckoned by the database: sha256 of each row's text, sha256 of the rows of every first byte of a person id in the
order of ids, sha256 over those behind the list's head. So neither side ever holds the list in memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, aggregate_order_by

HASH_VERSION = 2
FACTS: dict[str, tuple[str, Any]] = {
    "age": ("age", sa.SmallInteger), "age_band": ("age_band", sa.Text), "sex": ("own_sex", sa.SmallInteger),
    "occupation": ("occupation", sa.Text), "active": ("active", sa.Boolean), "weak_identity": ("weak_identity", sa.Boolean),
    "notice_covers": ("notice_covers", sa.Boolean), "by_station": ("by_station", sa.Boolean),
    "place": ("place", sa.BigInteger),
}  # fmt: skip
"""Fact of a row -> the column that decided.py has it in, and its type. The place is there only where stock is short."""


def digest_of(people: sa.FromClause, selected: sa.ColumnElement[bool]) -> sa.ColumnElement[bytes]:
    """sha256 of what a list will say of each of `people`, who have the columns of decided.py."""
    of = people.c
    facts = [of[column] for column, _ in FACTS.values()]
    return _digest(
        of.person_id, selected, of.reason, of.home_county, of.home_partner, of.home_station, *facts, sa.null()
    )


def digests(rows: sa.FromClause) -> sa.Subquery:
    """person_id and digest of stored `rows`: the same, and something else where a fact is there that nobody hashed."""
    of = rows.c
    facts = [sa.cast(of.facts[name].astext, kind) for name, (_, kind) in FACTS.items()]
    others = sa.func.nullif(of.facts.op("-")(sa.cast(list(FACTS), ARRAY(sa.Text))), sa.text("'{}'::jsonb"))
    digest = _digest(of.person_id, of.selected, of.reason, of.county, of.partner, of.station, *facts, others)
    return sa.select(of.person_id, digest.label("digest")).subquery("digests")


def _digest(*said: Any) -> sa.ColumnElement[bytes]:
    text = sa.func.row(*said).op("::")(sa.literal_column("text"))
    return sa.func.sha256(sa.func.convert_to(text, "UTF8"), type_=BYTEA)


def hash_rows(conn: sa.Connection, head: Sequence[str], rows: sa.FromClause) -> str:
    """The hash, version 2, of `rows` with person_id and digest. `head`: campaign, cycle, as-of, hash of the declaration."""
    first = sa.func.get_byte(sa.func.uuid_send(rows.c.person_id), 0)
    in_order = sa.func.string_agg(rows.c.digest, aggregate_order_by(sa.literal(b"", BYTEA), rows.c.person_id))
    query = sa.select(sa.func.sha256(in_order)).select_from(rows).group_by(first).order_by(first)
    whole = hashlib.sha256(json.dumps([HASH_VERSION, *head]).encode() + b"\n")
    for of_chunk in conn.scalars(query):
        whole.update(of_chunk)
    return whole.hexdigest()


def hash_of_before(campaign: str, cycle: str, as_of: date, declaration: str, rows: Iterable[Any]) -> str:
    """The hash, version 1, of lists whose passport names no version: sha256 over JSON lines in the order of person ids."""
    digest = hashlib.sha256()
    for line in _canonical(campaign, cycle, as_of, declaration, rows):
        digest.update(json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()


def _canonical(campaign: str, cycle: str, as_of: date, declaration: str, rows: Iterable[Any]) -> Iterator[list[Any]]:
    yield [campaign, cycle, as_of.isoformat(), declaration]
    for row in sorted(rows, key=lambda row: row.person_id):
        yield [str(row.person_id), row.selected, row.reason, row.county, row.partner, row.station, row.facts]
