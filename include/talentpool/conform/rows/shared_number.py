"""Set aside a document number that many names of one delivery bear: it identifies none of them.

A station that wrote one number for all its riders would unite whose names sound alike. The number is set aside in these
rows, with a code; it is no evidence, and nobody is taken for somebody else by it.
"""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.model import staging_table

NAMES_MAX = 3
"""Names that a number may bear: misspelt ones of one person."""
CODE = "id_many_names"


def set_shared_numbers_aside(conn: sa.Connection, delivery_id: int) -> None:
    """Set aside the document numbers of a staged delivery that more than NAMES_MAX names bear."""
    staged = staging_table(delivery_id)
    many = (
        sa.select(staged.c.id_index)
        .where(staged.c.id_index.is_not(None))
        .group_by(staged.c.id_index)
        .having(sa.func.count() > NAMES_MAX)
        .having(sa.func.count(staged.c.name_county_index.distinct()) > NAMES_MAX)
    )
    without = sa.and_(staged.c.mobile_status != "ok", staged.c.mobile2_status != "ok")
    conn.execute(
        staged.update()
        .where(staged.c.id_index.in_(many))
        .values(
            id_index=None,
            id_number_status="malformed",
            notes=sa.func.btrim(staged.c.notes + f" {CODE}"),
            weak_identity=sa.or_(staged.c.weak_identity, staged.c.birth_date.is_(None), without),
        )
    )
