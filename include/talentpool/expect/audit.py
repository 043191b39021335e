"""Make the table that the rules read of a staged delivery, with nothing personal, and the rules' flags.

`marks_<id>` holds the few rows that stand out only beside others: staff numbers that are doubled in the delivery, those
that the live records know as somebody else, and those that are new beside them. `flags_<id>` holds 0 or 1 a rule
and row: what Great Expectations counts.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from talentpool.conform import consent_until, hired_until
from talentpool.conform.rows.stranger import somebody_else
from talentpool.conform.values.documents import FOR_LIFE
from talentpool.conform.values.names import HIDDEN
from talentpool.expect.shifted import mark_shifted
from talentpool.expect.under_audit import UnderAudit
from talentpool.model import STAGING_SCHEMA, division, source_record, staging_table

_PLAIN = (
    "row_no", "staff_no", "changed", "county_status", "date_status", "consent_status", "id_birth_date", "withdrawn",
    "withdrawn_doubtful",
    "name_status", "document_type", "id_number_status", "mobile_status", "mobile2_status", "birth_date", "sex",
    "county", "occupation", "hired_on", "left_on", "consented_on", "weak_identity", "notes", "faults",
)  # fmt: skip
_PRESENT = {
    "has_record": "record_id", "has_id_index": "id_index", "has_mobile_index": "mobile_index",
    "has_mobile2_index": "mobile2_index", "has_sealed": "sealed", "has_salt": "salt",
}  # fmt: skip


MARKS = ("doubled", "reused", "fresh", "renumbered", "rewritten")
"""Doubled in the delivery; of somebody else; a number that no record has, and one of those of a person that is known
under another number, or under the same in another notation."""
_RULED = ("doubled", "reused", "rewritten")
_SAME = ("id_index", "mobile_index", "name_county_index")


def marks_table(delivery_id: int) -> sa.Table:
    return sa.Table(
        f"marks_{delivery_id}",
        sa.MetaData(schema=STAGING_SCHEMA),
        sa.Column("row_no", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()) for name in MARKS),
        sa.Column("staff_no", sa.Text),
        *(sa.Column(name, UUID) for name in _SAME),
        prefixes=["UNLOGGED"],
    )


def flags_name(delivery_id: int) -> str:
    return f"flags_{delivery_id}"


def analyze_staged(conn: sa.Connection, delivery_id: int) -> None:
    """Statistics of the columns that joins use; of all of them they would cost as much as the rules."""
    conn.exec_driver_sql(
        f"analyze {_quoted(conn, staging_table(delivery_id).name)} (row_no, record_id, staff_no, changed, county)"
    )


def mark(conn: sa.Connection, case: UnderAudit) -> None:
    """Fill marks_<id>: staff numbers that are doubled in the delivery, and those of rows that speak of somebody else.

    A trial compares nothing with the live records, and a county's delivery not the numbers and documents of other people:
    they would be told by it.
    """
    partner, delivery_id = case.partner, case.delivery_id
    staged, marks = staging_table(delivery_id), marks_table(delivery_id)
    marks.drop(conn, checkfirst=True)
    marks.create(conn)
    doubled = (
        sa.select(staged.c.staff_no)
        .where(staged.c.staff_no != "")
        .group_by(staged.c.staff_no)
        .having(sa.func.count() > 1)
    )
    conn.execute(
        marks.insert().from_select(
            ["row_no", "doubled"],
            sa.select(staged.c.row_no, sa.true()).where(staged.c.staff_no.in_(doubled)),
        )
    )
    live = source_record
    if case.past or not case.know_people:
        return
    if not conn.scalar(sa.select(sa.exists().where(live.c.partner == partner.code))):
        return
    fresh, same = live.c.record_id.is_(None), (staged.c.staff_no, *(staged.c[name] for name in _SAME))
    stranger = sa.func.coalesce(_somebody_else(staged, live), sa.false())
    conn.execute(
        marks.insert().from_select(
            ["row_no", "reused", "fresh", "staff_no", *_SAME],
            sa.select(staged.c.row_no, sa.and_(~fresh, stranger), fresh, *same)
            .outerjoin(live, sa.and_(live.c.partner == partner.code, live.c.record_id == staged.c.record_id))
            .where(staged.c.changed, sa.or_(fresh, stranger)),
        )
    )
    mark_shifted(conn, partner.code, delivery_id, marks, case.facts.sent_counties)


def _somebody_else(staged: sa.Table, live: sa.Table) -> sa.ColumnElement[bool]:
    """conform/rows/stranger.py's rule over indexes; a name can be compared inside a county only."""
    ours, theirs = ((table.c.mobile_index, table.c.mobile2_index) for table in (staged, live))
    shared = sa.or_(*(one == other for one in ours for other in theirs))
    both = sa.and_(sa.func.coalesce(*ours).is_not(None), sa.func.coalesce(*theirs).is_not(None))
    masked = sa.and_(staged.c.mobile_status == "masked", live.c.mobile_index.is_not(None))
    agrees = sa.or_(staged.c.id_index == live.c.id_index, shared, staged.c.birth_date == live.c.birth_date)
    whole = sa.and_(*(table.c.id_number_status.in_(sorted(FOR_LIFE)) for table in (staged, live)))
    other = staged.c.id_index != live.c.id_index
    found: sa.ColumnElement[bool] = somebody_else(
        # a hidden name that fits took the whole one; one that is left beside a whole name does not fit it
        named=sa.and_(
            staged.c.county == live.c.county,
            sa.or_(
                staged.c.name_county_index != live.c.name_county_index,
                sa.and_(staged.c.name_status.in_(sorted(HIDDEN)), live.c.name_status == "ok"),
            ),
        ),
        moved=live.c.county.is_distinct_from(staged.c.county),
        document=sa.and_(other, whole),
        # a mask that fits took the whole value; one that is left beside a whole value does not fit it
        veiled=sa.or_(
            sa.and_(staged.c.id_number_status == "masked", live.c.id_index.is_not(None)), sa.and_(other, sa.not_(whole))
        ),
        mobile=sa.and_(sa.or_(both, masked), shared.is_not(True)),
        birth=staged.c.birth_date != live.c.birth_date,
        nothing_agrees=agrees.is_not(True),
    )
    return found


def audited_rows(conn: sa.Connection, case: UnderAudit, area: str) -> str:
    """The query whose columns predicates name; constants of the delivery are columns, so that they stay plain text."""
    partner, facts, delivery_id = case.partner, case.facts, case.delivery_id
    staged, marks = staging_table(delivery_id), marks_table(delivery_id)
    marked = (
        sa.select(
            marks.c.row_no,
            *(sa.func.bool_or(marks.c[name]).label(name) for name in _RULED),
        )
        .group_by(marks.c.row_no)
        .subquery()
    )
    prefix = area[:2] if area.endswith("0000") else area[:4] if area.endswith("00") else area
    inside = (
        sa.select(division.c.code)
        .where(
            division.c.status == "current", division.c.level == "county", sa.func.starts_with(division.c.code, prefix)
        )
        .distinct()
        .subquery()
    )
    query = (
        sa.select(
            *(staged.c[name] for name in _PLAIN),
            *(staged.c[source].is_not(None).label(name) for name, source in _PRESENT.items()),
            *(sa.func.coalesce(marked.c[name], sa.false()).label(name) for name in _RULED),
            inside.c.code.is_not(None).label("county_inside"),
            sa.cast(sa.literal(facts.as_of), sa.Date).label("as_of"),
            sa.cast(sa.literal(consent_until(facts)), sa.Date).label("consent_until"),
            sa.cast(sa.literal(hired_until(facts)), sa.Date).label("hired_until"),
            sa.literal(partner.basis.kind == "consent").label("needs_consent"),
            sa.cast(sa.literal(f"{partner.bounds.max_age + 1} years"), sa.Interval).label("oldest"),
        )
        .outerjoin(marked, marked.c.row_no == staged.c.row_no)
        .outerjoin(inside, inside.c.code == staged.c.county)
    )
    return str(query.compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True}))


def raise_flags(conn: sa.Connection, rows: str, delivery_id: int, predicates: Mapping[str, str]) -> None:
    """Fill flags_<id>: row_no, and a column for each predicate, 1 where it is met, else 0 (null is not met)."""
    flags = ", ".join(f"coalesce(({bad}), false)::int::int2 as {name}" for name, bad in predicates.items())
    name = _quoted(conn, flags_name(delivery_id))
    conn.exec_driver_sql(f"drop table if exists {name}")
    conn.exec_driver_sql(f"create unlogged table {name} as select row_no, {flags} from ({rows}) as audited")  # noqa: S608


OF_A_STATEMENT = (sa.exc.ProgrammingError, sa.exc.DataError, sa.exc.NotSupportedError)
"""Errors of what was asked. Every other is of the server or of the moment: a connection that ended, a time that ran out, a
full disk, a deadlock."""


def cannot_run(conn: sa.Connection, rows: str, predicate: str) -> bool:
    """Whether a predicate fails on the rows as they are; a fault of the server's is raised."""
    try:
        with conn.begin_nested():
            conn.exec_driver_sql(f"select count(*) from ({rows}) as audited where {predicate}")  # noqa: S608
    except OF_A_STATEMENT:
        return True
    return False


def drop_audit(conn: sa.Connection, delivery_id: int) -> None:
    """Drop the flags and the marks, where they are."""
    conn.exec_driver_sql(f"drop table if exists {_quoted(conn, flags_name(delivery_id))}")
    marks_table(delivery_id).drop(conn, checkfirst=True)


def _quoted(conn: sa.Connection, name: str) -> str:
    preparer = conn.dialect.identifier_preparer
    return f"{preparer.quote(STAGING_SCHEMA)}.{preparer.quote(name)}"
