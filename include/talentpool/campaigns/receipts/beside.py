"""Tell which rows of a list a sheet may not speak of, because another list of the round has the person by now."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from talentpool.campaigns.life.states import FROZEN
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.owners import others_of_them, person_today
from talentpool.campaigns.receipts.outcomes import HANDED_OUT
from talentpool.campaigns.receipts.standing import last_word
from talentpool.model import target_list, target_row


def held_elsewhere(
    conn: sa.Connection, stored: Stored, *, received: bool = False, only: Collection[str] | None = None
) -> dict[str, int]:
    """Row id -> the other list of the round on which the row's person is now, or received: no sheet says anything of it here.

    `received`: only where the person received by that list. `only`: of these rows.
    """
    of, row = target_list.c, target_row.c
    beside = sa.select(of.list_id, of.supplement).where(
        of.campaign == stored.campaign, of.cycle == stored.cycle, of.state.in_(FROZEN), of.list_id != stored.list_id
    )
    supplements = {row.list_id: row.supplement for row in conn.execute(beside)}
    if not supplements:
        return {}
    later = [] if received else [number for number, place in supplements.items() if place > stored.supplement]
    asked = sa.select(row.row_id, row.person_id, person_today(target_row).label("person"))
    asked = asked.where(row.list_id == stored.list_id, row.selected)
    if only is not None:
        asked = asked.where(row.row_id == sa.any_(sa.cast(list(only), ARRAY(sa.Text))))
    mine, other = asked.cte("mine"), target_row.alias("beside")
    same = others_of_them(mine, other, list(supplements), "same")
    stands = last_word(same)
    got = stands.c.outcome.in_([outcome.value for outcome in HANDED_OUT])
    query = (
        sa.select(mine.c.row_id, sa.func.max(same.c.list_id))
        .select_from(mine)
        .join(same, sa.true())
        .outerjoin(stands, sa.true())
        .where(sa.or_(same.c.list_id.in_(later), sa.func.coalesce(got, False)))
        .group_by(mine.c.row_id)
    )
    return {row_id: int(number) for row_id, number in conn.execute(query)}
