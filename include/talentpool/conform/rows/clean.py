"""Clean one block of text columns: a pure function of the block and of the delivery's settings.

No row is dropped here and no verdict is given; what is known about a value goes to status columns, and the rules of
expect decide. Personal values leave this file only inside `Cleaned`, for the memory of one block.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.files.tidy import MARK
from talentpool.conform.rows.cleaned import Cleaned, Context
from talentpool.conform.rows.columns import rows_where
from talentpool.conform.rows.dated import Birth, agree_birth, agree_consent, read_days
from talentpool.conform.rows.noted import (
    as_notes,
    note_damage,
    note_days,
    note_differences,
    note_documents,
    note_mobiles,
    note_names,
    note_writing,
)
from talentpool.conform.rows.plain import read_plain
from talentpool.conform.values.codes import Occupations, read_sex
from talentpool.conform.values.damage import empty_unread
from talentpool.conform.values.divisions import Divisions
from talentpool.conform.values.documents import USABLE, Documents, read_documents
from talentpool.conform.values.mobiles import Mobiles, read_mobiles
from talentpool.conform.values.names import Names, read_names
from talentpool.conform.values.two_people import rows_of_two


def clean(block: pa.Table, context: Context) -> Cleaned:
    """Clean one block of string columns named by canonical field."""
    column, unread = empty_unread({name: block[name].combine_chunks() for name in block.column_names})
    plain = read_plain(column, context.staff)
    column |= plain.replaced
    names = _names(column)
    documents = read_documents(column["document_no"], column["document_type"])
    mobile, mobile2 = _mobiles(column)
    days = read_days(column, context)
    birth = agree_birth(documents, days.born, context.as_of)
    consent = agree_consent(column, days.consented, birth, context)
    sex = _sexes(column["sex"])
    _damage_unknown_sex(column["sex"], sex, unread.damaged)
    county, county_status = _counties(column["county"], context.divisions)
    occupation, occupation_unknown = _occupations(column["occupation"], context.occupations)
    flags = (
        note_documents(documents, column["document_type"])
        | note_differences(documents, days.born, sex)
        | note_names(names)
        | note_mobiles(mobile, mobile2)
        | {"division_mapped": rows_where(county_status, "mapped"), "occupation_unknown": occupation_unknown}
        | note_writing(block, plain)
        | note_days(days, documents)
        | note_damage(documents, mobile, mobile2, unread)
    )
    return Cleaned(
        plain=plain,
        names=names,
        name_original=pc.if_else(pc.equal(names.name, column["name"]), "", column["name"]),
        document_type=column["document_type"],
        documents=documents,
        mobile=mobile,
        mobile2=mobile2,
        birth=birth.days,
        birth_from=birth.source,
        sex=np.where(documents.sex > 0, documents.sex, sex),
        county=county,
        county_status=county_status,
        station=column["station"],
        occupation=occupation,
        occupation_blank=rows_where(column["occupation"], ""),
        hired=days.hired.days,
        left=days.left.days,
        consented=consent.days,
        notice=consent.notice,
        consent_status=consent.status,
        date_status=_join_letters(birth.letter, days.hired.letter, days.left.letter, consent.letter),
        notes=as_notes(len(block), flags),
        weak=_weak(documents, mobile, mobile2, birth),
        too_young=birth.after(_years_before(context.as_of, 14)),
        lacks_consent=(consent.status != "ok") & context.needs_consent,
        keep=unread.keep(birth_date=days.born.never, hired_on=days.hired.never),
    )


def _names(column: dict[str, pa.Array]) -> Names:
    """Names, those struck out in a workbook and those of two people in one row told apart."""
    names = read_names(column["name"])
    if MARK in column:
        names = replace(names, status=pc.if_else(pc.equal(column[MARK], ""), names.status, "struck"))
    if (of_two := rows_of_two(column)) is not None:
        names = replace(names, status=pc.if_else(pa.array(of_two), "two_people", names.status))
    return names


def _mobiles(column: dict[str, pa.Array]) -> tuple[Mobiles, Mobiles]:
    """Both numbers; a second one found in the mobile's own cell fills an empty second column."""
    mobile, mobile2 = read_mobiles(column["mobile"]), read_mobiles(column["mobile2"])
    take = pc.and_(pc.equal(mobile2.status, "missing"), pc.greater(pc.binary_length(mobile.second), 0))
    if not pc.any(take).as_py():
        return mobile, mobile2
    return mobile, replace(
        mobile2,
        status=pc.if_else(take, "ok", mobile2.status),
        number=pc.if_else(take, mobile.second, mobile2.number),
    )


def _sexes(cells: pa.Array) -> np.ndarray:
    """The sex that each cell says."""
    encoded = cells.dictionary_encode()
    values = np.array([read_sex(cell) for cell in encoded.dictionary.to_pylist()], dtype=np.int8)
    index = encoded.indices.to_numpy(zero_copy_only=False)
    return values[index] if len(index) else np.zeros(0, np.int8)


def _damage_unknown_sex(cells: pa.Array, sex: np.ndarray, damaged: dict[str, np.ndarray]) -> None:
    """A cell that says something, and no sex, is damaged as well."""
    unknown = sex == 0
    if unknown.any():
        unknown &= pc.binary_length(cells).to_numpy(zero_copy_only=False) > 0
    if unknown.any():
        damaged["sex"] = damaged["sex"] | unknown if "sex" in damaged else unknown


def _counties(cells: pa.Array, divisions: Divisions) -> tuple[pa.Array, pa.Array]:
    """The county of each cell, and how it was found."""
    placed = cells.dictionary_encode()
    places = [divisions.place(cell) for cell in placed.dictionary.to_pylist()]
    county = pa.array([p.county for p in places], pa.string()).take(placed.indices)
    return county, pa.array([p.status for p in places], pa.string()).take(placed.indices)


def _occupations(cells: pa.Array, occupations: Occupations) -> tuple[pa.Array, np.ndarray]:
    """The code of each cell, and the rows whose word is unknown."""
    jobs = cells.dictionary_encode()
    read = [occupations.read(cell) for cell in jobs.dictionary.to_pylist()]
    codes = pa.array([code for code, _ in read], pa.string()).take(jobs.indices)
    known = pa.array([known for _, known in read], pa.bool_()).take(jobs.indices)
    return codes, ~np.asarray(known.to_numpy(zero_copy_only=False), dtype=bool)


def _weak(documents: Documents, mobile: Mobiles, mobile2: Mobiles, birth: Birth) -> np.ndarray:
    """Rows without document, mobile and day of birth: nothing of them tells one person from another."""
    document = pc.is_in(documents.status, pa.array(sorted(USABLE))).to_numpy(zero_copy_only=False)
    reachable = rows_where(mobile.status, "ok") | rows_where(mobile2.status, "ok")
    return np.asarray(~document & ~reachable & np.isnat(birth.days))


def _join_letters(*letters: np.ndarray) -> np.ndarray:
    """One letter a column side by side as one word a row."""
    return np.stack(letters, axis=1).astype("U1").view(f"U{len(letters)}").ravel()


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
