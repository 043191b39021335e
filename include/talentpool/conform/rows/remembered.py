"""Put values that officers remembered in place of a partner's own, as long as the partner says the same as then.

It happens before a block is cleaned, so that a remembered value goes through every rule that the partner's would. What
landed stays as it is. Each row that somebody's word concerns carries marks (`remembered` in staging): `c12` value 12 was
put in, `x12` the partner says something else by now, `m12` the partner has put it right; and codes for which the row is
taken as it is. Nothing is decided here: `load` ends the words, when the delivery is published.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from talentpool.conform.rows.plain import StaffRule, read_plain
from talentpool.conform.values.damage import empty_unread
from talentpool.declare import FIELDS
from talentpool.deliveries.remembered_marks import CHANGED, MENDED, PUT_IN
from talentpool.guard import Blinder, KeyRing, record_ids
from talentpool.guard.personal import DELIVERY_KEYS, Opener
from talentpool.model import delivery, record_salt, remembered_value

APPLIED, LAPSED, AS_IT_IS = "value_remembered", "value_lapsed", "taken_as_it_is"
"""Notes on a row."""
_PREFIX = b"remembered\x1f"


@dataclass(frozen=True, repr=False)
class Word:
    """What holds for a row. `field`: '' for a row that is taken as it is, then with `codes`, else with a `value`."""

    number: int
    field: str
    said: UUID
    value: str
    codes: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Remembered:
    """The words that hold for a partner's rows, by record id; opened for the memory of one delivery."""

    words: Mapping[bytes, Sequence[Word]] = field(default_factory=dict)
    hashed: Blinder | None = None
    delta: bool = False


@dataclass(frozen=True, repr=False)
class Put:
    """A block with the values in their places, and the marks and notes of its rows."""

    block: pa.Table
    marks: dict[int, str]
    notes: dict[int, tuple[str, ...]]


def compared(cell: str) -> str:
    """A cell as it is compared: forms, blanks and capitals make no other value of it."""
    return "".join(unicodedata.normalize("NFKC", cell).split()).casefold()


def hasher(keys: KeyRing) -> Blinder:
    """What hashes the cells that a word is held to."""
    return Blinder(keys.key("row_hash"), _PREFIX)


def said_hash(hashed: Blinder, record: bytes, name: str, cells: Mapping[str, str]) -> UUID:
    """The keyed hash of what a partner says in one cell of a row, and of whom: of its name, or beside a name of its document.
    A staff number that is somebody else's by now has another name, and nobody inherits a word."""
    whom = "document_no" if name == "name" else "name"
    return _hash(hashed, record, name, compared(cells[name]), compared(cells[whom]))


def _hash(hashed: Blinder, record: bytes, *parts: str) -> UUID:
    return UUID(bytes=hashed.one(b"\x1f".join((record, *(part.encode() for part in parts)))))


def row_hash(hashed: Blinder, record: bytes, cells: Mapping[str, str]) -> UUID:
    """The same of a whole row."""
    return _hash(hashed, record, "", *(compared(cells[name]) for name in FIELDS))


def remembered(conn: sa.Connection, keys: KeyRing, partner: str, *, delta: bool) -> Remembered:
    """Every word that holds for a partner's rows."""
    value, salt, opener = remembered_value, record_salt, Opener(keys)
    columns = ("value_id", "record_id", "field", "codes", "said", "sealed")
    own = sa.and_(
        salt.c.delivery_id == value.c.delivery_id, salt.c.record_id == value.c.record_id,
        salt.c.row_no == -value.c.value_id,
    )  # fmt: skip
    query = (
        sa.select(*(value.c[name] for name in columns), salt.c.salt, *DELIVERY_KEYS)
        .join(delivery, delivery.c.delivery_id == value.c.delivery_id)
        .outerjoin(salt, own)
        .where(value.c.partner == partner, value.c.ended_at.is_(None))
        .where(sa.or_(value.c.sealed.is_(None), salt.c.salt.is_not(None)))
        .order_by(value.c.value_id)
    )
    words: dict[bytes, list[Word]] = defaultdict(list)
    for row in conn.execute(query):
        opened = opener.open(row).name if row.sealed is not None else ""
        words[row.record_id.bytes].append(Word(row.value_id, row.field, row.said, opened, tuple(row.codes)))
    return Remembered(words, hasher(keys), delta)


def hold_to(conn: sa.Connection, taken: Word | None) -> None:
    """Hold the word by which a row is taken as it is to the row that it says: the office's own correction is no other row."""
    if taken is not None:
        value = remembered_value
        conn.execute(value.update().where(value.c.value_id == taken.number).values(said=taken.said))


def records_of(block: pa.Table, keys: KeyRing, partner: str, staff: StaffRule) -> np.ndarray:
    """Record ids of a block's rows, (n, 16) bytes, before they are cleaned."""
    column, _ = empty_unread({name: block[name].combine_chunks() for name in block.column_names})
    return record_ids(keys, partner, read_plain(column, staff).staff_no)


def put_remembered(block: pa.Table, records: np.ndarray, known: Remembered) -> Put | None:
    """The block with remembered values in place; None when no word concerns a row of it."""
    at = [i for i in range(len(block)) if records[i].tobytes() in known.words]
    if not at or known.hashed is None:
        return None
    cells = {name: block[name].combine_chunks().to_pylist() for name in FIELDS}
    marks: dict[int, str] = {}
    notes: dict[int, tuple[str, ...]] = {}
    for i in at:
        record = records[i].tobytes()
        row = {name: cells[name][i] or "" for name in FIELDS}
        found, said = put_in_row(row, record, known.words[record], known)
        for name in FIELDS:
            cells[name][i] = row[name]
        if found:
            marks[i], notes[i] = " ".join(found), said
    columns = {
        name: pa.array(cells[name], pa.string()) if name in cells else block[name] for name in block.column_names
    }
    return Put(pa.table(columns), marks, notes)


def put_in_row(
    row: dict[str, str], record: bytes, words: Sequence[Word], known: Remembered
) -> tuple[list[str], tuple[str, ...]]:
    """Put what holds into `row`; (its marks, its notes). An empty cell of a delta says nothing, and ends nothing."""
    assert known.hashed is not None
    marks, notes, given = [], [], dict(row)
    for word in (one for one in words if one.field):
        cell = given[word.field]
        if said_hash(known.hashed, record, word.field, given) == word.said:
            row[word.field] = word.value
            marks.append(f"{PUT_IN}{word.number}")
            notes.append(APPLIED)
        elif compared(cell) == compared(word.value):
            marks.append(f"{MENDED}{word.number}")
        elif cell or not known.delta:
            marks.append(f"{CHANGED}{word.number}")
            notes.append(LAPSED)
    for word in (one for one in words if not one.field):
        # the partner's own row; those of before ADR 112 were held to the row with what is remembered in place
        if word.said in (row_hash(known.hashed, record, given), row_hash(known.hashed, record, row)):
            marks += [f"{PUT_IN}{word.number}", *word.codes]
            notes.append(AS_IT_IS)
        else:
            marks.append(f"{CHANGED}{word.number}")
    return marks, tuple(dict.fromkeys(notes))
