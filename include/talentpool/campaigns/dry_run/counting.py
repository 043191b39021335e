"""Count what a trial shows, in SQL over temporary tables: whom a setting reaches, who gains and loses, who passes an age."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from talentpool.campaigns.selection.decided import people_judged
from talentpool.campaigns.selection.known_then import redirects
from talentpool.campaigns.selection.rows import DRAWN_ROW
from talentpool.declare.ages import latest_birth_date
from talentpool.declare.rules import MEETS_EVERY_RULE
from talentpool.model import target_row

NOT_THERE = "not_in_pool"
DIMENSIONS = ("county", "partner", "occupation", "age_band")
BEFORE = sa.Table(
    "before_row",
    sa.MetaData(),
    sa.Column("person_id", pg.UUID),
    sa.Column("selected", sa.Boolean),
    *(sa.Column(name, sa.Text) for name in ("reason", *DIMENSIONS)),
    prefixes=["temporary"],
    postgresql_on_commit="drop",
)
"""Everybody of the list that a trial is compared with."""
Names = Mapping[str, Mapping[str, str]]
"""Dimension -> code -> how it is called."""


def coverage(conn: sa.Connection, names: Names) -> dict[str, list[dict[str, Any]]]:
    """Dimension -> its groups: code, name, people, eligible, selected, and the share of the eligible who are selected."""
    row, found = DRAWN_ROW.c, {}
    for dimension in DIMENSIONS:
        of = _told(row, dimension)
        counted = (
            sa.select(
                sa.func.coalesce(of, "").label("code"),
                sa.func.count(),
                sa.func.count().filter(row.reason.in_(MEETS_EVERY_RULE)),
                sa.func.count().filter(row.selected),
            )
            .group_by("code")
            .order_by("code")
        )
        found[dimension] = [
            {"code": code, "name": _name(names, dimension, code), "people": people, "eligible": eligible,
             "selected": selected, "share": round(selected / eligible, 4) if eligible else None}
            for code, people, eligible, selected in conn.execute(counted)
        ]  # fmt: skip
    return found


def _name(names: Names, dimension: str, code: str) -> str:
    return names.get(dimension, {}).get(code, code) or "不详"


def _told(row: Any, dimension: str) -> sa.ColumnElement[Any]:
    """What a row of a list says of a person in a dimension."""
    return row[dimension] if dimension in row else row.facts[dimension].astext


def keep_before(conn: sa.Connection, list_id: int | None = None) -> None:
    """before_row: what drawn_row says now, or a list by the ids of today, to compare the next trial with."""
    conn.exec_driver_sql(f"drop table if exists {BEFORE.name}")
    BEFORE.create(conn)
    if list_id is None:
        of = DRAWN_ROW.c
        kept = sa.select(of.person_id, of.selected, of.reason, *(_told(of, name) for name in DIMENSIONS))
    else:
        of, now = target_row.c, redirects(None, "now")
        person = sa.func.coalesce(now.c.new_id, of.person_id)
        first = sa.select(
            person.label("person_id"), of.selected, of.reason, *(_told(of, name).label(name) for name in DIMENSIONS),
            sa.func.row_number().over(partition_by=person, order_by=of.selected.desc()).label("n"),
        ).outerjoin(now, now.c.old_id == of.person_id).where(of.list_id == list_id).subquery()  # fmt: skip
        kept = sa.select(*(first.c[column.name] for column in BEFORE.c)).where(first.c.n == 1)
    conn.execute(BEFORE.insert().from_select(list(BEFORE.c), kept, include_defaults=False))


def _selected_before(conn: sa.Connection, names: Names) -> dict[str, list[dict[str, Any]]]:
    """Dimension -> its groups: code, name, people of before_row who are selected."""
    found = {}
    for dimension in DIMENSIONS:
        code = sa.func.coalesce(BEFORE.c[dimension], "").label("code")
        counted = sa.select(code, sa.func.count()).where(BEFORE.c.selected).group_by(code).order_by(code)
        found[dimension] = [
            {"code": row[0], "name": _name(names, dimension, row[0]), "selected": row[1]}
            for row in conn.execute(counted)
        ]
    return found


def compared(conn: sa.Connection, names: Names) -> dict[str, Any]:
    """Who is on drawn_row's list and was not on before_row's (`gain`), and the other way round (`lose`): how many, by county
    and partner (of where they are listed), and by the reason for which they were, or are, not on it; `stay`: on both;
    `before`: whom before_row selects, by dimension."""
    was, now = BEFORE.c, DRAWN_ROW.c
    on_was, on_now = sa.func.coalesce(was.selected, False), sa.func.coalesce(now.selected, False)
    kind = sa.case((sa.and_(on_was, on_now), "stay"), (on_now, "gain"), (on_was, "lose"))
    reason = sa.case((on_now, sa.func.coalesce(was.reason, NOT_THERE)), else_=sa.func.coalesce(now.reason, NOT_THERE))
    county, partner = (sa.case((on_now, now[name]), else_=was[name]) for name in ("county", "partner"))
    both = BEFORE.join(DRAWN_ROW, was.person_id == now.person_id, full=True)
    named = (kind.label("kind"), county.label("county"), partner.label("partner"), reason.label("reason"))
    told = sa.select(*named).select_from(both).subquery()
    counted = sa.select(told, sa.func.count()).where(told.c.kind.is_not(None)).group_by(*told.c)
    sides: dict[str, dict[str, Counter[str]]] = {
        kind: {by: Counter() for by in ("people", "county", "partner", "reason")} for kind in ("gain", "lose", "stay")
    }
    for of, where, whose, why, people in conn.execute(counted):
        side = sides[of]
        side["people"][""] += people
        for by, code in (("county", where), ("partner", whose), ("reason", why)):
            side[by][code or ""] += people

    def plain(side: Mapping[str, Counter[str]]) -> dict[str, Any]:
        by = {f"by_{name}": dict(sorted(counts.items())) for name, counts in side.items() if name != "people"}
        return {"people": side["people"][""], **by}

    both_sides = {"gain": plain(sides["gain"]), "lose": plain(sides["lose"]), "stay": sides["stay"]["people"][""]}
    return {**both_sides, "before": _selected_before(conn, names)}


def crossing(conn: sa.Connection, band: Any, counted_on: date, hand_out: date) -> dict[str, Any]:
    """People who pass a border of the age band between the day it is counted on and the hand-out: `grow_out` are eligible and
    will be too old by then, `come_in` are out by their age and will be inside."""
    people = people_judged().c

    def inside(day: date) -> sa.ColumnElement[bool]:
        oldest = latest_birth_date(band.max + 1 if band.inclusive else band.max, day, band.birthday_rule)
        return sa.and_(
            people.birth_date > oldest, people.birth_date <= latest_birth_date(band.min, day, band.birthday_rule)
        )

    then, later = inside(counted_on), inside(hand_out)
    out, come = sa.func.count().filter, sa.func.count().filter
    query = sa.select(
        out(sa.and_(people.reason.in_(MEETS_EVERY_RULE), then, sa.not_(later))),
        come(sa.and_(people.reason.in_(("age_outside", "under_sixteen")), sa.not_(then), later)),
    )
    grow_out, come_in = conn.execute(query).one()
    return {"from": counted_on.isoformat(), "hand_out": hand_out.isoformat(), "grow_out": grow_out, "come_in": come_in}
