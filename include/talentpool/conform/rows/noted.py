"""Say by code in which rows of a block something is to be noted: what was mended, what differs, what is damaged."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.characters.invisible import INVISIBLE
from talentpool.conform.characters.unwrapped import WRAPPED
from talentpool.conform.rows.columns import rows_where
from talentpool.conform.rows.dated import Days
from talentpool.conform.rows.plain import Plain
from talentpool.conform.values.damage import UNREADABLE, Unread
from talentpool.conform.values.dates import Dates
from talentpool.conform.values.document_types import UNKNOWN, document_kinds
from talentpool.conform.values.documents import Documents
from talentpool.conform.values.mobiles import Mobiles
from talentpool.conform.values.names import Names

Flags = dict[str, np.ndarray]
"""Rows by code. Their order is the order of the codes in a row's notes."""


def note_documents(documents: Documents, types: pa.Array) -> Flags:
    """Documents of another form than the usual one, or of a type that nobody knows."""
    return {
        "id_legacy_15": rows_where(documents.status, "legacy_15"),
        "id_masked": rows_where(documents.status, "masked"),
        "id_other_document": rows_where(documents.status, "other_document"),
        "id_prefix_unknown": documents.foreign,
        "document_type_unknown": _unknown_types(types),
    }


def note_differences(documents: Documents, born: Dates, sex: np.ndarray) -> Flags:
    """What the roster's cells say otherwise than the document."""
    dated = ~np.isnat(documents.birth) & ~np.isnat(born.days)
    return {
        "birth_date_differs": dated & (born.days != documents.birth),
        "sex_differs": (documents.sex > 0) & (sex > 0) & (sex != 9) & (sex != documents.sex),
    }


LONGEST_NAME = 25
"""Characters. Names of minorities in full, with their dots, come to some twenty; of one character a name is hidden."""


def note_names(names: Names) -> Flags:
    """Names that are not as they were written, or not whole."""
    return {
        "name_rare_char": _noted(names, "name_rare_char"),
        "name_masked": rows_where(names.status, "masked"),
        "name_lost_char": rows_where(names.status, "lost_char"),
        "name_title_removed": _noted(names, "name_title_removed"),
        "name_title_doubtful": _noted(names, "name_title_doubtful"),
        "name_length": _odd_length(names),
    }


def _odd_length(names: Names) -> np.ndarray:
    """Whole names that are longer than any that is registered."""
    signs = pc.utf8_length(names.name).to_numpy(zero_copy_only=False)
    return rows_where(names.status, "ok") & (signs > LONGEST_NAME)


def note_mobiles(mobile: Mobiles, mobile2: Mobiles) -> Flags:
    """Rows of which one of the two numbers is masked, or of no block that was ever given out."""
    return {
        "mobile_masked": rows_where(mobile.status, "masked") | rows_where(mobile2.status, "masked"),
        "mobile_unlisted": mobile.unlisted | mobile2.unlisted,
    }


def note_writing(block: pa.Table, plain: Plain) -> Flags:
    """What was taken off the cells: characters that nobody sees, a program's notation."""
    return {
        "invisible_removed": _marked(block, INVISIBLE),
        "notation_undone": _marked(block, WRAPPED),
        "staff_no_undone": plain.undone,
    }


def note_days(days: Days, documents: Documents) -> Flags:
    """Days with a time beside them, and words or ends of a calendar in the place of a day."""
    born, hired, left, consented = days.born, days.hired, days.left, days.consented
    return {
        "time_of_day": born.timed | hired.timed | left.timed | consented.timed,
        "date_never": (born.never & np.isnat(documents.birth)) | hired.never | left.never | consented.never,
    }


def note_damage(documents: Documents, mobile: Mobiles, mobile2: Mobiles, unread: Unread) -> Flags:
    """Cells that hold something unusable, or a word for nothing."""
    flags = {
        "id_bad_checksum": rows_where(documents.status, "bad_checksum"),
        "id_malformed": rows_where(documents.status, "malformed"),
        "id_precision_lost": rows_where(documents.status, "precision_lost"),
        "mobile_unusable": rows_where(mobile.status, "unusable"),
        "mobile2_unusable": rows_where(mobile2.status, "unusable"),
    }
    flags |= {UNREADABLE[name]: rows for name, rows in unread.damaged.items()}
    if unread.worded:
        flags["blank_word"] = np.logical_or.reduce(list(unread.worded.values()))
    return flags


def as_notes(n: int, flags: Mapping[str, np.ndarray]) -> np.ndarray:
    """Codes of each row, separated by spaces. Notes are few, so rows without one cost nothing."""
    notes = np.full(n, "", dtype=object)
    for code, flag in flags.items():
        at = np.flatnonzero(flag)
        if len(at):
            notes[at] = [f"{text} {code}" if text else code for text in notes[at]]
    return notes


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
