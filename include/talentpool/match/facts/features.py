"""Turn opened records into columns of numbers for matching, in the memory of one run only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.values.documents import lifelong
from talentpool.match.facts.forms import Names, read_forms

NO_DATE = np.iinfo(np.int32).min
OTHER = np.int64(1) << 62
"""Flag of a document that is no resident number: another one says nothing, unless both are kept FOR_LIFE."""
FOR_LIFE = np.int64(1) << 61
"""Flag beside OTHER of the part of a permit's number that its holder keeps for life."""
WHOLE = ("valid", "legacy_15")
NUMBER = 18
"""Characters of a resident number, also of a masked one; an old one is kept as what it became."""
HEAD, TAIL = 6, 4
"""Characters that a masked number may show at either end and that are compared."""
SHARES = ("county_share", "station_share", "hired_share", "tail_share", "sex_share", "document_names")
"""Columns of Facts that rarity.py counts."""


@dataclass(frozen=True, repr=False)
class Facts:
    """Columns of n records; 0 is unknown unless said otherwise.

    `name` code in `names`; `document` 17 digits of a resident number, or OTHER | 61 bits; `tail` last four characters
    (11-ary digits, plus 1); `head` the leading digits that are visible, `head_size` how many; `mobile`, `mobile2` a number
    each stands for (64 bits of its blind index); `former` the same of the mobile before, borne from `former_from` to
    before `former_until`; `since` when the mobile came; `birth` days since 1970 or NO_DATE, as all days; `sex` 1 or 2;
    `county`, `partner` codes; `station` a number that stands for it and its county, `hired` days or NO_DATE; `common` bits
    by which the birth date says less because many bear it (births.py); `county_share`, `station_share` (of its county),
    `hired_share`, `tail_share`, `sex_share` of those that have the same, in the pool or on the record's own roster, the
    greater one, and `document_names` that bear the document number (scoring/rarity.py; 1 until counted).
    """

    name: np.ndarray
    document: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    head_size: np.ndarray
    mobile: np.ndarray
    mobile2: np.ndarray
    former: np.ndarray
    former_from: np.ndarray
    former_until: np.ndarray
    since: np.ndarray
    birth: np.ndarray
    sex: np.ndarray
    county: np.ndarray
    partner: np.ndarray
    station: np.ndarray
    hired: np.ndarray
    common: np.ndarray
    county_share: np.ndarray
    station_share: np.ndarray
    hired_share: np.ndarray
    tail_share: np.ndarray
    sex_share: np.ndarray
    document_names: np.ndarray

    def __len__(self) -> int:
        return len(self.name)

    def take(self, at: np.ndarray) -> Facts:
        return Facts(*(getattr(self, name)[at] for name in self.__dataclass_fields__))

    @staticmethod
    def join(parts: Sequence[Facts]) -> Facts:
        return Facts(*(np.concatenate([getattr(p, name) for p in parts]) for name in Facts.__dataclass_fields__))


@dataclass(frozen=True, repr=False)
class Features:
    """Facts and the names they speak of."""

    facts: Facts
    names: Names

    def take(self, at: np.ndarray) -> Features:
        return Features(self.facts.take(at), self.names)

    def in_county(self) -> np.ndarray:
        """(n,) a number for each whole name in a county; 0 where the name is hidden in part, or the county unknown."""
        name, county = self.facts.name.astype(np.int64), self.facts.county
        return np.where((self.names.length[self.facts.name] > 0) & (county != 0), (name + 1) << 32 | county, 0)


def with_names(facts: Facts, names: pa.ChunkedArray) -> Features:
    """Facts and the names of the same records."""
    codes, known = read_forms(names)
    return Features(replace(facts, name=codes), known)


@dataclass(frozen=True, repr=False)
class Mobiles:
    """Both mobiles of records as numbers that stand for them, 0 for none, and since when (days) the first is borne."""

    mobile: np.ndarray
    mobile2: np.ndarray
    since: np.ndarray


@dataclass(frozen=True, repr=False)
class Plain:
    """What is not sealed, as in Facts; birth and hire date in days since 1970, or NO_DATE."""

    birth: np.ndarray
    sex: np.ndarray
    county: np.ndarray
    partner: np.ndarray
    station: np.ndarray
    hired: np.ndarray


def read_facts(document_no: pa.Array, status: np.ndarray, mobiles: Mobiles, plain: Plain) -> Facts:
    """Facts of a batch of opened records. Names are left out: those are numbered when all are known; former mobiles too.

    Args:
        document_no: '' for none; `status` 1: a whole resident number, 2: a masked one, -1: none that may be
            compared, else documents.kind_of another one.
    """
    whole, tail, head, size = _documents(document_no, status)
    none = np.zeros(len(document_no), np.int32)
    return Facts(
        name=none,
        document=whole,
        tail=tail,
        head=head,
        head_size=size,
        mobile=mobiles.mobile,
        mobile2=np.where(mobiles.mobile2 == mobiles.mobile, 0, mobiles.mobile2),
        former=none.astype(np.int64),
        former_from=none,
        former_until=none,
        since=mobiles.since.astype(np.int32),
        birth=plain.birth.astype(np.int32),
        sex=np.where(np.isin(plain.sex, (1, 2)), plain.sex, 0).astype(np.int8),
        county=plain.county.astype(np.int32),
        partner=plain.partner.astype(np.int16),
        station=plain.station.astype(np.int64),
        hired=plain.hired.astype(np.int32),
        common=none.astype(np.float32),
        **dict.fromkeys(SHARES, np.ones(len(none), np.float32)),
    )


def with_former(
    facts: Facts, at: np.ndarray, mobile: np.ndarray, begin: np.ndarray, end: np.ndarray, since: np.ndarray
) -> Facts:
    """The same; records `at` had another `mobile` (0: none) from day `begin` to before `end`, and theirs from day `since`."""
    former, former_from = facts.former.copy(), facts.former_from.copy()
    former_until, present = facts.former_until.copy(), facts.since.copy()
    former[at] = np.where(mobile == facts.mobile2[at], 0, mobile)
    former_from[at], former_until[at], present[at] = begin, end, since
    return replace(facts, former=former, former_from=former_from, former_until=former_until, since=present)


def _documents(column: pa.Array, status: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(whole, tail, head, size of head)."""
    n = len(column)
    whole, tail, head = np.zeros(n, np.int64), np.zeros(n, np.int32), np.zeros(n, np.int32)
    size = np.zeros(n, np.int8)
    length = np.asarray(pc.binary_length(column))
    at = np.flatnonzero((status == 1) & (length == NUMBER))
    if len(at):
        digits = _characters(column, at)
        whole[at] = _number(digits[:, :17])
        tail[at] = _tails(digits)
        head[at], size[at] = _number(digits[:, :HEAD]), HEAD
    at = np.flatnonzero((status == 2) & (length == NUMBER))
    if len(at):
        shown = _characters(column, at)
        starred = shown == ord("*")
        hidden = np.logical_or.accumulate(starred[:, :HEAD], axis=1)
        size[at] = (~hidden).sum(axis=1)
        head[at] = _number(np.where(hidden, ord("0"), shown[:, :HEAD])) // 10 ** hidden.sum(axis=1)
        tail[at] = np.where(starred[:, -TAIL:].any(axis=1), 0, _tails(shown))
    for place in np.flatnonzero((status == 2) & (length != NUMBER)).tolist():
        tail[place], head[place], size[place] = _masked(column[place].as_py())
    for place in np.flatnonzero((status != 1) & (status != 2) & (status >= 0) & (length > 0)).tolist():
        whole[place] = other_document(column[place].as_py(), int(status[place]))
    return whole, tail, head, size


def other_document(number: str, kind: int = 0) -> int:
    """A document that is no resident number, as one: what its holder keeps for life, where its kind has that."""
    kept = lifelong(number, kind)
    digest = int.from_bytes(blake2b((kept or number).encode(), digest_size=8).digest(), "big")
    return int(OTHER) | (int(FOR_LIFE) if kept else 0) | digest >> 3


def _masked(number: str) -> tuple[int, int, int]:
    """(tail, head, size of head) of a masked number of another length; companies put as many stars as they like."""
    shown, end = number[: number.index("*")][:HEAD], number[number.rindex("*") + 1 :]
    tail = int(_tails(np.frombuffer(end[-TAIL:].encode(), np.uint8)[None])[0]) if len(end) >= TAIL else 0
    return tail, int(shown or "0"), len(shown)


def _characters(column: pa.Array, at: np.ndarray) -> np.ndarray:
    """(n, 18) bytes of the rows `at`, which are as long."""
    taken = column.take(pa.array(at)).cast(pa.binary()).cast(pa.binary(NUMBER))
    return np.frombuffer(taken.buffers()[1], np.uint8)[taken.offset * NUMBER :][: len(at) * NUMBER].reshape(-1, NUMBER)


def _number(characters: np.ndarray) -> np.ndarray:
    """Digits read as numbers, one a line."""
    power = 10 ** np.arange(characters.shape[1] - 1, -1, -1, dtype=np.int64)
    return np.asarray((characters.astype(np.int64) - ord("0")) @ power)


def _tails(characters: np.ndarray) -> np.ndarray:
    last = characters[:, -TAIL:].astype(np.int64)
    digit = np.where(last == ord("X"), 10, last - ord("0"))
    return np.asarray(digit @ (11 ** np.arange(TAIL - 1, -1, -1, dtype=np.int64)) + 1)
