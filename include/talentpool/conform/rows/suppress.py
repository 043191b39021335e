"""Recognise people who withdrew by keyed tokens, so that no roster stores them again.

A row is looked at closely only where its number or document is known, or its name or birth date falls into a bucket of
a withdrawn person's: that costs a hash a distinct name, not one a row and combination.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from talentpool.conform.rows.base import Base
from talentpool.conform.rows.cleaned import Cleaned
from talentpool.conform.rows.columns import date_text, first_eight, packed
from talentpool.conform.rows.resemblance import (
    CERTAIN,
    DOUBTFUL,
    NOT,
    Hash,
    Traits,
    compare,
    lookups,
    resemblance,
    tail_of,
    usable_form,
)
from talentpool.conform.values.documents import USABLE, comparable
from talentpool.deliveries.ending import suppression_size
from talentpool.guard import Blinder, KeyRing
from talentpool.model import suppression, suppression_word, withdrawal

BUCKETS = 1 << 16
UNNAMED = bytes(16)
"""The withdrawal of tokens from before withdrawals were put down: a hit on one of them is certain."""


@dataclass(frozen=True)
class Withdrawn:
    """One withdrawal. `allowed_after`: consent given anew counts when it is dated after that day; None = it does not."""

    withdrawal: bytes
    made_at: datetime | None
    facets: dict[str, frozenset[bytes]]
    allowed_after: date | None = None


@dataclass(frozen=True)
class Suppressed:
    """Everybody who withdrew. `size` grows with every word on them: what was staged under another is staged again.

    `words`: the office's word on a row (token of record and name) -> (same or different, when).
    """

    tokens: dict[bytes, list[bytes]] = field(default_factory=dict)
    people: dict[bytes, Withdrawn] = field(default_factory=dict)
    words: dict[bytes, tuple[str, datetime]] = field(default_factory=dict)
    names: np.ndarray = field(default_factory=lambda: np.zeros(BUCKETS, dtype=bool))
    births: np.ndarray = field(default_factory=lambda: np.zeros(BUCKETS, dtype=bool))
    size: int = 0


def tokens(keys: KeyRing, record_ids: Sequence[bytes], documents: Sequence[str]) -> list[tuple[bytes, bytes | None]]:
    """For each row the token of its record and, where it has a usable document number, of that."""
    one = Blinder(keys.key("suppression")).one
    return [
        (one(b"record:" + record), one(b"document:" + number.encode()) if number else None)
        for record, number in zip(record_ids, documents, strict=True)
    ]


def bucket(keys: KeyRing, kind: str, value: str) -> int:
    """Which of 65,536 buckets a name or a birth date falls into: too few to tell whose it is."""
    return int.from_bytes(Blinder(keys.key("suppression")).one(f"bucket\x1f{kind}\x1f{value}".encode())[:2], "big")


def word_token(keys: KeyRing, record: bytes, form: str) -> bytes:
    """What the office's word on a row is remembered by: its number and its name."""
    return Blinder(keys.key("suppression")).one(b"word\x1f" + record + b"\x1f" + form.encode())


def suppressed(conn: sa.Connection) -> Suppressed:
    """All who withdrew."""
    people = {
        row.withdrawal_id.bytes: Withdrawn(
            row.withdrawal_id.bytes,
            row.made_at,
            {kind: frozenset(map(bytes.fromhex, values)) for kind, values in row.facets.items()},
            row.withdrawn_on if row.restored_at is not None else None,
        )
        for row in conn.execute(sa.select(withdrawal))
    }
    found = Suppressed(people=people, size=suppression_size(conn))
    found.people[UNNAMED] = Withdrawn(UNNAMED, None, {})
    for row in conn.execute(sa.select(suppression.c.token, suppression.c.withdrawal_id)):
        found.tokens.setdefault(row.token.bytes, []).append(row.withdrawal_id.bytes)
    for row in conn.execute(sa.select(suppression_word).order_by(suppression_word.c.word_id)):
        found.words[row.token.bytes] = (row.verdict, row.made_at)
    for row in conn.execute(sa.select(withdrawal.c.name_buckets, withdrawal.c.birth_buckets)):
        found.names[row.name_buckets] = True
        found.births[row.birth_buckets] = True
    return found


def find_withdrawn(
    keys: KeyRing, known: Suppressed, base: Base, records: np.ndarray, cleaned: Cleaned
) -> tuple[np.ndarray, np.ndarray]:
    """(withdrawn, doubtful) for each row. A record that the pool holds is somebody else's: no doubt, but may be certain."""
    withdrawn, doubtful = np.zeros(len(cleaned), dtype=bool), np.zeros(len(cleaned), dtype=bool)
    if not known.size or not len(cleaned):
        return withdrawn, doubtful
    key = keys.key("suppression")
    numbers = pc.if_else(pc.is_in(cleaned.documents.status, pa.array(sorted(USABLE))), cleaned.documents.number, None)
    by_record = Blinder(key, b"record:").column(packed(records))
    by_document, by_permit = _document_tokens(key, numbers), _document_tokens(key, _lifelong_parts(cleaned))
    births = date_text(cleaned.birth)
    near = _in_table(known, by_record) | _in_table(known, by_document) | _in_table(known, by_permit)
    if len(known.people) > 1:
        near |= _in_bucket(key, "name", known.names, cleaned.names.form)
        near |= _in_bucket(key, "birth", known.births, births)
        near |= _nameless(cleaned)
    hashed = Blinder(key).one
    rows = np.flatnonzero(near)
    in_pool = base.exists(first_eight(records))
    for i, traits in zip(rows, _traits(cleaned, births, rows), strict=True):
        own = (by_record[i].tobytes(), by_document[i].tobytes(), by_permit[i].tobytes())
        found, since = _verdict(hashed, known, traits, own, cleaned.consented[i])
        if found == DOUBTFUL:
            form = next(iter(traits.names), "")
            found = _remembered(known, word_token(keys, records[i].tobytes(), form), since)
        withdrawn[i], doubtful[i] = found == CERTAIN, found == DOUBTFUL and not in_pool[i]
    return withdrawn, doubtful


def _verdict(
    hashed: Hash, known: Suppressed, traits: Traits, own: tuple[bytes, bytes, bytes], consented: np.datetime64
) -> tuple[str, datetime | None]:
    """The worst that any withdrawal makes of a row, and when the newest of those was put down."""
    by_record, by_number, by_permit = (set(known.tokens.get(token, ())) for token in own)
    by_document = by_number | by_permit
    near = by_record | by_document
    for lookup in lookups(traits):
        near.update(known.tokens.get(hashed(b"lookup\x1f" + lookup), ()))
    doubts = []
    for one in near & set(known.people):
        person = known.people[one]
        if person.allowed_after is not None and consented > np.datetime64(person.allowed_after, "D"):
            continue
        if one in by_document or (one in by_record and not person.facets):
            return CERTAIN, person.made_at
        found = resemblance(compare(hashed, one, person.facets, traits), same_number=one in by_record)
        if found == CERTAIN:
            return CERTAIN, person.made_at
        if found == DOUBTFUL:
            doubts.append(person.made_at)
    return (DOUBTFUL, max(when for when in doubts if when)) if doubts else (NOT, None)


def _remembered(known: Suppressed, token: bytes, since: datetime | None) -> str:
    """The office's word on a doubtful row, unless it was given before the withdrawal in doubt."""
    verdict, when = known.words.get(token, ("", None))
    if verdict == "same":
        return CERTAIN
    return NOT if verdict == "different" and when and since and when > since else DOUBTFUL


def _document_tokens(key: bytes, numbers: pa.Array) -> np.ndarray:
    """The token of each number, 16 bytes a row; zeros where there is none."""
    made = np.zeros((len(numbers), 16), dtype=np.uint8)
    made[numbers.is_valid().to_numpy(zero_copy_only=False)] = Blinder(key, b"document:").column(numbers)
    return made


def _lifelong_parts(cleaned: Cleaned) -> pa.Array:
    """Of permits the part that stays when they are renewed; null for every other document."""
    other = pc.equal(cleaned.documents.status, "other_document")
    at = np.flatnonzero(pc.fill_null(other, False).to_numpy(zero_copy_only=False))
    parts: list[str | None] = [None] * len(cleaned)
    for i in at:
        number = cleaned.documents.number[int(i)].as_py()
        kept = comparable(number, cleaned.document_type[int(i)].as_py())
        parts[i] = kept if kept != number else None
    return pa.array(parts, pa.string())


def _in_table(known: Suppressed, hashes: np.ndarray) -> np.ndarray:
    table = np.sort(np.array([int.from_bytes(token[:8], "big") for token in known.tokens], dtype=np.uint64))
    wanted = first_eight(hashes).astype(np.uint64)
    if not len(table):
        return np.zeros(len(wanted), dtype=bool)
    at = np.minimum(np.searchsorted(table, wanted), len(table) - 1)
    return np.asarray(table[at] == wanted)


def _nameless(cleaned: Cleaned) -> np.ndarray:
    """Rows with a hidden name: no bucket would lead to whom they are."""
    return np.asarray(pc.equal(pc.binary_length(cleaned.names.form), 0).to_numpy(zero_copy_only=False))


def _in_bucket(key: bytes, kind: str, taken: np.ndarray, column: pa.Array) -> np.ndarray:
    if not taken.any():
        return np.zeros(len(column), dtype=bool)
    encoded = pc.fill_null(column, "").dictionary_encode()
    hashes = Blinder(key, f"bucket\x1f{kind}\x1f".encode()).column(encoded.dictionary)
    buckets = hashes[:, 0].astype(np.int64) << 8 | hashes[:, 1]
    told = taken[buckets] & pc.greater(pc.binary_length(encoded.dictionary), 0).to_numpy(zero_copy_only=False)
    return np.asarray(told[encoded.indices.to_numpy(zero_copy_only=False)])


def _traits(cleaned: Cleaned, births: pa.Array, rows: np.ndarray) -> list[Traits]:
    at = pa.array(rows)
    columns = (
        cleaned.names.form, births, cleaned.documents.status, cleaned.documents.number, cleaned.mobile.status,
        cleaned.mobile.number, cleaned.mobile2.status, cleaned.mobile2.number,
    )  # fmt: skip
    return [
        traits_of([form] if form else [], [birth] if birth else [], [(status, number)], [(s1, m1), (s2, m2)])
        for form, birth, status, number, s1, m1, s2, m2 in zip(
            *(column.take(at).to_pylist() for column in columns), strict=True
        )
    ]


def traits_of(
    forms: Sequence[str],
    births: Sequence[str],
    documents: Sequence[tuple[str, str]],
    mobiles: Sequence[tuple[str, str]],
) -> Traits:
    """Traits from match forms, birth dates, and (status, number) of documents and mobiles."""
    resident = {number for status, number in documents if status in ("valid", "legacy_15")}
    shown = resident | {number for status, number in documents if status == "masked"}
    whole = {number for status, number in mobiles if status == "ok"}
    seen = whole | {number for status, number in mobiles if status == "masked"}
    return Traits(
        names=frozenset(form for form in forms if usable_form(form)),
        births=frozenset(births),
        documents=frozenset(resident),
        tails=frozenset(tail for tail in map(tail_of, shown) if tail),
        mobiles=frozenset(whole),
        mobile_tails=frozenset(number[-4:] for number in seen if number[-4:].isdigit()),
    )
