"""Read the tables as DataFrames of documented types, for whoever has the right to them: the report and frames/asked.py.

pandas is imported where a frame is made: it takes a third of a second, and most of what imports this module makes none.
"""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from psycopg import sql

from talentpool.model import pool_snapshot
from talentpool.reference import State, Table
from talentpool.reference.tables import LIST_SEPARATOR
from talentpool.texts.reasons import reasons

if TYPE_CHECKING:
    import pandas as pd

READ_PEOPLE = Path(__file__).with_name("read_people.sql").read_text(encoding="utf-8")
STANDS = pool_snapshot.c.void.is_(False)
"""Pools that nobody has declared void."""
SEVERAL = "|"
"""Between the codes of a cell that holds several."""
DAY, MOMENT = "datetime64[s]", "datetime64[us, UTC]"
PEOPLE = {
    "home_county": "category", "home_partner": "category", "partners": "category", "counties": "category",
    "records": "Int64", "age_band": "category", "youth": "boolean", "sex": "category", "occupation": "category",
    "status": "category", "weak_identity": "boolean",
}  # fmt: skip
DELIVERIES = {
    "partner": "category", "as_of": DAY, "kind": "category", "state": "category", "effect": "category", "rows": "Int64",
    "accepted": "Int64", "quarantined": "Int64", "refused": "Int64", "changed": "Int64", "landed_at": MOMENT,
    "published_at": MOMENT,
}  # fmt: skip
QUALITY = {
    "delivery": "Int64", "partner": "category", "as_of": DAY, "state": "category", "code": "category", "level": "category",
    "outcome": "category", "rows": "Int64",
}  # fmt: skip
"""Column -> dtype. docs/frames.md says what each column holds; a test holds the two together."""
ARROW = {"Int64": "int64", "boolean": "bool"}


def newest_snapshot(conn: sa.Connection, as_of: date | None) -> sa.Row[Any] | None:
    """The newest pool that stands, of `as_of` or before (unset: of any date), in its newest version."""
    newest = sa.select(pool_snapshot).where(STANDS)
    if as_of is not None:
        newest = newest.where(pool_snapshot.c.as_of <= as_of)
    return conn.execute(
        newest.order_by(pool_snapshot.c.as_of.desc(), pool_snapshot.c.version.desc()).limit(1)
    ).one_or_none()


def people(conn: sa.Connection, snapshot_id: int, but: str = "") -> pd.DataFrame:
    """One row a person of a snapshot that the connection sees, in no order. `but`: SQL of ours, a further condition.

    By COPY and arrow: the driver would make eleven million objects of a million people, on their way to columns of codes.
    """
    import pyarrow as pa
    from pyarrow import csv

    query = sql.SQL(READ_PEOPLE).format(snapshot=sql.Literal(snapshot_id), but=sql.SQL(but))
    raw: Any = conn.connection.driver_connection
    sent = BytesIO()
    with raw.cursor() as cursor, cursor.copy(sql.SQL("copy ({}) to stdout (format csv, header)").format(query)) as copy:
        for block in copy:
            sent.write(block)
    sent.seek(0)
    found = csv.read_csv(
        sent,
        convert_options=csv.ConvertOptions(
            column_types={name: ARROW.get(kind) or pa.dictionary(pa.int32(), pa.string()) for name, kind in PEOPLE.items()},
            true_values=["t"], false_values=["f"], null_values=[""], strings_can_be_null=True,
        ),
    )  # fmt: skip
    return found.to_pandas().astype(PEOPLE)


def deliveries(rows: list[sa.Row[Any]]) -> pd.DataFrame:
    """Rows of `delivery_figures`, by number of the delivery."""
    made = _frame([row._mapping for row in rows], {"delivery_id": "Int64", **DELIVERIES})
    return made.set_index("delivery_id").rename_axis("delivery")


def quality(rows: list[sa.Row[Any]]) -> pd.DataFrame:
    """One line a delivery and code: of how many of its rows it was said. A code that is gone has no level or outcome."""
    known = reasons()
    said = [
        {"delivery": row.delivery_id, "partner": row.partner, "as_of": row.as_of, "state": row.state, "code": code,
         "level": known[code].level if code in known else None,
         "outcome": known[code].outcome if code in known else None, "rows": count}
        for row in rows for counts in (row.reasons, row.notes) for code, count in sorted(counts.items())
    ]  # fmt: skip
    return _frame(said, QUALITY).rename_axis("line")


def sheet(table: Table, state: State) -> pd.DataFrame:
    """A reference table as a spreadsheet has it: text and whole numbers; a list of words is one text."""
    cells = [
        {name: LIST_SEPARATOR.join(value) if isinstance(value, list) else value for name, value in row.items()}
        for row in state.values()
    ]
    types = {name: "Int64" if isinstance(table.stored.c[name].type, sa.Integer) else "str" for name in table.columns}
    return _frame(cells, types)


def cross_tab(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Code of `column` -> people, youth. Who has several codes counts in the line of each; without one, in that of ''."""
    lines = frame.groupby([column, "youth"], observed=True, dropna=False).size().reset_index(name="people")
    lines["code"] = lines[column].astype(object).fillna("").str.split(SEVERAL, regex=False)
    lines["youth"] = lines["people"].where(lines["youth"].astype(bool), 0)
    return lines.explode("code").groupby("code")[["people", "youth"]].sum()


def _frame(rows: list[Any], types: dict[str, str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame.from_records(rows, columns=list(types)).astype(types)
