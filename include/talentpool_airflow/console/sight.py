"""Tell which pair a user sees, and which of those the user may judge."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from fastapi import HTTPException

from talentpool.errors import UsageError
from talentpool.guard import scoped
from talentpool.model import record_person, source_record
from talentpool_airflow.console import record, state
from talentpool_airflow.console.user import User


def visible(user: User, pair_id: str) -> tuple[UUID, UUID]:
    """Both records, where the user's own connection sees them; else 404, as if there were no such pair."""
    from talentpool.review import pair_name, pair_of

    try:
        with state.pipeline().connect() as conn:
            pair = pair_of(conn, pair_id)
    except UsageError:
        raise HTTPException(404) from None
    with scoped(state.console(), user.scope) as conn:
        seen = conn.scalar(sa.select(sa.func.count()).where(source_record.c.record_id.in_(pair)))
    if seen != len(pair):
        record.refused(user, f"pair:{pair_name(*pair)}", "scope")
        raise HTTPException(404)
    return pair


def others_too(user: User, records: Collection[UUID]) -> set[UUID]:
    """Those of some records on a roster whose person is also another county's: the city judges of them."""
    if user.scope.city:
        return set()
    mine, all_of = record_person.alias("mine"), record_person.alias("all_of")
    query = (
        sa.select(mine.c.record_id, sa.func.count(all_of.c.record_id).label("live"))
        .join(all_of, sa.and_(all_of.c.person_id == mine.c.person_id, all_of.c.live), isouter=True)
        .where(mine.c.record_id.in_(records), mine.c.live)
        .group_by(mine.c.record_id)
    )
    with scoped(state.console(), user.scope) as conn:
        seen = {row.record_id: row.live for row in conn.execute(query)}
    with state.pipeline().connect() as conn:
        return {row.record_id for row in conn.execute(query) if seen.get(row.record_id) != row.live}


def reaches_others(user: User, records: Collection[UUID]) -> bool:
    """Whether somebody of these records is also another county's: then the city decides."""
    return bool(others_too(user, records))
