"""The audit table of a staged delivery: what rules may look at, and nothing personal.

A table, not a view: some thirty rules read it, and the joins behind it are made once.

`marks_<id>` holds the few rows that stand out only beside others: staff numbers that are doubled in the delivery, and
those that the live records know as somebody else.
"""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.declare import Partner
from talentpool.model import STAGING_SCHEMA, division, source_record, staging_table

_PLAIN = (
    "row_no", "staff_no", "changed", "county_status", "date_status", "consent_status", "id_birth_date", "withdrawn",
    "name_status", "document_type", "id_number_status", "mobile_status", "mobile2_status", "birth_date", "sex",
    "county", "occupation", "hired_on", "left_on", "consented_on", "weak_identity", "notes",
)  # fmt: skip
_PRESENT = {
    "has_record": "record_id", "has_id_index": "id_index", "has_mobile_index": "mobile_index",
    "has_mobile2_index": "mobile2_index", "has_sealed": "sealed", "has_salt": "salt",
}  # fmt: skip


def marks_table(delivery_id: int) -> sa.Table:
    return sa.Table(
        f"marks_{delivery_id}",
        sa.MetaData(schema=STAGING_SCHEMA),
        sa.Column("row_no", sa.Integer, nullable=False),
        sa.Column("doubled", sa.Boolean, nullable=False),
        sa.Column("reused", sa.Boolean, nullable=False),
        prefixes=["UNLOGGED"],
    )


def audit_name(delivery_id: int) -> str:
    return f"audit_{delivery_id}"


def mark(conn: sa.Connection, partner: Partner, delivery_id: int, *, past: bool) -> None:
    """Fill marks_<id>. A re-used staff number: the live record has another valid document,
    and another name or another county."""
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
            ["row_no", "doubled", "reused"],
            sa.select(staged.c.row_no, sa.true(), sa.false()).where(staged.c.staff_no.in_(doubled)),
        )
    )
    if not past:
        live = source_record
        conn.execute(
            marks.insert().from_select(
                ["row_no", "doubled", "reused"],
                sa.select(staged.c.row_no, sa.false(), sa.true())
                .join(live, sa.and_(live.c.partner == partner.code, live.c.record_id == staged.c.record_id))
                .where(
                    staged.c.changed,
                    staged.c.id_index.is_not(None),
                    live.c.id_index.is_not(None),
                    staged.c.id_index != live.c.id_index,
                    # a name can be compared inside a county only; across counties the document alone tells
                    sa.or_(
                        staged.c.name_county_index != live.c.name_county_index,
                        live.c.county.is_distinct_from(staged.c.county),
                    ),
                ),
            )
        )


def create_audit(conn: sa.Connection, partner: Partner, delivery_id: int, *, as_of: object, area: str) -> None:
    """Fill staging.audit_<id>; constants of the delivery are columns, so that predicates stay plain text."""
    staged, marks = staging_table(delivery_id), marks_table(delivery_id)
    marked = (
        sa.select(
            marks.c.row_no,
            sa.func.bool_or(marks.c.doubled).label("doubled"),
            sa.func.bool_or(marks.c.reused).label("reused"),
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
            sa.func.coalesce(marked.c.doubled, sa.false()).label("doubled"),
            sa.func.coalesce(marked.c.reused, sa.false()).label("reused"),
            inside.c.code.is_not(None).label("county_inside"),
            sa.cast(sa.literal(as_of), sa.Date).label("as_of"),
            sa.literal(partner.basis.kind == "consent").label("needs_consent"),
            sa.cast(sa.literal(f"{partner.bounds.max_age + 1} years"), sa.Interval).label("oldest"),
        )
        .outerjoin(marked, marked.c.row_no == staged.c.row_no)
        .outerjoin(inside, inside.c.code == staged.c.county)
    )
    body = query.compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True})
    preparer = conn.dialect.identifier_preparer
    name = f"{preparer.quote(STAGING_SCHEMA)}.{preparer.quote(audit_name(delivery_id))}"
    conn.exec_driver_sql(f"drop table if exists {name}")
    conn.exec_driver_sql(f"create unlogged table {name} as {body}")
    conn.exec_driver_sql(f"analyze {name}")


def drop_audit(conn: sa.Connection, delivery_id: int) -> None:
    """Drop the audit table and the marks, where they are."""
    preparer = conn.dialect.identifier_preparer
    conn.exec_driver_sql(
        f"drop table if exists {preparer.quote(STAGING_SCHEMA)}.{preparer.quote(audit_name(delivery_id))}"
    )
    marks_table(delivery_id).drop(conn, checkfirst=True)
