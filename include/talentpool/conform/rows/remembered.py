"""Put values that officers remembered in place of a partner's own, as long as the partner says the same as then.

It happens before a block is cleaned, so that a remembered value goes through every rule that the partner's would. What
landed stays as it is. Each row that somebody's word concerns carries marks (`remembered` in staging): `c12` value 12 was
put in, `x12` the partner says something else by now, `m12` the partner has put it right; and codes for which the row is
taken as it is. Nothing is decided here: `load` ends the words, when the delivery is published.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from talentpool.conform.rows.plain import StaffRule, read_plain
from talentpool.conform.rows.whose import (
    BESIDE,
    Then,
    compared,
    opened_cells,
    packed_cells,
    same_person,
    says_the_same,
)
from talentpool.conform.values.damage import REQUIRED, empty_unread
from talentpool.declare import FIELDS
from talentpool.deliveries.remembered_marks import CHANGED, MENDED, PUT_IN
from talentpool.guard import Blinder, KeyRing, Personal, record_ids
from talentpool.guard.personal import DELIVERY_KEYS, Opener
from talentpool.model import delivery, record_salt, remembered_value, source_record

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
    then: Mapping[str, str] | None = None
    """What the row said of its person; None for a word from before that was kept, whose `said` holds the name as well."""
    live: bool = True
    """Whether the record is in the pool: there an empty cell of a delta keeps what is known."""


@dataclass(frozen=True, repr=False)
class Remembered:
    """The words that hold for a partner's rows, by record id; opened for the memory of one delivery."""

    words: Mapping[bytes, Sequence[Word]] = field(default_factory=dict)
    hashed: Blinder | None = None
    delta: bool = False
    adopted: Mapping[bytes, Sequence[Word]] = field(default_factory=dict)
    """Words that ended because the partner put right what they corrected: the rows say those values from then on."""


@dataclass(frozen=True, repr=False)
class Put:
    """A block with the values in their places, and the marks and notes of its rows."""

    block: pa.Table
    marks: dict[int, str]
    notes: dict[int, tuple[str, ...]]


def hasher(keys: KeyRing) -> Blinder:
    """What hashes the cells that a word is held to."""
    return Blinder(keys.key("row_hash"), _PREFIX)


def said_hash(hashed: Blinder, record: bytes, name: str, cells: Mapping[str, str]) -> UUID:
    """The keyed hash of what a partner says in one cell of a row. Of whom the row is, is sealed beside the value."""
    return _hash(hashed, record, name, compared(cells[name]))


def bound_hash(hashed: Blinder, record: bytes, name: str, cells: Mapping[str, str]) -> UUID:
    """The hash of words from before: of the cell and of the name beside it, or beside a name of the document."""
    whom = "document_no" if name == "name" else "name"
    return _hash(hashed, record, name, compared(cells[name]), compared(cells[whom]))


def to_seal(value: str, cells: Mapping[str, str]) -> Personal:
    """A value as it is sealed, in the first place of a person's, with what the row says of its person in the next."""
    return Personal(name=value, name_original=packed_cells(cells))


def _hash(hashed: Blinder, record: bytes, *parts: str) -> UUID:
    return UUID(bytes=hashed.one(b"\x1f".join((record, *(part.encode() for part in parts)))))


def row_hash(hashed: Blinder, record: bytes, cells: Mapping[str, str]) -> UUID:
    """The same of a whole row."""
    return _hash(hashed, record, "", *(compared(cells[name]) for name in FIELDS))


def remembered(conn: sa.Connection, keys: KeyRing, partner: str, *, delta: bool) -> Remembered:
    """Every word that holds for a partner's rows."""
    value, opener = remembered_value, Opener(keys)
    held: tuple[dict[bytes, list[Word]], ...] = defaultdict(list), defaultdict(list)
    for row in conn.execute(_words_of(partner).order_by(value.c.value_id)):
        opened = opener.open(row) if row.sealed is not None else Personal()
        then = opened_cells(opened.name_original)
        word = Word(row.value_id, row.field, row.said, opened.name, tuple(row.codes), then, row.live)
        held[row.ended_at is not None][row.record_id.bytes].append(word)
    return Remembered(held[0], hasher(keys), delta, held[1])


def _words_of(partner: str) -> sa.Select:
    """The words that hold for a partner's rows; and, of whom those rows are, what the partner put right itself."""
    value, salt, live = remembered_value, record_salt, source_record
    columns = ("value_id", "record_id", "field", "codes", "said", "sealed", "ended_at")
    own = sa.and_(
        salt.c.delivery_id == value.c.delivery_id, salt.c.record_id == value.c.record_id,
        salt.c.row_no == -value.c.value_id,
    )  # fmt: skip
    same = sa.and_(live.c.partner == value.c.partner, live.c.record_id == value.c.record_id)
    adopted = sa.and_(value.c.end_cause == "mended", value.c.field.in_(BESIDE))
    return (
        sa.select(
            *(value.c[name] for name in columns),
            salt.c.salt,
            live.c.record_id.is_not(None).label("live"),
            *DELIVERY_KEYS,
        )
        .join(delivery, delivery.c.delivery_id == value.c.delivery_id)
        .outerjoin(salt, own)
        .outerjoin(live, same)
        .where(value.c.partner == partner, sa.or_(value.c.ended_at.is_(None), adopted))
        .where(sa.or_(value.c.sealed.is_(None), salt.c.salt.is_not(None)))
    )


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
    others = [one for one in (*words, *known.adopted.get(record, ())) if one.field in BESIDE]
    for word in (one for one in words if one.field):
        kind = _kind(word, record, given, others, known)
        if kind:
            marks.append(f"{kind}{word.number}")
        if kind == PUT_IN:
            row[word.field] = word.value
            notes.append(APPLIED)
        elif kind == CHANGED:
            notes.append(LAPSED)
    for word in (one for one in words if not one.field):
        # the partner's own row; those of before ADR 112 were held to the row with what is remembered in place
        if word.said in (row_hash(known.hashed, record, given), row_hash(known.hashed, record, row)):
            marks += [f"{PUT_IN}{word.number}", *word.codes]
            notes.append(AS_IT_IS)
        else:
            marks.append(f"{CHANGED}{word.number}")
    return marks, tuple(dict.fromkeys(notes))


def _kind(word: Word, record: bytes, given: Mapping[str, str], others: Sequence[Word], known: Remembered) -> str:
    """Which mark a row bears for a word; '' where an empty cell of a delta says nothing."""
    assert known.hashed is not None
    name, cell = word.field, given[word.field]
    silent = known.delta and not cell.strip()
    if _is_said(word, record, given, known.hashed):
        stays = word.then is None or _is_theirs(word, record, given, others, known)
        return PUT_IN if stays else "" if silent else CHANGED
    if compared(cell) == compared(word.value):
        return MENDED
    if word.then is None:
        return "" if silent else CHANGED
    if silent:  # what the pool knows stays as it is; what keeps the row out of it is put in
        takes = name in REQUIRED or not word.live
        return PUT_IN if takes and _is_theirs(word, record, given, others, known) else ""
    same = name in BESIDE and says_the_same(name, word.then, given)
    return PUT_IN if same and _is_theirs(word, record, given, others, known) else CHANGED


def _is_said(word: Word, record: bytes, cells: Mapping[str, str], hashed: Blinder) -> bool:
    """Whether a row says in the corrected cell what it said then; for a word from before also of the same name."""
    as_then = bound_hash if word.then is None else said_hash
    return as_then(hashed, record, word.field, cells) == word.said


def _is_theirs(word: Word, record: bytes, given: Mapping[str, str], others: Sequence[Word], known: Remembered) -> bool:
    """Whether the row is of the person for whom a value was remembered. What else was put right for them counts as theirs."""
    assert known.hashed is not None and word.then is not None
    right = []
    for one in others:
        if one.number != word.number and one.field != word.field:
            alike = (
                _is_said(one, record, word.then, known.hashed)
                if one.then is None
                else same_person(Then(one.then), word.then, one.field, delta=False)
            )
            right += [(one.field, one.value)] if alike else []
    return same_person(Then(word.then, right), given, word.field, delta=known.delta)
