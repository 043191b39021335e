"""Make a frame for somebody: in their scope, as their role allows, on record before it is in their hands.

Who asks is what the database says of the session, when the frame is made: the pages' login in the name of a user, or an
officer's own login. Row-level security leaves a county's officer the people whom that county serves.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa

from talentpool.area import current_counties
from talentpool.declare import load_pool_rules
from talentpool.declare.ages import band_labels
from talentpool.errors import RefusedError, UsageError
from talentpool.frames import tables
from talentpool.guard import Scope, audit, audit_apart, scope_of, scoped
from talentpool.guard.duties import clash
from talentpool.guard.scope import officer_login
from talentpool.model import pool_snapshot
from talentpool.office_day import refuse_days_to_come, today_in_office
from talentpool.reference import read, table_named
from talentpool.settings import INCLUDE, Settings

if TYPE_CHECKING:
    import pandas as pd

READS_FIGURES = frozenset({"auditor", "operator", "Admin"})
"""Beside the city's officers: who reads the figures of 数据质量, without seeing anybody."""
NOBODYS = ("division", "occupation", "holiday", "notice")
"""Reference tables without a contact in them."""
FIGURES = sa.table("delivery_figures", *map(sa.column, (
    "delivery_id", "partner", "as_of", "kind", "state", "effect", "rows", "accepted", "quarantined", "refused", "changed",
    "reasons", "notes", "landed_at", "published_at",
)))  # fmt: skip
IN_USE = "and p.person_id not in (select out_of_use({snapshot}))"
REFUSALS = {
    "login": "本次连接不属于您的账号，不能取数据表。",
    "role": "您的角色不能取这张数据表。",
}
"""Codes of RefusedError, as its message says them."""


@dataclass(frozen=True, repr=False)
class Viewer:
    """Who asks, by which login. `engine`: the pages' login or the officer's own."""

    engine: sa.Engine
    scope: Scope
    settings: Settings


@contextmanager
def own_login(settings: Settings) -> Iterator[Viewer]:
    """The officer whose database login TALENTPOOL_OFFICER_DATABASE_URL is."""
    with officer_login(settings) as (engine, scope):
        yield Viewer(engine, scope, settings)


def pool(viewer: Viewer, as_of: date) -> pd.DataFrame:
    """One row a person of the newest pool of `as_of` or before, whose records are in use.

    `person` numbers the rows of this frame and of no other; the order is by chance. UsageError without such a pool.
    """

    def read_people(conn: sa.Connection) -> pd.DataFrame:
        snapshot = tables.newest_snapshot(conn, as_of)
        if snapshot is None:
            first = conn.scalar(sa.select(sa.func.min(pool_snapshot.c.as_of)).where(tables.STANDS))
            told = f"最早的人才库是 {first} 的。" if first else "还没有建立过人才库。"
            raise UsageError(f"{as_of} 及以前没有人才库数据；{told}")
        frame = tables.people(conn, snapshot.snapshot_id, IN_USE.format(snapshot=int(snapshot.snapshot_id)))
        frame = frame[frame["status"] != "suspended"].copy()
        for name in frame.select_dtypes(
            "category"
        ):  # a category that nobody has any more would tell of who was left out
            frame[name] = frame[name].cat.set_categories(sorted(frame[name].dropna().unique()))
        frame = _bands_in_order(frame)
        frame["status"] = frame["status"].cat.set_categories(["active", "left"])
        frame["sex"] = frame["sex"].cat.set_categories(["female", "male"])
        frame.attrs = {"pool_as_of": snapshot.as_of, "pool_version": snapshot.version}
        return frame

    return _made(viewer, "pool", as_of, read_people, people=True)


def deliveries(viewer: Viewer, as_of: date) -> pd.DataFrame:
    """One row a delivery with a date up to `as_of`, by its number: its state now, and counts of its rows."""
    return _made(viewer, "deliveries", as_of, lambda conn: tables.deliveries(_figures(conn, as_of)))


def quality(viewer: Viewer, as_of: date) -> pd.DataFrame:
    """What was said of rows of those deliveries: one line a delivery and reason code."""
    return _made(viewer, "quality", as_of, lambda conn: tables.quality(_figures(conn, as_of)))


def reference(viewer: Viewer, name: str) -> pd.DataFrame:
    """A reference table as it is now, to say codes in words: one of NOBODYS."""
    if name not in NOBODYS:
        raise UsageError(f"没有参考表 {name} 的数据表；有：{'、'.join(NOBODYS)}")
    table, today = table_named(name), today_in_office(viewer.settings)
    of = lambda conn: tables.sheet(table, read(conn, table))  # noqa: E731
    return _made(viewer, f"reference:{name}", today, of, anybody=True)


def _made(
    viewer: Viewer,
    name: str,
    as_of: date,
    read_it: Callable[[sa.Connection], pd.DataFrame],
    *,
    people: bool = False,
    anybody: bool = False,
) -> pd.DataFrame:
    """The frame, when the line that says so is committed."""
    if type(as_of) is not date:
        raise UsageError("数据日期须为 datetime.date，例如 date(2026, 10, 31)；请改正后重试")
    refuse_days_to_come(as_of, today_in_office(viewer.settings), "数据表")
    subject, number = f"frame:{name}:{as_of}", secrets.randbits(31)
    with scoped(viewer.engine, viewer.scope) as conn:
        area = _allowed(conn, viewer, subject, people=people, anybody=anybody)
        frame = read_it(conn)
        if people:
            frame = _nobodys(frame, number)
        frame.attrs |= {"frame": f"{number:08x}", "as_of": as_of}
        told = {str(key): str(value) for key, value in frame.attrs.items()}
        audit(conn, "view", subject, actor=viewer.scope.actor, scope=area, details={**told, "rows": len(frame)})
    return frame


def _allowed(conn: sa.Connection, viewer: Viewer, subject: str, *, people: bool, anybody: bool) -> str:
    """The area for the record; RefusedError, on record too, for a session of somebody else or a role without the right."""
    known = conn.execute(sa.text("select scope_actor() as actor, scope_roles() as roles")).one()
    actor, whole = viewer.scope.actor, viewer.settings.area
    if known.actor != actor:
        raise _refused(conn, "login", subject, known.actor or actor, whole)
    roles = viewer.scope.roles & frozenset(known.roles)
    who = scope_of(actor, roles, current_counties(conn, whole))
    sees_people, reads_figures = who.city or bool(who.counties), bool(roles & READS_FIGURES) and not clash(roles)
    if not (sees_people if people else who.city or reads_figures or (anybody and sees_people)):
        raise _refused(conn, "role", subject, actor, whole)
    return ",".join(who.counties or ()) or whole


def _refused(conn: sa.Connection, code: str, subject: str, actor: str, area: str) -> RefusedError:
    audit_apart(conn, "refused", subject, actor=actor, reason=f"frame: {code}", scope=area, details={"why": code})
    return RefusedError(code, REFUSALS[code])


def _figures(conn: sa.Connection, as_of: date) -> list[sa.Row]:
    query = sa.select(FIGURES).where(FIGURES.c.as_of <= as_of)
    return list(conn.execute(query.order_by(FIGURES.c.as_of, FIGURES.c.delivery_id)))


def _bands_in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Age bands from the youngest on, so that they compare; an unknown age is none."""
    bands = band_labels(load_pool_rules(INCLUDE).bands)
    former = [band for band in frame["age_band"].cat.categories if band not in (*bands, "unknown")]
    return frame.assign(age_band=frame["age_band"].cat.set_categories([*bands, *former], ordered=True))


def _nobodys(frame: pd.DataFrame, number: int) -> pd.DataFrame:
    """Rows in an order of chance under numbers of this frame: neither tells which row of another frame is the same person."""
    import numpy as np
    import pandas as pd

    attrs = frame.attrs
    frame = frame.take(np.random.default_rng(secrets.randbits(128)).permutation(len(frame)))
    first = number << 32
    frame.index = pd.RangeIndex(first, first + len(frame), name="person")
    frame.attrs = attrs
    return frame
