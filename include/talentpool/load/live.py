"""Publish into the live records: changed rows replace their versions, missing people are suspected, then gone."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.load import partition
from talentpool.load.absent import keep_absent, mark_missing
from talentpool.load.at_date import CONTENT
from talentpool.load.consent import follow_consent, is_open
from talentpool.load.staged import Publication, keep_salts
from talentpool.model import (
    employment_spell,
    record_absence,
    record_salt,
    source_record,
    source_record_history,
)


@dataclass(frozen=True)
class Moved:
    """Records added, changed, suspected, left and restored by a publication."""

    added: int = 0
    changed: int = 0
    suspected: int = 0
    left: int = 0
    restored: int = 0


def publish_live(conn: sa.Connection, publication: Publication) -> Moved:
    """Carry a delivery's rows into the live records."""
    first = not partition.exists(conn, publication.partner)
    keep_salts(conn, publication)
    if first:
        table = partition.create_detached(conn, publication.partner)
        added = _insert_new(conn, publication, table, check=False)
        partition.attach(conn, publication.partner)
        return Moved(added=added)
    follow_consent(conn, publication)
    restored = _restore_seen(conn, publication)
    _close_moved_spells(conn, publication)
    _keep_replaced_versions(conn, publication)
    changed = _update_changed(conn, publication)
    added = _insert_new(conn, publication, source_record, check=True)
    suspected, left = mark_missing(conn, publication) if publication.full and publication.removals else (0, 0)
    keep_absent(conn, publication)
    return Moved(added, changed, suspected, left, restored)


def _insert_new(conn: sa.Connection, publication: Publication, table: sa.Table, *, check: bool) -> int:
    staged = publication.staged
    gone = sa.and_(staged.c.left_on.is_not(None), staged.c.left_on <= publication.as_of)
    started = sa.func.least(sa.func.coalesce(staged.c.hired_on, publication.as_of), publication.as_of)
    columns = {
        "partner": sa.literal(publication.partner),
        "record_id": staged.c.record_id,
        **{name: staged.c[name] for name in CONTENT},
        "delivery_id": sa.literal(publication.delivery_id),
        "changed_seq": sa.literal(publication.seq),
        "first_seen": sa.literal(publication.as_of),
        "valid_from": sa.literal(publication.as_of),
        "status": sa.case((gone, "left"), else_="active"),
        "spell_from": started,
        "spell_to": sa.case((gone, staged.c.left_on)),
    }
    query = sa.select(*(value.label(name) for name, value in columns.items())).where(
        staged.c.changed, publication.accepted()
    )
    if check:
        live = source_record
        query = query.where(
            ~sa.exists().where(live.c.partner == publication.partner, live.c.record_id == staged.c.record_id)
        )
    return conn.execute(table.insert().from_select(list(columns), query)).rowcount


def _of_changed(publication: Publication) -> sa.ColumnElement[bool]:
    """Live rows that a changed, accepted staged row speaks of."""
    staged, live = publication.staged, source_record
    return sa.and_(
        live.c.partner == publication.partner,
        live.c.record_id == staged.c.record_id,
        staged.c.changed,
        publication.accepted(),
    )


def _keep_replaced_versions(conn: sa.Connection, publication: Publication) -> None:
    """The versions that are about to be replaced go to history. A second version of the same date leaves none."""
    live, staged = source_record, publication.staged
    names = ["partner", "record_id", *CONTENT, "delivery_id", "first_seen", "valid_from"]
    query = sa.select(*(live.c[name] for name in names), sa.literal(publication.as_of).label("valid_to")).join_from(
        live, staged, _of_changed(publication)
    )
    of_today = (
        sa.select(live.c.delivery_id, live.c.record_id)
        .join_from(live, staged, _of_changed(publication))
        .where(live.c.valid_from == publication.as_of)
    )
    salt = record_salt
    of_rows = salt.c.row_no > 0  # those below belong to remembered values, which outlive the version
    conn.execute(salt.delete().where(of_rows, sa.tuple_(salt.c.delivery_id, salt.c.record_id).in_(of_today)))
    query = query.where(live.c.valid_from < publication.as_of)
    conn.execute(insert(source_record_history).from_select([*names, "valid_to"], query).on_conflict_do_nothing())


def _close_moved_spells(conn: sa.Connection, publication: Publication) -> None:
    """Another county or station: the running spell ends the day before this as-of, a new one begins on it."""
    live, staged = source_record, publication.staged
    moved = sa.or_(live.c.county.is_distinct_from(staged.c.county), live.c.station != staged.c.station)
    query = (
        sa.select(
            live.c.partner,
            live.c.record_id,
            live.c.spell_from,
            sa.func.greatest(live.c.spell_from, sa.literal(publication.as_of, sa.Date) - 1),
            live.c.county,
            live.c.station,
            sa.literal("moved"),
        )
        .join_from(live, staged, _of_changed(publication))
        .where(moved, live.c.spell_to.is_(None), live.c.spell_from < publication.as_of)
    )
    conn.execute(
        insert(employment_spell)
        .from_select(["partner", "record_id", "starts_on", "ends_on", "county", "station", "end_cause"], query)
        .on_conflict_do_nothing()
    )


def _update_changed(conn: sa.Connection, publication: Publication) -> int:
    live, staged = source_record, publication.staged
    gone = sa.and_(staged.c.left_on.is_not(None), staged.c.left_on <= publication.as_of)
    moved = sa.or_(live.c.county.is_distinct_from(staged.c.county), live.c.station != staged.c.station)
    started = sa.func.least(sa.func.coalesce(staged.c.hired_on, live.c.spell_from), publication.as_of)
    statement = (
        live.update()
        .values(
            {
                **{name: staged.c[name] for name in CONTENT},
                "delivery_id": publication.delivery_id,
                "changed_seq": publication.seq,
                "valid_from": publication.as_of,
                "status": sa.case((gone, "left"), (is_open(live.c.record_id, live.c.partner), "suspended"), else_="active"),
                "missing_since": None,
                "missing_count": 0,
                "spell_from": sa.case((moved, publication.as_of), else_=sa.case(
                    (live.c.spell_from == live.c.first_seen, started), else_=live.c.spell_from)),
                "spell_to": sa.case((gone, staged.c.left_on)),
            }
        )
        .where(_of_changed(publication))
    )  # fmt: skip
    return conn.execute(statement).rowcount


def _restore_seen(conn: sa.Connection, publication: Publication) -> int:
    """Records that the delivery names again: those suspected of having left in a row that is not refused, those suspended or
    left in one that is accepted. Whose consent has ended comes back suspended.
    """
    live, staged = source_record, publication.staged
    ended = is_open(live.c.record_id, live.c.partner)
    back = sa.and_(
        live.c.partner == publication.partner,
        live.c.record_id == staged.c.record_id,
        live.c.status != "active",
        sa.or_(live.c.status != "suspended", live.c.missing_count > 0, ~ended),
        ~publication.refused(),
        sa.or_(live.c.status == "suspected", publication.accepted()),
        sa.or_(staged.c.left_on.is_(None), staged.c.left_on > publication.as_of),
        sa.or_(live.c.left_on.is_(None), sa.and_(staged.c.changed, publication.accepted())),
    )
    # a second version of the same date takes back the absences of the first
    named = sa.select(staged.c.record_id)
    conn.execute(
        record_absence.delete().where(
            record_absence.c.partner == publication.partner,
            record_absence.c.as_of == publication.as_of,
            record_absence.c.record_id.in_(named),
        )
    )
    closed = (
        sa.select(
            live.c.partner,
            live.c.record_id,
            live.c.spell_from,
            live.c.spell_to,
            live.c.county,
            live.c.station,
            sa.case((live.c.left_on.is_not(None), "left_on"), else_="missing"),
        )
        .join_from(live, staged, back)
        .where(live.c.spell_to.is_not(None))
        .distinct()
    )
    conn.execute(
        insert(employment_spell)
        .from_select(["partner", "record_id", "starts_on", "ends_on", "county", "station", "end_cause"], closed)
        .on_conflict_do_nothing()
    )
    statement = (
        live.update()
        .values(
            status=sa.case((ended, "suspended"), else_="active"),
            missing_since=None,
            missing_count=0,
            spell_from=sa.case((live.c.spell_to.is_not(None), publication.as_of), else_=live.c.spell_from),
            spell_to=None,
        )
        .where(back)
    )
    return conn.execute(statement).rowcount
