"""Read the four days of a row and hold them against each other: birth, hire, leaving, consent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.rows.cleaned import Context
from talentpool.conform.values.consent import as_published, read_consent
from talentpool.conform.values.dates import Dates, read_dates
from talentpool.conform.values.documents import Documents


@dataclass(frozen=True)
class Days:
    """The days as their cells say them."""

    born: Dates
    hired: Dates
    left: Dates
    consented: Dates


@dataclass(frozen=True)
class Birth:
    """By row the day of birth, where it is from (id_number, roster or nowhere), and its letter in the date status."""

    days: np.ndarray
    source: np.ndarray
    letter: np.ndarray

    def after(self, day: date) -> np.ndarray:
        """Who was born after it."""
        return np.asarray(self.days > np.datetime64(day, "D"))


@dataclass(frozen=True)
class Consent:
    """By row the day of consent, its letter in the date status, the version of the notice, and whether it counts."""

    days: np.ndarray
    letter: np.ndarray
    notice: pa.Array
    status: np.ndarray


def read_days(column: dict[str, pa.Array], context: Context) -> Days:
    """Read each day's cells, with the last day that each may name."""
    return Days(
        born=read_dates(column["birth_date"], context.as_of, "birth_date"),
        hired=read_dates(column["hired_on"], context.hired_until, "hired_on"),
        left=read_dates(column["left_on"], context.as_of, "left_on"),
        consented=read_dates(column["consented_on"], context.consent_until, "consented_on"),
    )


def agree_birth(documents: Documents, born: Dates, as_of: date) -> Birth:
    """The document's day goes before the roster's; a day to come is nobody's."""
    documented = ~np.isnat(documents.birth)
    days = np.where(documented, documents.birth, born.days)
    source = np.where(documented, "id_number", np.where(np.isnat(days), "", "roster"))
    # a usable document fills an empty cell; one that names no day, or a day to come, stays a fault of the row
    letter = np.where(documented & (born.letter == "m"), "o", born.letter)
    future = days > np.datetime64(as_of, "D")
    return Birth(
        days=np.where(future, np.datetime64("NaT"), days),
        source=np.where(future, "", source),
        letter=np.where(future, "f", letter),
    )


def agree_consent(column: dict[str, pa.Array], consented: Dates, birth: Birth, context: Context) -> Consent:
    """Day and notice of a consent, and whether the two make one that counts."""
    # who was not yet born agreed to nothing
    unborn = consented.days < birth.days
    days = np.where(unborn, np.datetime64("NaT"), consented.days)
    letter = np.where(unborn, "x", consented.letter)
    notice = _notices(column["notice_version"], context)
    status = read_consent(column["consented_on"], letter, notice, context.notices, days)
    return Consent(days, letter, notice, status)


def _notices(cells: pa.Array, context: Context) -> pa.Array:
    """The versions as they are published; an empty cell has the manifest's."""
    notice = as_published(cells, context.notices)
    if context.inherited_notice is None:
        return notice
    inherited = as_published(pa.array([context.inherited_notice], pa.string()), context.notices)[0]
    return pc.if_else(pc.equal(pc.binary_length(notice), 0), inherited, notice)
