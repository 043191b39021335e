"""Answer for one person and every campaign: on its newest list or not, why, since when, what would change it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.campaigns.explaining import explain_target, ids_of
from talentpool.campaigns.lists import newest
from talentpool.declare import Campaign
from talentpool.model import target_list, target_row
from talentpool.office import Office


@dataclass(frozen=True)
class Answer:
    """A campaign, and what explaining.explain_target tells of its newest list."""

    name: str
    told: dict[str, Any]


def answers(
    office: Office, seen: sa.Connection, campaigns: Iterable[Campaign], person: UUID, records: tuple[UUID, ...]
) -> list[Answer]:
    """In the order of the campaigns; of lists alone that `seen`, the asking officer's own connection, may know of this person.
    `person`: the id of today, of somebody whom that connection sees; `records`: theirs."""
    found = []
    for campaign in campaigns:
        with office.engine.connect() as conn:
            ids = ids_of(conn, person)
            stored = newest(conn, campaign.code, ids)
            there = stored is not None and _judged(conn, stored.list_id, ids)
        if stored is None or not _known(seen, stored.list_id, ids, there=there):
            continue
        found.append(Answer(campaign.name, explain_target(office, campaign, person, records, stored.list_id)))
    return found


def _judged(conn: sa.Connection, list_id: int, ids: Collection[UUID]) -> bool:
    """Whether the connection sees a row of the person on the list."""
    of = target_row.c
    return bool(conn.scalar(sa.select(sa.exists().where(of.list_id == list_id, of.person_id.in_(ids)))))


def _known(seen: sa.Connection, list_id: int, ids: Collection[UUID], *, there: bool) -> bool:
    """Somebody whom the list judged in another county is that county's to explain; whom it does not know, whose list it is."""
    if there:
        return _judged(seen, list_id, ids)
    return seen.scalar(sa.select(target_list.c.list_id).where(target_list.c.list_id == list_id)) is not None
