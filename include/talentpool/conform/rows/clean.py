"""Clean one block of text columns: a pure function of the block and of the delivery's settings.

No row is dropped here and no verdict is given; what is known about a value goes to status columns, and the rules of
expect decide. Personal values leave this file only inside `Cleaned`, for the memory of one block.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.characters.invisible import INVISIBLE
from talentpool.conform.characters.unwrapped import WRAPPED
from talentpool.conform.files.read import MARK
from talentpool.conform.rows.plain import Plain, StaffRule, read_plain
from talentpool.conform.values.codes import Occupations, read_sex
from talentpool.conform.values.consent import as_published, read_consent
from talentpool.conform.values.damage import UNREADABLE, empty_unread
from talentpool.conform.values.dates import read_dates
from talentpool.conform.values.divisions import Divisions
from talentpool.conform.values.document_types import UNKNOWN, document_kinds
from talentpool.conform.values.documents import Documents, read_documents
from talentpool.conform.values.mobiles import Mobiles, read_mobiles
from talentpool.conform.values.names import Names, read_names
from talentpool.conform.values.two_people import rows_of_two


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


def clean(block: pa.Table, context: Context) -> Cleaned:
    """Clean one block of string columns named by canonical field."""
    column, unread = empty_unread({name: block[name].combine_chunks() for name in block.column_names})
    n = len(block)
    plain = read_plain(column, context.staff)
    column |= plain.replaced
    names = read_names(column["name"])
    if MARK in column:
        names = replace(names, status=pc.if_else(pc.equal(column[MARK], ""), names.status, "struck"))
    if (of_two := rows_of_two(column)) is not None:
        names = replace(names, status=pc.if_else(pa.array(of_two), "two_people", names.status))
    documents = read_documents(column["document_no"], column["document_type"])
    mobile, mobile2 = read_mobiles(column["mobile"]), read_mobiles(column["mobile2"])
    mobile2 = _second_numbers(mobile, mobile2)
    born, hired, left, consented = (
        read_dates(column[name], latest, name)
        for name, latest in (("birth_date", context.as_of), ("hired_on", context.hired_until),
                             ("left_on", context.as_of), ("consented_on", context.consent_until))
    )  # fmt: skip
    birth_cell, birth_letter = born.days, born.letter
    sex_cell = _by_distinct(column["sex"], read_sex).astype(np.int8)
    _unknown_sex(column["sex"], sex_cell, unread.damaged)

    has_document_birth = ~np.isnat(documents.birth)
    birth = np.where(has_document_birth, documents.birth, birth_cell)
    birth_from = np.where(has_document_birth, "id_number", np.where(np.isnat(birth), "", "roster"))
    # a usable document fills an empty cell; one that names no day, or a day to come, stays a fault of the row
    birth_letter = np.where(has_document_birth & (birth_letter == "m"), "o", birth_letter)
    future = birth > np.datetime64(context.as_of, "D")
    birth_letter = np.where(future, "f", birth_letter)
    birth = np.where(future, np.datetime64("NaT"), birth)
    birth_from = np.where(future, "", birth_from)
    # who was not yet born agreed to nothing
    unborn = consented.days < birth
    consent_day = np.where(unborn, np.datetime64("NaT"), consented.days)
    consent_letter = np.where(unborn, "x", consented.letter)
    sex = np.where(documents.sex > 0, documents.sex, sex_cell)

    placed = column["county"].dictionary_encode()
    places = [context.divisions.place(cell) for cell in placed.dictionary.to_pylist()]
    county = pa.array([p.county for p in places], pa.string()).take(placed.indices)
    county_status = pa.array([p.status for p in places], pa.string()).take(placed.indices)
    jobs = column["occupation"].dictionary_encode()
    read_jobs = [context.occupations.read(cell) for cell in jobs.dictionary.to_pylist()]
    occupation = pa.array([code for code, _ in read_jobs], pa.string()).take(jobs.indices)
    job_index = jobs.indices.to_numpy(zero_copy_only=False)
    job_unknown = ~np.array([known for _, known in read_jobs], dtype=bool)[job_index] if n else np.zeros(0, bool)

    notice = as_published(column["notice_version"], context.notices)
    if context.inherited_notice is not None:
        inherited = as_published(pa.array([context.inherited_notice], pa.string()), context.notices)[0]
        notice = pc.if_else(pc.equal(pc.binary_length(notice), 0), inherited, notice)
    consent_status = read_consent(column["consented_on"], consent_letter, notice, context.notices, consent_day)

    notes = _notes(
        n,
        {
            "id_legacy_15": _is(documents.status, "legacy_15"),
            "id_masked": _is(documents.status, "masked"),
            "id_other_document": _is(documents.status, "other_document"),
            "id_prefix_unknown": documents.foreign,
            "document_type_unknown": _unknown_types(column["document_type"]),
            "birth_date_differs": has_document_birth & ~np.isnat(birth_cell) & (birth_cell != documents.birth),
            "sex_differs": (documents.sex > 0) & (sex_cell > 0) & (sex_cell != 9) & (sex_cell != documents.sex),
            "name_rare_char": _noted(names, "name_rare_char"),
            "name_masked": _is(names.status, "masked"),
            "name_lost_char": _is(names.status, "lost_char"),
            "name_title_removed": _noted(names, "name_title_removed"),
            "name_title_doubtful": _noted(names, "name_title_doubtful"),
            "mobile_masked": _is(mobile.status, "masked") | _is(mobile2.status, "masked"),
            "mobile_unlisted": mobile.unlisted | mobile2.unlisted,
            "division_mapped": _is(county_status, "mapped"),
            "occupation_unknown": job_unknown,
            "invisible_removed": _marked(block, INVISIBLE),
            "notation_undone": _marked(block, WRAPPED),
            "staff_no_undone": plain.undone,
            "time_of_day": born.timed | hired.timed | left.timed | consented.timed,
            "date_never": (born.never & np.isnat(documents.birth)) | hired.never | left.never | consented.never,
        }
        | _damage(documents.status, mobile.status, mobile2.status)
        | {UNREADABLE[name]: rows for name, rows in unread.damaged.items()}
        | ({"blank_word": np.logical_or.reduce(list(unread.worded.values()))} if unread.worded else {}),
    )
    usable_id = np.isin(documents.status.to_numpy(zero_copy_only=False), ["valid", "legacy_15", "other_document"])
    usable_mobile = _is(mobile.status, "ok") | _is(mobile2.status, "ok")
    too_young = birth > (np.datetime64(_years_before(context.as_of, 14), "D"))
    return Cleaned(
        plain=plain,
        names=names,
        name_original=pc.if_else(pc.equal(names.name, column["name"]), "", column["name"]),
        document_type=column["document_type"],
        documents=documents,
        mobile=mobile,
        mobile2=mobile2,
        birth=birth,
        birth_from=birth_from,
        sex=sex,
        county=county,
        county_status=county_status,
        station=column["station"],
        occupation=occupation,
        occupation_blank=pc.equal(pc.binary_length(column["occupation"]), 0).to_numpy(zero_copy_only=False),
        hired=hired.days,
        left=left.days,
        consented=consent_day,
        notice=notice,
        consent_status=consent_status,
        date_status=_join_letters(birth_letter, hired.letter, left.letter, consent_letter),
        notes=notes,
        weak=~usable_id & ~usable_mobile & np.isnat(birth),
        too_young=too_young,
        lacks_consent=(consent_status != "ok") & context.needs_consent,
        keep=unread.keep(birth_date=born.never, hired_on=hired.never),
    )


def _damage(document: pa.Array, mobile: pa.Array, mobile2: pa.Array) -> dict[str, np.ndarray]:
    """Rows by the code of a document or mobile cell that holds something unusable."""
    return {
        "id_bad_checksum": _is(document, "bad_checksum"),
        "id_malformed": _is(document, "malformed"),
        "id_precision_lost": _is(document, "precision_lost"),
        "mobile_unusable": _is(mobile, "unusable"),
        "mobile2_unusable": _is(mobile2, "unusable"),
    }


def _unknown_sex(cells: pa.Array, sex: np.ndarray, damaged: dict[str, np.ndarray]) -> None:
    """A cell that says something, and no sex, is damaged as well."""
    unknown = sex == 0
    if unknown.any():
        unknown &= pc.binary_length(cells).to_numpy(zero_copy_only=False) > 0
    if unknown.any():
        damaged["sex"] = damaged["sex"] | unknown if "sex" in damaged else unknown


def _second_numbers(mobile: Mobiles, mobile2: Mobiles) -> Mobiles:
    """A second number found in the mobile's own cell fills an empty second column."""
    take = pc.and_(pc.equal(mobile2.status, "missing"), pc.greater(pc.binary_length(mobile.second), 0))
    if not pc.any(take).as_py():
        return mobile2
    return Mobiles(
        status=pc.if_else(take, "ok", mobile2.status),
        number=pc.if_else(take, mobile.second, mobile2.number),
        second=mobile2.second,
        unlisted=mobile2.unlisted,
    )


def _unknown_types(types: pa.Array) -> np.ndarray:
    kinds, index = document_kinds(types)
    unknown = np.array([kind == UNKNOWN for kind in kinds], dtype=bool)
    return unknown[index] if unknown.any() else np.zeros(len(types), dtype=bool)


def _noted(names: Names, code: str) -> np.ndarray:
    return np.asarray(pc.match_substring(names.notes, code).to_numpy(zero_copy_only=False))


def _marked(block: pa.Table, name: str) -> np.ndarray:
    """Rows that a column beside the fields marks; most blocks have none, and no column for it."""
    if name not in block.column_names:
        return np.zeros(len(block), dtype=bool)
    return np.asarray(block[name].combine_chunks().to_numpy(zero_copy_only=False))


def _by_distinct(column: pa.Array, read: object) -> np.ndarray:
    encoded = column.dictionary_encode()
    values = np.array([read(cell) for cell in encoded.dictionary.to_pylist()], dtype=np.int64)  # type: ignore[operator]
    index = encoded.indices.to_numpy(zero_copy_only=False)
    return values[index] if len(index) else np.zeros(0, np.int64)


def _is(status: pa.Array, value: str) -> np.ndarray:
    found: np.ndarray = pc.equal(status, value).to_numpy(zero_copy_only=False)
    return found


def _notes(n: int, flags: dict[str, np.ndarray]) -> np.ndarray:
    """Codes of each row, separated by spaces. Notes are few, so rows without one cost nothing."""
    notes = np.full(n, "", dtype=object)
    for code, flag in flags.items():
        at = np.flatnonzero(flag)
        if len(at):
            notes[at] = [f"{text} {code}" if text else code for text in notes[at]]
    return notes


def _join_letters(*letters: np.ndarray) -> np.ndarray:
    """One letter a column side by side as one word a row."""
    return np.stack(letters, axis=1).astype("U1").view(f"U{len(letters)}").ravel()


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
