"""What matching knows of a record: numbers in columns. Made from opened records, in the memory of one run only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from talentpool.guard.cipher import Personal
from talentpool.match.forms import Names, NameTable

NO_DATE = np.iinfo(np.int32).min
OTHER = np.int64(1) << 62
"""Flag of a document that is no resident number: compared as a whole or not at all."""
WHOLE = ("valid", "legacy_15")


@dataclass(frozen=True, repr=False)
class Facts:
    """Columns of n records; 0 is unknown unless said otherwise.

    `name` code in `names`; `document` 17 digits of a resident number, or OTHER | 62 bits; `tail` last four characters
    (11-ary digits, plus 1); `head` the leading digits that are visible, `head_size` how many; `birth` days since 1970
    or NO_DATE; `sex` 1 or 2; `county`, `partner` codes.
    """

    name: np.ndarray
    document: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    head_size: np.ndarray
    mobile: np.ndarray
    mobile2: np.ndarray
    birth: np.ndarray
    sex: np.ndarray
    county: np.ndarray
    partner: np.ndarray

    def __len__(self) -> int:
        return len(self.name)

    def take(self, at: np.ndarray) -> Facts:
        return Facts(*(getattr(self, name)[at] for name in self.__dataclass_fields__))

    @staticmethod
    def none() -> Facts:
        """No records."""
        kinds = (
            np.int32,
            np.int64,
            np.int32,
            np.int32,
            np.int8,
            np.int64,
            np.int64,
            np.int32,
            np.int8,
            np.int32,
            np.int16,
        )
        return Facts(*(np.zeros(0, kind) for kind in kinds))

    @staticmethod
    def join(parts: Sequence[Facts]) -> Facts:
        return Facts(*(np.concatenate([getattr(p, name) for p in parts]) for name in Facts.__dataclass_fields__))


@dataclass(frozen=True, repr=False)
class Features:
    """Facts and the names they speak of."""

    facts: Facts
    names: Names


def read_facts(
    opened: Sequence[Personal],
    document_status: Sequence[str],
    birth: np.ndarray,
    sex: Sequence[int],
    county: np.ndarray,
    partner: np.ndarray,
    names: NameTable,
) -> Facts:
    """Facts of a batch of opened records. `birth` datetime64[D]; `county`, `partner` are codes already."""
    documents = [_document(p.document_no, status) for p, status in zip(opened, document_status, strict=True)]
    whole, tail, head, size = np.array(documents, np.int64).reshape(-1, 4).T
    days = birth.astype("datetime64[D]").astype(np.int64)
    return Facts(
        name=names.codes(p.name for p in opened),
        document=whole,
        tail=tail.astype(np.int32),
        head=head.astype(np.int32),
        head_size=size.astype(np.int8),
        mobile=np.array([int(p.mobile) if p.mobile.isdigit() else 0 for p in opened], np.int64),
        mobile2=np.array(
            [int(p.mobile2) if p.mobile2.isdigit() and p.mobile2 != p.mobile else 0 for p in opened], np.int64
        ),
        birth=np.where(np.isnat(birth), NO_DATE, days).astype(np.int32),
        sex=np.where(np.isin(sex, (1, 2)), sex, 0).astype(np.int8),
        county=county.astype(np.int32),
        partner=partner.astype(np.int16),
    )


def _document(number: str, status: str) -> tuple[int, int, int, int]:
    """(whole, tail, head, size of head) of one."""
    if not number:
        return 0, 0, 0, 0
    if status in WHOLE:
        return int(number[:17]), _tail(number[-4:]), int(number[:6]), 6
    if status == "masked":
        shown = number[: number.index("*")][:6]
        end = number[number.rindex("*") + 1 :]
        return 0, _tail(end[-4:]) if len(end) >= 4 else 0, int(shown or "0"), len(shown)
    digest = int.from_bytes(blake2b(number.encode(), digest_size=8).digest(), "big")
    return int(OTHER | np.int64(digest >> 3)), 0, 0, 0


def _tail(four: str) -> int:
    code = 0
    for character in four:
        code = code * 11 + (10 if character == "X" else int(character))
    return code + 1
