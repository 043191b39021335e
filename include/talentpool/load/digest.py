"""Compute the digest of a state: equal facts under equal keys give equal digests, in whatever order they came.

Canonical facts in a fixed order: blind indexes in place of ciphertext, no nonces, no serial numbers, no clock times, no
file: the same rows in another encoding, or as a workbook, are the same facts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date

import sqlalchemy as sa

from talentpool.deliveries.delivery_state import State
from talentpool.load.at_date import CONTENT, records_at
from talentpool.model import (
    delivery,
    edge,
    employment_spell,
    person_redirect,
    quarantine,
    record_absence,
    record_person,
    source_record,
    target_list,
)

NOT_FACTS = {"sealed"}
DIGEST_VERSION = 2
"""Raise it when other facts, or another order of them, make the digest: a backup is compared by its own version only."""


def digest(engine: sa.Engine, as_of: date | None = None) -> str:
    """SHA-256 over the live facts, or over those of a date."""
    with engine.connect() as conn:
        conn.execute(sa.text("set transaction isolation level repeatable read read only"))
        return digest_of(conn, as_of)


def digest_of(conn: sa.Connection, as_of: date | None = None) -> str:
    """The same within a transaction of the caller's."""
    total = hashlib.sha256()
    for name, query in _facts(as_of):
        total.update(f"#{name}\n".encode())
        rows = conn.execute(query, execution_options={"stream_results": True, "yield_per": 10_000})
        for row in rows:
            total.update("\x1f".join("" if v is None else str(v) for v in row).encode() + b"\n")
    return total.hexdigest()


def _facts(as_of: date | None) -> Iterator[tuple[str, sa.Select]]:
    content = [name for name in CONTENT if name not in NOT_FACTS]
    if as_of is not None:
        then = records_at(as_of)
        columns = [then.c[name] for name in ("partner", "record_id", *content, "status")]
        yield "records", sa.select(*columns).order_by(then.c.partner, then.c.record_id)
        return
    live = source_record
    states = ("status", "missing_since", "missing_count", "first_seen", "valid_from", "spell_from", "spell_to")
    yield (
        "records",
        sa.select(*(live.c[name] for name in ("partner", "record_id", *content, *states))).order_by(
            live.c.partner, live.c.record_id
        ),
    )
    spell = employment_spell
    yield "spells", sa.select(spell).order_by(spell.c.partner, spell.c.record_id, spell.c.starts_on)
    newest = (
        sa.select(delivery.c.delivery_id, delivery.c.partner, delivery.c.as_of)
        .where(delivery.c.state == State.PUBLISHED, delivery.c.effect == "live")
        .subquery()
    )
    absence = record_absence
    yield (
        "absences",
        sa.select(absence.c.partner, absence.c.record_id, absence.c.as_of)
        .join(newest, newest.c.delivery_id == absence.c.delivery_id)
        .order_by(absence.c.partner, absence.c.record_id, absence.c.as_of),
    )
    yield (
        "quarantine",
        sa.select(newest.c.partner, newest.c.as_of, quarantine.c.row_no, quarantine.c.code)
        .join(newest, newest.c.delivery_id == quarantine.c.delivery_id)
        .order_by(newest.c.partner, newest.c.as_of, quarantine.c.row_no, quarantine.c.code),
    )
    linked = (
        sa.select(record_person.c.record_id, record_person.c.person_id)
        .join(live, live.c.record_id == record_person.c.record_id)
        .order_by(record_person.c.record_id)
    )
    yield "persons", linked
    judged = sa.select(edge.c.left_record, edge.c.right_record, edge.c.verdict).where(edge.c.rule == "human")
    yield "judgements", judged.order_by(edge.c.left_record, edge.c.right_record)
    yield "redirects", sa.select(person_redirect).order_by(person_redirect.c.old_id)
    of = target_list.c
    lists = sa.select(of.campaign, of.cycle, of.content_hash).where(of.locked_at.is_not(None), of.state != "void")
    yield "lists", lists.order_by(of.campaign, of.cycle, of.content_hash)
