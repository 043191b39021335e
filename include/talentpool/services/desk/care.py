"""Show the history of care of one person: every list that was locked with them on it, and what became of it for them.

Through the asking officer's own connection, which sees the rows of its own counties. Of a session it is told that
the person was listed, and nothing else: nobody knows who came.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from talentpool.campaigns.receipts.outcomes import COUNTED_ONLY
from talentpool.campaigns.receipts.told import Stand, stands_of
from talentpool.model import complaint, record_person, spot_check_word, target_list, target_row

MOST = 100
"""Lists that are shown, the newest first."""


@dataclass(frozen=True)
class Care:
    """A locked list with the person on it. `follows`: of a follow-up the list before; `counted_only`: who came is nobody's to
    know; `stand`: None while no receipt speaks of the row; `answer`: of the call-back, '' where there was none."""

    list_id: int
    campaign: str
    cycle: str
    item: str
    as_of: date
    state: str
    supplement: int
    follows: int | None
    counted_only: bool
    row_id: str
    county: str | None
    stand: Stand | None
    answer: str = ""
    complaints: int = 0


def history(conn: sa.Connection, ids: Collection[UUID]) -> tuple[Care, ...]:
    """Newest first. `ids`: what the person is and was called; a list knows people by the id of its day."""
    of, row = target_list.c, target_row.c
    parted = sa.exists().where(record_person.c.record_id == row.record_id, record_person.c.person_id.not_in(ids))
    query = (
        sa.select(of.list_id, of.campaign, of.passport, of.cycle, of.as_of, of.state, of.supplement, of.follows,
                  row.row_id, row.county)
        .join(target_row, of.list_id == row.list_id)
        .where(row.person_id.in_(ids), ~parted, row.selected, of.locked_at.is_not(None))
        .order_by(of.as_of.desc(), of.list_id.desc(), row.row_id)
        .limit(MOST)
    )  # fmt: skip
    found = conn.execute(query).all()
    by_row = [one for one in found if not _is_counted(one.passport)]
    keys = [(one.list_id, one.row_id) for one in by_row]
    stands, answers, complained = stands_of(conn, keys), _answers(conn, keys), _complaints(conn, keys)
    return tuple(
        Care(
            one.list_id, one.passport.get("name", one.campaign), one.cycle, one.passport.get("item", ""), one.as_of,
            one.state, one.supplement, one.follows, _is_counted(one.passport), one.row_id, one.county,
            stands.get((one.list_id, one.row_id)), answers.get((one.list_id, one.row_id), ""),
            complained.get((one.list_id, one.row_id), 0),
        )
        for one in found
    )  # fmt: skip


def _is_counted(passport: Mapping[str, Any]) -> bool:
    return passport.get("form", "kit") in COUNTED_ONLY


def _answers(conn: sa.Connection, keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """What was answered last when the person was called back."""
    of = spot_check_word.c
    query = (
        sa.select(of.list_id, of.row_id, of.answer)
        .where(sa.tuple_(of.list_id, of.row_id).in_(list(keys)))
        .ext(distinct_on(of.list_id, of.row_id))
        .order_by(of.list_id, of.row_id, of.word_id.desc())
    )
    return {(row.list_id, row.row_id): row.answer for row in conn.execute(query)} if keys else {}


def _complaints(conn: sa.Connection, keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], int]:
    of = complaint.c
    query = sa.select(of.list_id, of.row_id, sa.func.count()).where(sa.tuple_(of.list_id, of.row_id).in_(list(keys)))
    rows = conn.execute(query.group_by(of.list_id, of.row_id)).all() if keys else []
    return {(list_id, row_id): count for list_id, row_id, count in rows}
