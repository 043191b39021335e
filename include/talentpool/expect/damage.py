"""Count the rows of a delivery whose cells held something unusable, by reason code.

A damaged cell keeps what is known (conform/rows/merge.py), so the staged status may be good: the code in the row's notes is
what tells. Masks are no damage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from talentpool.conform.values.damage import UNREADABLE
from talentpool.conform.values.documents import USABLE
from talentpool.texts.finding import Finding
from talentpool.texts.reasons import reasons

DAMAGE = {
    "id_number": ("id_bad_checksum", "id_malformed", "id_precision_lost", "id_unreadable", "id_replaced"),
    "mobile": ("mobile_unusable", "mobile_unreadable"),
    "mobile2": ("mobile2_unusable", "mobile2_unreadable"),
    **{name: (code,) for name, code in UNREADABLE.items() if name not in ("document_no", "mobile", "mobile2")},
}
"""Codes of a damaged cell by field."""
UNLIKE_OTHERS = {"mobile2": ("mobile2_unreadable",)}
"""What counts as damage of a whole column where that is less than all: landlines fill many a second column."""
WHOLE_FROM = 3
"""Cells from which a column can be said to be damaged as a whole."""
WHOLE = 0.5


def value_codes() -> tuple[str, ...]:
    """Codes of values that are set aside in rows that are kept."""
    return tuple(r.code for r in reasons().values() if r.level == "value" and r.outcome == "set_aside")


def carries(staged: sa.Table, codes: Iterable[str]) -> sa.ColumnElement[bool]:
    """Whether a staged row's notes name one of the codes."""
    held = sa.func.string_to_array(staged.c.notes, " ").op("&&", is_comparison=True)(
        sa.cast(list(codes), ARRAY(sa.Text))
    )
    return sa.and_(staged.c.notes != "", held)


def whole_columns(conn: sa.Connection, staged: sa.Table, counts: Mapping[str, int]) -> list[Finding]:
    """Columns of which most cells that hold something are damaged; at the first delivery as well, and of any size.

    Args:
        counts: rows of the delivery by code.
    """
    damaged = {
        name: sum(counts.get(code, 0) for code in UNLIKE_OTHERS.get(name, codes)) for name, codes in DAMAGE.items()
    }
    many = [name for name, count in damaged.items() if count >= WHOLE_FROM]
    if not many:
        return []
    readable = conn.execute(
        sa.select(
            *(
                sa.func.count().filter(_readable(staged, name), ~carries(staged, DAMAGE[name])).label(name)
                for name in many
            )
        )
    ).one()
    shares = {name: damaged[name] / (damaged[name] + getattr(readable, name)) for name in many}
    return [
        Finding("column_damaged", round(share, 4), WHOLE, field=name) for name, share in shares.items() if share > WHOLE
    ]


def _readable(staged: sa.Table, name: str) -> sa.ColumnElement[bool]:
    if name == "id_number":
        return staged.c.id_number_status.in_([*USABLE, "masked"])
    if name in ("mobile", "mobile2"):
        return staged.c[f"{name}_status"].in_(["ok", "masked"])
    if name == "sex":
        return staged.c.sex != 0
    column = staged.c[name]
    return column != "" if isinstance(column.type, sa.Text) else column.is_not(None)
