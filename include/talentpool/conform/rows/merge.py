"""Merge blank, masked and damaged cells with the old record. Full snapshots clear blanks, deltas keep them; a mask or a
damaged cell never hides what is known.

Works on the few changed rows that need it, in place. A row that speaks of somebody else keeps nothing: it is set aside
(expect/audit.py), and must not look like the old record by then.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa

from talentpool.conform.rows.base import old_rows
from talentpool.conform.rows.setting import Setting
from talentpool.conform.rows.stranger import agreement, is_stranger
from talentpool.conform.values.damage import SET_ASIDE
from talentpool.conform.values.documents import FOR_LIFE, USABLE
from talentpool.conform.values.names import HIDDEN, read_name
from talentpool.guard import Personal, open_personal


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
    """Rows whose blank or damaged cells were filled: their content is more than their cells say, and so is their hash."""
    fault: np.ndarray
    """What only the known value tells: a number that is the known one with its last digits turned to zeros, another
    document in place of a resident number. A code, or ''."""

    @classmethod
    def take(cls, columns: dict[str, pa.Array], at: np.ndarray) -> Values:
        """Rows `at` of string columns that are named like the values."""
        rows = pa.array(at)
        names = [field.name for field in fields(cls) if field.name not in ("filled", "fault")]
        taken = {name: np.array(columns[name].take(rows).to_pylist(), dtype=object) for name in names}
        return cls(**taken, filled=np.zeros(len(at), dtype=bool), fault=np.full(len(at), "", dtype=object))

    def has(self, name: str) -> bool:
        return hasattr(self, name)

    def column(self, name: str) -> pa.Array:
        """A value of all the rows as a string column."""
        return pa.array(getattr(self, name), pa.string())


def merge(
    setting: Setting,
    records: list[bytes],
    values: Values,
    *,
    occupation_blank: np.ndarray,
    keep: dict[str, np.ndarray],
) -> None:
    """Fill `values`, the rows of `records`, from the old records.

    Args:
        keep: by field, the rows whose empty cell was damaged: there a full snapshot keeps what is known as a delta does.
    """
    wanted, delta = [UUID(bytes=record) for record in records], setting.delta
    plain = old_rows(setting.conn, setting.partner, wanted, setting.read_on)
    personal = open_personal(setting.conn, setting.keys, wanted, at=setting.read_on)
    for i, record in enumerate(wanted):
        old, sealed = plain.get(record), personal.get(record)
        if old is None or sealed is None or is_stranger(values, i, old, sealed):
            continue
        _keep_name(values, i, old, sealed)
        _keep_masked(values, i, old, sealed)
        same = _same_person(values, i, old, sealed)
        damaged = {name for name, rows in keep.items() if same and rows[i]}
        _keep_document(values, i, old, sealed, blank=delta or "document_no" in damaged, same=same)
        _keep_mobiles(values, i, old, sealed, delta=delta, damaged=damaged, same=same)
        _keep_plain(values, i, old, None if delta else damaged, occupation_blank[i])
        if "document_type" in damaged and values.number[i] and values.number[i] == sealed.document_no:
            values.document_type[i], values.filled[i] = old.document_type, True


def _same_person(values: Values, i: int, old: Any, sealed: Personal) -> bool:
    """Whether anything says so. A damaged cell keeps the known value of the person of the row, of nobody else."""
    named = read_name(values.name[i]).form
    return (bool(named) and named == read_name(sealed.name).form) or agreement(values, i, old, sealed)


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


def _keep_document(values: Values, i: int, old: Any, sealed: Personal, *, blank: bool, same: bool) -> None:
    """`blank`: whether an empty cell keeps the old number; a damaged one of the same person always does."""
    if not sealed.document_no:
        return
    lost = (blank and values.id_status[i] == "missing") or (same and values.id_status[i] in SET_ASIDE)
    if old.id_number_status == "valid" and values.id_status[i] == "valid":
        values.fault[i] = "id_precision_lost" if _rounded(values.number[i], sealed.document_no) else ""
    elif same and old.id_number_status in FOR_LIFE and values.id_status[i] == "other_document":
        values.fault[i] = "id_replaced"  # nobody loses a resident number for a passport
    if lost or values.fault[i]:
        _take_document(values, i, old, sealed)
        values.filled[i] = True


def _rounded(number: str, known: str) -> bool:
    """A number of 18 digits that was kept as a number has 15 of them left."""
    return number.endswith("000") and number != known and number[:15] == known[:15]


def _keep_mobiles(
    values: Values, i: int, old: Any, sealed: Personal, *, delta: bool, damaged: set[str], same: bool
) -> None:
    first = (same and values.mobile_status[i] in SET_ASIDE) or "mobile" in damaged
    second = (same and values.mobile2_status[i] in SET_ASIDE) or "mobile2" in damaged
    if (first or (delta and values.mobile_status[i] == "missing")) and sealed.mobile:
        values.mobile[i], values.mobile_status[i], values.filled[i] = sealed.mobile, old.mobile_status, True
    # the second number may have stood in the first one's cell
    missing = values.mobile2_status[i] == "missing" and (delta or first)
    if (second or missing) and sealed.mobile2:
        values.mobile2[i], values.mobile2_status[i], values.filled[i] = sealed.mobile2, old.mobile2_status, True


def _take_document(values: Values, i: int, old: Any, sealed: Personal) -> None:
    values.number[i], values.id_status[i] = sealed.document_no, old.id_number_status
    values.document_type[i] = old.document_type
    if old.birth_from == "id_number":
        # as clean does: a usable document says birth date and sex; an impossible cell stays a fault of the row
        values.sex[i] = str(old.sex)
        if values.date_status[i][0] in "om":
            values.birth[i], values.birth_from[i] = old.birth_date.isoformat(), "id_number"
            values.date_status[i] = "o" + values.date_status[i][1:]


def _keep_plain(values: Values, i: int, old: Any, only: set[str] | None, occupation_blank: bool) -> None:
    """Empty cells take what is known; `only`: of these fields, None = of all."""
    for place, name, days, kept in (
        (0, "birth_date", values.birth, old.birth_date),
        (1, "hired_on", values.hired, old.hired_on),
        (2, "left_on", values.left, old.left_on),
    ):
        letters = values.date_status[i]
        if name == "left_on" and kept is not None and (values.hired[i] or "") > kept.isoformat():
            continue  # hired again since
        # "n", no end, is said and not left blank
        if letters[place] == "m" and kept is not None and _may(only, name):
            days[i] = kept.isoformat()
            values.date_status[i] = f"{letters[:place]}o{letters[place + 1 :]}"
            values.filled[i] = True
            if place == 0:
                values.birth_from[i] = old.birth_from
    if values.sex[i] == "0" and old.sex and _may(only, "sex"):
        values.sex[i], values.filled[i] = str(old.sex), True
    if values.station[i] == "" and old.station and _may(only, "station"):
        values.station[i], values.filled[i] = old.station, True
    if occupation_blank and values.occupation[i] != old.occupation and _may(only, "occupation"):
        values.occupation[i], values.filled[i] = old.occupation, True


def _may(only: set[str] | None, name: str) -> bool:
    return only is None or name in only
