"""Find who may stand on a list twice: one name with one mobile, or with one station and one hire date.

Matching keeps two document numbers apart, and a number may be mistyped. So both stand on the list, each marked with the
other, and whoever hands out asks before the second kit is given. Whom somebody called two people is not marked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import combinations
from uuid import UUID

import sqlalchemy as sa

from talentpool.campaigns.rows import Row
from talentpool.conform.values.names import read_name
from talentpool.guard import Personal
from talentpool.load import records_at
from talentpool.match.scoring.edges import HUMAN_RULE
from talentpool.model import edge, record_person

MANY = 20
"""As many lines that agree are a form filled in, and no double of anybody."""


def standing_twice(
    conn: sa.Connection, rows: Sequence[Row], people: Mapping[UUID, Personal], as_of: date
) -> dict[UUID, tuple[Row, ...]]:
    """Record of a row -> the other rows of `rows` that may be the same person, in their order."""
    forms = {
        at: form for at, row in enumerate(rows) if (person := people.get(row.record_id))
        and (form := read_name(person.name).form)
    }  # fmt: skip
    borne = Counter(forms.values())
    forms = {at: form for at, form in forms.items() if borne[form] > 1}
    hired = _hired(conn, [rows[at].record_id for at in forms], as_of)
    alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for at, form in forms.items():
        row, person = rows[at], people[rows[at].record_id]
        for number in {person.mobile, person.mobile2} - {""}:
            alike[form, number].append(at)
        if row.station and row.record_id in hired:
            alike[form, row.partner, row.station, hired[row.record_id]].append(at)
    pairs = {pair for group in alike.values() if len(group) <= MANY for pair in combinations(group, 2)}
    apart = _told_apart(conn, {rows[at].record_id for pair in pairs for at in pair})
    found: dict[UUID, list[Row]] = defaultdict(list)
    for one, other in sorted(pairs):
        if frozenset((rows[one].record_id, rows[other].record_id)) not in apart:
            found[rows[one].record_id].append(rows[other])
            found[rows[other].record_id].append(rows[one])
    return {record: tuple(others) for record, others in found.items()}


def _hired(conn: sa.Connection, records: Collection[UUID], as_of: date) -> dict[UUID, date]:
    if not records:
        return {}
    then = records_at(as_of)
    query = sa.select(then.c.record_id, then.c.hired_on).where(
        then.c.record_id.in_(records), then.c.hired_on.is_not(None)
    )
    return {row.record_id: row.hired_on for row in conn.execute(query)}


def _told_apart(conn: sa.Connection, records: Collection[UUID]) -> set[frozenset[UUID]]:
    """Pairs of `records` whose people a word on any of their records holds apart."""
    if not records:
        return set()
    one, other, left, right = (record_person.alias(name) for name in ("one", "other", "left_side", "right_side"))
    told = (
        sa.select(one.c.record_id, other.c.record_id)
        .select_from(edge)
        .join(left, left.c.record_id == edge.c.left_record)
        .join(right, right.c.record_id == edge.c.right_record)
        .join(one, one.c.person_id == left.c.person_id)
        .join(other, other.c.person_id == right.c.person_id)
        .where(edge.c.rule == HUMAN_RULE, edge.c.verdict == "different")
        .where(one.c.record_id.in_(records), other.c.record_id.in_(records))
    )
    return {frozenset(pair) for pair in conn.execute(told)}
