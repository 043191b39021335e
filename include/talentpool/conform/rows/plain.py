"""Clean the columns that are stored in plain: staff number, station, document type, notice.

Staff numbers are read, made unique within a branch where the partner says so, and hidden behind their record id where
they are a person's number. A personal number that stands where none may be leaves the row here; a code stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.rows.columns import hex_fixed
from talentpool.conform.rows.misplaced import kinds_by_row, kinds_of_staff
from talentpool.conform.values.staff import read_staff_nos
from talentpool.guard.blind import OF_RECORD

LOOKED_THROUGH = ("sex", "document_type", "station", "occupation", "notice_version")
"""Plain columns in which values repeat."""
WITHIN = "/"
"""Between a branch and a staff number that is unique within it."""
_NUMBERS = {"mobile": r"^(?:(?:\+?86|0086)[ -]?)?(1[3-9][0-9])[ -]?([0-9]{4})[ -]?([0-9]{4})$",
            "id_number": r"^([0-9]{17})([0-9Xx])()$"}  # fmt: skip
_CELL = {"mobile": "mobile", "id_number": "document_no"}


@dataclass(frozen=True)
class StaffRule:
    """What a partner declares of its staff numbers."""

    kind: Literal["mobile", "id_number", "number"] | None = None
    within: str | None = None


@dataclass(frozen=True, repr=False)
class Plain:
    """`staff_no`: what record ids are made of; '' when a row has none. `hidden`: rows whose staff number is a person's
    number and stands nowhere. `replaced`: columns that are read on in another form. `faults`: codes or null."""

    staff_no: pa.Array
    hidden: np.ndarray | None
    misplaced: np.ndarray | None
    undone: np.ndarray
    faults: pa.Array
    replaced: dict[str, pa.Array]

    def printed(self, records: np.ndarray) -> pa.Array:
        """Staff numbers as they are stored: of hidden ones the record id, of personal ones nothing."""
        printed = self.staff_no
        if self.hidden is not None:
            own = pc.binary_join_element_wise(OF_RECORD, hex_fixed(records[self.hidden]), "")
            printed = pc.replace_with_mask(printed, pa.array(self.hidden), own)
        return printed if self.misplaced is None else pc.if_else(pa.array(self.misplaced), "", printed)


def read_plain(column: dict[str, pa.Array], rule: StaffRule) -> Plain:
    """The plain columns of a block, named by canonical field."""
    n = len(column["staff_no"])
    staff = read_staff_nos(column["staff_no"])
    number, replaced = staff.number, {}
    faults = np.full(n, None, dtype=object)
    faults[staff.damaged] = "staff_no_damaged"
    kinds = kinds_of_staff(number)
    hidden = misplaced = None
    if kinds is not None:
        hidden = kinds == rule.kind if rule.kind in _NUMBERS else None
        misplaced = kinds == "id_number" if rule.kind == "number" else kinds != ""
        if hidden is not None and hidden.any():
            number, whole = _normal(number, hidden, str(rule.kind))
            hidden = hidden & whole
            misplaced = misplaced & ~hidden
            cell = _CELL[str(rule.kind)]
            blank = pc.equal(pc.binary_length(column[cell]), 0)
            replaced[cell] = pc.if_else(pc.and_(blank, pa.array(hidden)), number, column[cell])
        _add(faults, misplaced, "staff_no_personal")
    for name in LOOKED_THROUGH:
        found = kinds_by_row(column[name])
        if found is not None:
            there = found != ""
            replaced[name] = pc.if_else(pa.array(there), "", column[name])
            _add(faults, there, "personal_number_misplaced")
    if rule.within is not None:
        number = _within(number, replaced.get(rule.within, column[rule.within]))
    return Plain(
        staff_no=number,
        hidden=hidden if hidden is not None and hidden.any() else None,
        misplaced=misplaced if misplaced is not None and misplaced.any() else None,
        undone=staff.undone,
        faults=pa.array(faults, pa.string()),
        replaced=replaced,
    )


def _normal(number: pa.Array, which: np.ndarray, kind: str) -> tuple[pa.Array, np.ndarray]:
    """Personal numbers in one notation, so that a space makes no second record; and which are whole numbers."""
    whole = pc.match_substring_regex(number, _NUMBERS[kind]).to_numpy(zero_copy_only=False) & which
    plain = pc.utf8_upper(pc.replace_substring_regex(number, _NUMBERS[kind], r"\1\2\3"))
    return pc.if_else(pa.array(whole), plain, number), whole


def _within(number: pa.Array, branch: pa.Array) -> pa.Array:
    """Branch and number; a row without one of the two has no staff number."""
    both = pc.and_(pc.greater(pc.binary_length(number), 0), pc.greater(pc.binary_length(branch), 0))
    return pc.if_else(both, pc.binary_join_element_wise(branch, number, WITHIN), "")


def _add(faults: np.ndarray, where: np.ndarray, code: str) -> None:
    for row in np.flatnonzero(where):
        faults[row] = f"{faults[row]} {code}" if faults[row] else code
