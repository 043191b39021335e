"""What a block is cleaned against, and what comes of it: the values with what is known about each.

Personal values stand only in `Cleaned`, for the memory of one block.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from talentpool.conform.rows.plain import Plain, StaffRule
from talentpool.conform.values.codes import Occupations
from talentpool.conform.values.divisions import Divisions
from talentpool.conform.values.documents import Documents
from talentpool.conform.values.mobiles import Mobiles
from talentpool.conform.values.names import Names


@dataclass(frozen=True)
class Context:
    """What the cells are read against: the same for every block of a delivery."""

    as_of: date
    consent_until: date
    """The last day on which a consent counts: the roster's, or that of landing when it is later."""
    hired_until: date
    """The last day of hire: the roster's, or that of landing when a county brought it."""
    divisions: Divisions
    occupations: Occupations
    notices: Mapping[str, date]
    inherited_notice: str | None
    needs_consent: bool
    staff: StaffRule


@dataclass(frozen=True, repr=False)
class Cleaned:
    """A cleaned block. Arrow string columns unless said otherwise; numpy arrays are by row."""

    plain: Plain
    names: Names
    name_original: pa.Array
    document_type: pa.Array
    documents: Documents
    mobile: Mobiles
    mobile2: Mobiles
    birth: np.ndarray
    birth_from: np.ndarray
    sex: np.ndarray
    county: pa.Array
    county_status: pa.Array
    station: pa.Array
    occupation: pa.Array
    occupation_blank: np.ndarray
    hired: np.ndarray
    left: np.ndarray
    consented: np.ndarray
    notice: pa.Array
    consent_status: np.ndarray
    date_status: np.ndarray
    notes: np.ndarray
    weak: np.ndarray
    too_young: np.ndarray
    lacks_consent: np.ndarray
    """Rows without the valid consent that the partner's basis asks for."""

    keep: dict[str, np.ndarray]
    """By field, the rows in which what is known stays: their cell was unreadable, or a word for nothing."""

    @property
    def refusable(self) -> np.ndarray:
        """Rows that no rule will let in (no consent, under 14): their values are never sealed."""
        return self.too_young | self.lacks_consent

    def __len__(self) -> int:
        return len(self.notes)
