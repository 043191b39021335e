"""What a blank and a mask keep of the old record. Full snapshots clear blanks, deltas keep them; a mask never hides.

Works on the few changed rows that need it, in place. A row that speaks of somebody else keeps nothing: it is set aside
(expect/audit.py), and must not look like the old record by then.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from talentpool.conform.base import Base, old_rows
from talentpool.conform.documents import USABLE
from talentpool.conform.names import HIDDEN
from talentpool.conform.stranger import is_stranger
from talentpool.guard import KeyRing, Personal, open_personal


@dataclass(repr=False)
class Values:
    """The values of some rows that a merge looks at or changes: object arrays of text, None where there is no date."""

    name: np.ndarray
    name_original: np.ndarray
    name_status: np.ndarray
    county: np.ndarray
    number: np.ndarray
    id_status: np.ndarray
    mobile: np.ndarray
    mobile_status: np.ndarray
    mobile2: np.ndarray
    mobile2_status: np.ndarray
    document_type: np.ndarray
    birth: np.ndarray
    birth_from: np.ndarray
    sex: np.ndarray
    station: np.ndarray
    occupation: np.ndarray
    hired: np.ndarray
    left: np.ndarray
    date_status: np.ndarray
    filled: np.ndarray
    """Rows whose blank cells were filled: their content is more than their cells say, and so is their row hash."""

    @classmethod
    def take(cls, columns: dict[str, pa.Array], at: np.ndarray) -> Values:
        """Rows `at` of string columns that are named like the values."""
        rows = pa.array(at)
        names = [field.name for field in fields(cls) if field.name != "filled"]
        taken = {name: np.array(columns[name].take(rows).to_pylist(), dtype=object) for name in names}
        return cls(**taken, filled=np.zeros(len(at), dtype=bool))

    def has(self, name: str) -> bool:
        return hasattr(self, name)

    def column(self, name: str) -> pa.Array:
        """A value of all the rows as a string column."""
        return pa.array(getattr(self, name), pa.string())


def merge(
    conn: sa.Connection,
    keys: KeyRing,
    partner: str,
    base: Base,
    as_of: date,
    records: list[bytes],
    values: Values,
    *,
    delta: bool,
    occupation_blank: np.ndarray,
) -> None:
    """Fill `values`, the rows of `records`, from the old records."""
    when = as_of if base.past else None
    wanted = [UUID(bytes=record) for record in records]
    plain = old_rows(conn, partner, wanted, when)
    personal = open_personal(conn, keys, wanted, at=when)
    for i, record in enumerate(wanted):
        old, sealed = plain.get(record), personal.get(record)
        if old is None or sealed is None or is_stranger(values, i, old, sealed):
            continue
        _keep_name(values, i, old, sealed)
        _keep_masked(values, i, old, sealed)
        if delta:
            _keep_blank(values, i, old, sealed)
            _keep_plain(values, i, old, occupation_blank[i])


def _keep_name(values: Values, i: int, old: Any, sealed: Personal) -> None:
    """A name that is hidden in part never replaces a whole one."""
    if values.name_status[i] in HIDDEN and old.name_status == "ok" and sealed.name:
        values.name[i], values.name_original[i], values.name_status[i] = sealed.name, sealed.name_original, "ok"


def _keep_masked(values: Values, i: int, old: Any, sealed: Personal) -> None:
    if values.id_status[i] == "masked" and old.id_number_status in USABLE:
        _take_document(values, i, old, sealed)
    if values.mobile_status[i] == "masked" and old.mobile_status == "ok":
        values.mobile[i], values.mobile_status[i] = sealed.mobile, "ok"
    if values.mobile2_status[i] == "masked" and old.mobile2_status == "ok":
        values.mobile2[i], values.mobile2_status[i] = sealed.mobile2, "ok"


def _keep_blank(values: Values, i: int, old: Any, sealed: Personal) -> None:
    """A value that was set aside is not a blank: it keeps its code, and nothing old comes back in its place."""
    if values.id_status[i] == "missing" and sealed.document_no:
        _take_document(values, i, old, sealed)
        values.filled[i] = True
    if values.mobile_status[i] == "missing" and sealed.mobile:
        values.mobile[i], values.mobile_status[i] = sealed.mobile, old.mobile_status
        values.filled[i] = True
    if values.mobile2_status[i] == "missing" and sealed.mobile2:
        values.mobile2[i], values.mobile2_status[i] = sealed.mobile2, old.mobile2_status
        values.filled[i] = True


def _take_document(values: Values, i: int, old: Any, sealed: Personal) -> None:
    values.number[i], values.id_status[i] = sealed.document_no, old.id_number_status
    values.document_type[i] = old.document_type
    if old.birth_from == "id_number":
        # as clean does: a usable document says birth date and sex; an impossible cell stays a fault of the row
        values.sex[i] = str(old.sex)
        if values.date_status[i][0] in "om":
            values.birth[i], values.birth_from[i] = old.birth_date.isoformat(), "id_number"
            values.date_status[i] = "o" + values.date_status[i][1:]


def _keep_plain(values: Values, i: int, old: Any, occupation_blank: bool) -> None:
    for place, days, kept in (
        (0, values.birth, old.birth_date),
        (1, values.hired, old.hired_on),
        (2, values.left, old.left_on),
    ):
        letters = values.date_status[i]
        # "n", no end, is said and not left blank
        if letters[place] == "m" and kept is not None:
            days[i] = kept.isoformat()
            values.date_status[i] = f"{letters[:place]}o{letters[place + 1 :]}"
            values.filled[i] = True
            if place == 0:
                values.birth_from[i] = old.birth_from
    if values.sex[i] == "0" and old.sex:
        values.sex[i], values.filled[i] = str(old.sex), True
    if values.station[i] == "" and old.station:
        values.station[i], values.filled[i] = old.station, True
    if occupation_blank and values.occupation[i] != old.occupation:
        values.occupation[i], values.filled[i] = old.occupation, True
