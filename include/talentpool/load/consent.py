"""Suspend a known person whom a roster names without valid consent; the person is not forgotten.

A refused row changes nothing else: it restores nobody, extends no spell and clears no value. The suspension ends when a
later row of the person is accepted (of whom the partner reported a withdrawal: with a date of consent after it), when a
second version of the same date takes the first one back, or by the office. Who asked the office itself is out of use until
that request is revoked or carried out (ending.stopped), whatever a roster says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.deliveries.ending import ENDING, REPORTED, ended_rows, stopped
from talentpool.deliveries.publications import published
from talentpool.load.staged import Publication
from talentpool.model import consent_end, delivery, delivery_sighting, source_record, source_record_history, use_stop


def suspended_on(as_of: date) -> sa.Subquery:
    """(partner, record_id) of those whose consent had ended by the date and did not count again on it; and of those who
    asked that they are not used, which holds for every date."""
    end, stop, live = consent_end, use_stop, source_record
    query = sa.select(end.c.partner, end.c.record_id).where(
        end.c.as_of <= as_of, sa.or_(end.c.lifted_on.is_(None), end.c.lifted_on > as_of)
    )
    asked = (
        sa.select(live.c.partner, live.c.record_id)
        .join(stop, stop.c.record_id == live.c.record_id)
        .where(stop.c.purpose == "", stop.c.lifted_at.is_(None))
    )
    return query.union(asked).subquery("suspended")


def is_open(record: sa.ColumnElement, partner: sa.ColumnElement) -> sa.ColumnElement[bool]:
    """Whether the consent of a record has ended and does not count again, or its person asked that it is not used."""
    end = consent_end
    ended = sa.exists().where(end.c.partner == partner, end.c.record_id == record, end.c.lifted_on.is_(None))
    return sa.or_(ended, stopped(record))


def follow_consent(conn: sa.Connection, publication: Publication) -> None:
    """What a live delivery says of consent: ended for some, counted again for others."""
    _lift(conn, publication)
    end, live = consent_end, source_record
    rows = _ended(publication).cte("ended")
    known = sa.exists().where(live.c.partner == publication.partner, live.c.record_id == rows.c.record_id)
    on_record = sa.exists().where(
        end.c.partner == publication.partner,
        end.c.record_id == rows.c.record_id,
        end.c.lifted_on.is_(None),
        end.c.as_of < publication.as_of,
        sa.or_(end.c.cause == rows.c.cause, end.c.cause == "withdrawn"),
    )
    never = sa.null().cast(sa.Date).label("lifted_on")
    # a row that we refuse for the request alone says nothing of its own: the request may be revoked
    reported = sa.select(_ended(publication, REPORTED).subquery().c.record_id)
    own = sa.or_(~stopped(rows.c.record_id), rows.c.record_id.in_(reported))
    _put_down(conn, publication, sa.select(rows, never).where(known, ~on_record, own))
    _suspend(conn, publication, sa.select(_ended(publication).subquery().c.record_id))


def follow_past_consent(conn: sa.Connection, publication: Publication) -> None:
    """A roster that came late: consent had ended from its date to the next roster's that names the person; a withdrawal
    holds until a consent is dated after it."""
    live, past = source_record, source_record_history
    rows = _ended(publication).cte("ended")
    known = [
        sa.exists().where(
            table.c.partner == publication.partner,
            table.c.record_id == rows.c.record_id,
            table.c.valid_from <= publication.as_of,
        )
        for table in (live, past)
    ]
    anew = sa.exists().where(
        live.c.partner == publication.partner,
        live.c.record_id == rows.c.record_id,
        live.c.consented_on > publication.as_of,
    )
    named = _named_next(publication, rows.c.record_id)
    lifted = sa.case((sa.or_(rows.c.cause == "missing", anew), named)).label("lifted_on")
    _put_down(conn, publication, sa.select(rows, lifted).where(sa.or_(*known)))
    end = consent_end
    still = sa.select(end.c.record_id).where(
        end.c.partner == publication.partner, end.c.as_of == publication.as_of, end.c.lifted_on.is_(None)
    )
    _suspend(conn, publication, still)


def _named_next(publication: Publication, record: sa.ColumnElement) -> sa.ScalarSelect:
    """The date of the next published roster that names the record: a full one names everybody who is there."""
    sighted = sa.exists().where(
        delivery_sighting.c.delivery_id == delivery.c.delivery_id, delivery_sighting.c.record_id == record
    )
    return (
        sa.select(sa.func.min(delivery.c.as_of))
        .where(
            published(publication.partner),
            delivery.c.as_of > publication.as_of,
            sa.or_(delivery.c.kind == "full", sighted),
        )
        .scalar_subquery()
    )


def _suspend(conn: sa.Connection, publication: Publication, records: sa.Select) -> None:
    live = source_record
    conn.execute(
        live.update()
        .values(status="suspended", missing_since=None, missing_count=0)
        .where(
            live.c.partner == publication.partner,
            live.c.status.in_(["active", "suspected"]),
            live.c.record_id.in_(records),
        )
    )


def _ended(publication: Publication, codes: Mapping[str, str] = ENDING) -> sa.Select:
    return ended_rows(publication.staged, publication.verdicts, codes)


def _lift(conn: sa.Connection, publication: Publication) -> None:
    end, staged = consent_end, publication.staged
    accepted = sa.exists().where(
        staged.c.record_id == end.c.record_id,
        publication.accepted(),
        sa.or_(end.c.cause == "missing", staged.c.consented_on > end.c.as_of),
    )
    accepted_at_all = sa.exists().where(staged.c.record_id == end.c.record_id, publication.accepted())
    ours = end.c.partner == publication.partner
    conn.execute(end.delete().where(ours, end.c.as_of == publication.as_of, accepted_at_all))
    conn.execute(
        end.update()
        .values(lifted_on=publication.as_of, lifted_by=f"delivery:{publication.delivery_id}")
        .where(ours, end.c.lifted_on.is_(None), end.c.as_of < publication.as_of, accepted)
    )


def _put_down(conn: sa.Connection, publication: Publication, rows: sa.Select) -> None:
    """`rows`: (record_id, cause, lifted_on)."""
    ended = rows.subquery()
    by = sa.case((ended.c.lifted_on.is_not(None), f"delivery:{publication.delivery_id}"))
    statement = insert(consent_end).from_select(
        ["partner", "record_id", "as_of", "delivery_id", "cause", "lifted_on", "lifted_by"],
        sa.select(
            sa.literal(publication.partner), ended.c.record_id, sa.literal(publication.as_of),
            sa.literal(publication.delivery_id), ended.c.cause, ended.c.lifted_on, by,
        ),
    )  # fmt: skip
    anew = {name: statement.excluded[name] for name in ("delivery_id", "cause", "lifted_on", "lifted_by")}
    conn.execute(statement.on_conflict_do_update(index_elements=["partner", "record_id", "as_of"], set_=anew))
