"""Keep which cells of a delivery its partner may be told of: its verdict's codes by row, no value and nothing of anybody else.

That somebody withdrew is not among them, nor does it hide what else is wrong with the row: to the partner it looks accepted.
"""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.model import delivery_fault, staging_table, verdict_table
from talentpool.texts.cells import advice_codes, told_codes

MOST = 20_000
"""Lines of one delivery, those first that set a row aside: nobody works through more."""


def count_told_cells(conn: sa.Connection, delivery_id: int) -> dict[str, int]:
    """Rows by code of values and notes, as the partner may know them: those of who withdrew count as any others do."""
    each = _noted(staging_table(delivery_id))
    count = sa.select(each.c.code, sa.func.count()).where(each.c.code.in_(told_codes("set_aside", "noted")))
    return {code: int(n) for code, n in conn.execute(count.group_by(each.c.code))}


def keep_row_faults(conn: sa.Connection, facts: sa.Row) -> dict[str, int]:
    """Faults of whole rows, before a refusal overrules what else is wrong with one; rows by code. Of a county's upload none is
    kept: its sender saw them on the page."""
    of, verdicts = delivery_fault.c, verdict_table(facts.delivery_id)
    conn.execute(delivery_fault.delete().where(of.delivery_id == facts.delivery_id))
    if facts.sent_counties is not None:
        return {}
    told = verdicts.c.code.in_(told_codes("quarantined", "refused"))
    first = sa.select(verdicts.c.row_no, verdicts.c.code, sa.literal(0).label("rank")).where(told)
    _keep(conn, facts.delivery_id, first)
    counted = sa.select(verdicts.c.code, sa.func.count()).where(told).group_by(verdicts.c.code)
    return {code: int(n) for code, n in conn.execute(counted)}


def keep_cell_faults(conn: sa.Connection, facts: sa.Row) -> None:
    """Values that were set aside, then advice about values that were taken."""
    if facts.sent_counties is not None:
        return
    each, aside, advice = _noted(staging_table(facts.delivery_id)), told_codes("set_aside"), advice_codes()
    rank = sa.case((each.c.code.in_(aside), 1), else_=2).label("rank")
    _keep(
        conn, facts.delivery_id,
        sa.select(each.c.row_no, each.c.code, rank).where(each.c.code.in_([*aside, *advice])),
    )  # fmt: skip


def _noted(staged: sa.Table) -> sa.Subquery:
    """(row_no, code) of all notes of rows."""
    code = sa.func.unnest(sa.func.string_to_array(staged.c.notes, " ")).label("code")
    return sa.select(staged.c.row_no, code).where(staged.c.notes != "").distinct().subquery()


def _keep(conn: sa.Connection, delivery_id: int, found: sa.Select) -> None:
    of = delivery_fault.c
    there = conn.scalar(sa.select(sa.func.count()).where(of.delivery_id == delivery_id)) or 0
    each = found.subquery()
    first = sa.select(sa.literal(delivery_id), each.c.row_no, each.c.code).order_by(
        each.c.rank, each.c.row_no, each.c.code
    )
    conn.execute(
        delivery_fault.insert().from_select(["delivery_id", "row_no", "code"], first.limit(max(MOST - there, 0)))
    )
