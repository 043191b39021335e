"""What a blank and a mask keep of the old record. Full snapshots clear blanks, deltas keep them; a mask never hides.

Works on the few changed rows that need it, in place, on the arrays of one block.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from talentpool.conform.base import Base, old_rows
from talentpool.conform.documents import USABLE
from talentpool.guard import KeyRing, Personal, open_personal


@dataclass(repr=False)
class Values:
    """The values of a block's rows that a merge may change: object arrays by row."""

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
    kept_blank: np.ndarray
    """Rows whose content is more than their cells say; their row hash must not equal that of the bare cells."""


def merge(
    conn: sa.Connection,
    keys: KeyRing,
    partner: str,
    base: Base,
    as_of: date,
    records: list[bytes],
    at: np.ndarray,
    values: Values,
    *,
    delta: bool,
    occupation_blank: np.ndarray,
    date_status: np.ndarray,
) -> None:
    """Fill rows `at` of `values` from the old records."""
    when = as_of if base.past else None
    wanted = [UUID(bytes=records[i]) for i in at]
    plain = old_rows(conn, partner, wanted, when)
    personal = open_personal(conn, keys, wanted, at=when)
    for i, record in zip(at, wanted, strict=True):
        old, sealed = plain.get(record), personal.get(record)
        if old is None or sealed is None:
            continue
        _keep_masked(values, i, old, sealed)
        if delta:
            _keep_blank(values, i, old, sealed)
            _keep_plain(values, i, old, occupation_blank[i], date_status[i])


def _keep_masked(values: Values, i: int, old: Any, sealed: Personal) -> None:
    if values.id_status[i] == "masked" and old.id_number_status in USABLE:
        _take_document(values, i, old, sealed)
    if values.mobile_status[i] == "masked" and old.mobile_status == "ok":
        values.mobile[i], values.mobile_status[i] = sealed.mobile, "ok"
    if values.mobile2_status[i] == "masked" and old.mobile2_status == "ok":
        values.mobile2[i], values.mobile2_status[i] = sealed.mobile2, "ok"


def _keep_blank(values: Values, i: int, old: Any, sealed: Personal) -> None:
    if values.number[i] == "" and sealed.document_no:
        _take_document(values, i, old, sealed)
        values.kept_blank[i] = True
    if values.mobile[i] == "" and sealed.mobile:
        values.mobile[i], values.mobile_status[i] = sealed.mobile, old.mobile_status
        values.kept_blank[i] = True
    if values.mobile2[i] == "" and sealed.mobile2:
        values.mobile2[i], values.mobile2_status[i] = sealed.mobile2, old.mobile2_status
        values.kept_blank[i] = True


def _take_document(values: Values, i: int, old: Any, sealed: Personal) -> None:
    values.number[i], values.id_status[i] = sealed.document_no, old.id_number_status
    values.document_type[i] = old.document_type
    if old.birth_from == "id_number":
        values.birth[i], values.birth_from[i] = np.datetime64(old.birth_date, "D"), "id_number"


def _keep_plain(values: Values, i: int, old: Any, occupation_blank: bool, date_status: str) -> None:
    before = (values.birth[i], values.sex[i], values.station[i], values.occupation[i], values.hired[i], values.left[i])
    if date_status[0] == "m" and np.isnat(values.birth[i]) and old.birth_date is not None:
        values.birth[i], values.birth_from[i] = np.datetime64(old.birth_date, "D"), old.birth_from
    if values.sex[i] == 0:
        values.sex[i] = old.sex
    if values.station[i] == "":
        values.station[i] = old.station
    if occupation_blank:
        values.occupation[i] = old.occupation
    if date_status[1] == "m" and old.hired_on is not None:
        values.hired[i] = np.datetime64(old.hired_on, "D")
    if date_status[2] == "m" and old.left_on is not None:
        values.left[i] = np.datetime64(old.left_on, "D")
    after = (values.birth[i], values.sex[i], values.station[i], values.occupation[i], values.hired[i], values.left[i])
    if any(b != a and not (_nat(b) and _nat(a)) for b, a in zip(before, after, strict=True)):
        values.kept_blank[i] = True


def _nat(value: Any) -> bool:
    return isinstance(value, np.datetime64) and bool(np.isnat(value))
