"""Read the rows of a staged delivery by verdict, and keep of them what is kept in every case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.model import delivery_sighting, quarantine, record_salt, staging_table, station, verdict_table


@dataclass(frozen=True)
class Publication:
    """One publication. `past`: history only; `before`, `following`: the published as-ofs around this one."""

    partner: str
    delivery_id: int
    as_of: date
    full: bool
    past: bool
    following: date | None
    before: date | None
    removals: bool
    seq: int
    sent_counties: list[str] | None = None

    @cached_property
    def staged(self) -> sa.Table:
        return staging_table(self.delivery_id)

    @cached_property
    def verdicts(self) -> sa.Table:
        return verdict_table(self.delivery_id)

    def accepted(self) -> sa.ColumnElement[bool]:
        """Staged rows without a verdict against them."""
        staged, verdicts = self.staged, self.verdicts
        return ~sa.exists(sa.select(verdicts.c.row_no).where(verdicts.c.row_no == staged.c.row_no).correlate(staged))

    def refused(self) -> sa.ColumnElement[bool]:
        """Staged rows that were refused: nothing follows from them but that consent may have ended."""
        staged, verdicts = self.staged, self.verdicts
        of_row = sa.select(verdicts.c.row_no).where(
            verdicts.c.row_no == staged.c.row_no, verdicts.c.outcome == "refused"
        )
        return sa.exists(of_row.correlate(staged))


def keep_salts(conn: sa.Connection, publication: Publication) -> None:
    """Salts of the accepted rows that were sealed."""
    staged = publication.staged
    _salts(conn, publication, sa.and_(staged.c.changed, publication.accepted()))


def _salts(conn: sa.Connection, publication: Publication, which: sa.ColumnElement[bool]) -> None:
    staged, delivery_id = publication.staged, publication.delivery_id
    statement = insert(record_salt).from_select(
        ["delivery_id", "record_id", "row_no", "salt"],
        # in the order of the key: a million random places in an index cost more than sorting them
        sa.select(sa.literal(delivery_id), staged.c.record_id, staged.c.row_no, staged.c.salt)
        .where(which, staged.c.salt.is_not(None))
        .order_by(staged.c.record_id),
    )
    # looking before each row whether it is there already doubles the cost where none can be
    if conn.scalar(sa.select(sa.exists().where(record_salt.c.delivery_id == delivery_id))):
        statement = statement.on_conflict_do_nothing()
    conn.execute(statement)


def keep_quarantine(conn: sa.Connection, publication: Publication) -> None:
    """Quarantined rows: code, place and sealed values; of refused rows nothing."""
    staged, verdicts = publication.staged, publication.verdicts
    quarantined = sa.select(verdicts.c.row_no).where(verdicts.c.outcome == "quarantined")
    conn.execute(
        insert(quarantine)
        .from_select(
            ["delivery_id", "row_no", "code", "record_id", "county", "sealed"],
            sa.select(
                sa.literal(publication.delivery_id),
                staged.c.row_no,
                verdicts.c.code,
                staged.c.record_id,
                staged.c.county,
                staged.c.sealed,
            )
            .join(verdicts, verdicts.c.row_no == staged.c.row_no)
            .where(verdicts.c.outcome == "quarantined"),
        )
        .on_conflict_do_nothing()
    )
    _salts(conn, publication, staged.c.row_no.in_(quarantined))


def keep_sightings(conn: sa.Connection, publication: Publication) -> None:
    """A delta says who was seen; a full snapshot says it by who is absent."""
    if publication.full:
        return
    staged = publication.staged
    conn.execute(
        insert(delivery_sighting)
        .from_select(
            ["delivery_id", "record_id"],
            sa.select(sa.literal(publication.delivery_id), staged.c.record_id)
            .where(staged.c.staff_no != "", ~publication.refused())
            .distinct(),
        )
        .on_conflict_do_nothing()
    )


def keep_stations(conn: sa.Connection, publication: Publication) -> None:
    """Stations that the accepted rows name for the first time."""
    staged = publication.staged
    conn.execute(
        insert(station)
        .from_select(
            ["partner", "county", "name"],
            sa.select(sa.literal(publication.partner), staged.c.county, staged.c.station)
            .where(staged.c.changed, staged.c.station != "", staged.c.county.is_not(None), publication.accepted())
            .distinct(),
        )
        .on_conflict_do_nothing()
    )
