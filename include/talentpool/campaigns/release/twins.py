"""Find twins on a list: one name with one mobile, or with one station and one hire date; one person or two.

Matching keeps two document numbers apart, and a number may be mistyped. So both stand on the list, each marked with the
other, and whoever hands out asks before the second kit is given. Whom somebody judged two people is not marked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import combinations
from uuid import UUID

import sqlalchemy as sa

from talentpool.campaigns.selection.rows import Row
from talentpool.conform.values.names import read_name
from talentpool.guard import Personal
from talentpool.load import records_at
from talentpool.match.scoring.edges import HUMAN_RULE
from talentpool.model import edge, record_person

MANY = 20
"""As many lines that agree are a form filled in, and no double of anybody."""


def find_twins(
    conn: sa.Connection, rows: Sequence[Row], people: Mapping[UUID, Personal], as_of: date
) -> dict[UUID, tuple[Row, ...]]:
    """Record of a row -> the other rows of `rows` that may be the same person, in their order."""
    forms = {
        number: form for number, row in enumerate(rows) if (person := people.get(row.record_id))
        and (form := read_name(person.name).form)
    }  # fmt: skip
    borne = Counter(forms.values())
    forms = {number: form for number, form in forms.items() if borne[form] > 1}
    hired = _hired(conn, [rows[number].record_id for number in forms], as_of)
    alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number, form in forms.items():
        row, person = rows[number], people[rows[number].record_id]
        for mobile in {person.mobile, person.mobile2} - {""}:
            alike[form, mobile].append(number)
        if row.station and row.record_id in hired:
            alike[form, row.partner, row.station, hired[row.record_id]].append(number)
    pairs = {pair for group in alike.values() if len(group) <= MANY for pair in combinations(group, 2)}
    different = _judged_different(conn, {rows[number].record_id for pair in pairs for number in pair})
    twins: dict[UUID, list[Row]] = defaultdict(list)
    for left, right in ((rows[one], rows[other]) for one, other in sorted(pairs)):
        if frozenset((left.record_id, right.record_id)) not in different:
            twins[left.record_id].append(right)
            twins[right.record_id].append(left)
    return {record: tuple(others) for record, others in twins.items()}


def _hired(conn: sa.Connection, records: Collection[UUID], as_of: date) -> dict[UUID, date]:
    if not records:
        return {}
    then = records_at(as_of)
    query = sa.select(then.c.record_id, then.c.hired_on).where(
        then.c.record_id.in_(records), then.c.hired_on.is_not(None)
    )
    return {row.record_id: row.hired_on for row in conn.execute(query)}


def _judged_different(conn: sa.Connection, records: Collection[UUID]) -> set[frozenset[UUID]]:
    """Pairs of `records` whose people a judgement on any of their records holds apart."""
    if not records:
        return set()
    one, other, left, right = (record_person.alias(name) for name in ("one", "other", "left_side", "right_side"))
    judged = (
        sa.select(one.c.record_id, other.c.record_id)
        .select_from(edge)
        .join(left, left.c.record_id == edge.c.left_record)
        .join(right, right.c.record_id == edge.c.right_record)
        .join(one, one.c.person_id == left.c.person_id)
        .join(other, other.c.person_id == right.c.person_id)
        .where(edge.c.rule == HUMAN_RULE, edge.c.verdict == "different")
        .where(one.c.record_id.in_(records), other.c.record_id.in_(records))
    )
    return {frozenset(pair) for pair in conn.execute(judged)}
