"""Make match keys: what two records must share to be compared. Keyed hashes, compound wherever possible.

A key is one block of AES-CMAC (NIST SP 800-38B): the kind of key, 56 bits of a name's hash, 64 bits of a number. One
block a key means that a million records are hashed in one call. The first 61 bits are kept; the last three bits say
which kind of key it is, so that a stored key knows its cap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from talentpool.match.facts.features import NO_DATE, Features
from talentpool.match.facts.frequencies import RARE_NAME_BOUND

CAPS = {
    "document": 60, "mobile": 60, "sound_birth": 60, "sound_tail": 60, "birth_tail": 60, "surname_birth_county": 60,
    "name_county": 6, "name": 4,
}  # fmt: skip
"""Kind of key -> the most records that may share one; a larger block makes no candidates and is counted."""
KINDS = tuple(CAPS)
CAP = np.array(list(CAPS.values()))
KIND_BITS = 7
_RB = 0x87


COLUMNS = (
    "document", "mobile", "mobile", "sound_birth", "sound_tail", "birth_tail", "surname_birth_county", "name_county", "name",
    "mobile",
)  # fmt: skip
"""Kind of each column of a table of keys; the second mobile and the one before are keys of the same kind as the first."""
MOBILES = [at for at, kind in enumerate(COLUMNS) if kind == "mobile"]
NONE = 0


@dataclass(frozen=True, repr=False)
class Block:
    """Keys of one kind in long form: `key` int64, `record` position."""

    kind: int
    key: np.ndarray
    record: np.ndarray


@dataclass(frozen=True, repr=False)
class Keys:
    """(n, columns) int64, NONE where a record has no key of the kind."""

    table: np.ndarray

    @property
    def mobiles(self) -> np.ndarray:
        """(n, 3) keys of both mobiles and of the one before."""
        return np.asarray(self.table[:, MOBILES])

    def every(self) -> np.ndarray:
        """All of them, in no order."""
        return np.asarray(self.table[self.table != NONE])

    def blocks(self) -> Iterator[Block]:
        """Each kind in long form."""
        for kind, name in enumerate(KINDS):
            columns = [at for at, one in enumerate(COLUMNS) if one == name]
            rows = [np.flatnonzero(self.table[:, at] != NONE).astype(np.int32) for at in columns]
            key = np.concatenate([self.table[row, at] for row, at in zip(rows, columns, strict=True)])
            yield Block(kind, key, np.concatenate(rows))


def blocks_of(key: np.ndarray, record: np.ndarray) -> Iterator[Block]:
    """Stored keys and who has them, by the kind that stands in each key."""
    kinds = kinds_of(key)
    for kind in range(len(KINDS)):
        at = np.flatnonzero(kinds == kind)
        yield Block(kind, key[at], record[at])


def kinds_of(keys: np.ndarray) -> np.ndarray:
    """Kind of each stored key."""
    return (keys & KIND_BITS).astype(np.int8)


class KeyMaker:
    """AES-CMAC of single blocks under the match key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = Cipher(algorithms.AES(key[:32]), modes.ECB())  # noqa: S305 - single blocks: this is the MAC's own step, not encryption of a text
        zero = int.from_bytes(self._encrypt(bytes(16)), "big")
        doubled = (zero << 1) & ((1 << 128) - 1)
        subkey = doubled ^ _RB if zero >> 127 else doubled
        self._subkey = np.frombuffer(subkey.to_bytes(16, "big"), ">u8")

    def _encrypt(self, blocks: bytes) -> bytes:
        encryptor = self._cipher.encryptor()
        return encryptor.update(blocks) + encryptor.finalize()

    def macs(self, kind: int, text: np.ndarray, number: np.ndarray) -> np.ndarray:
        """int64 of (kind, 56 bits, 64 bits)."""
        blocks = np.empty((len(text), 2), ">u8")
        blocks[:, 0] = text.astype(np.uint64) | np.uint64(kind + 1) << np.uint64(56)
        blocks[:, 1] = number.astype(np.int64).view(np.uint64)
        blocks ^= self._subkey
        found = np.frombuffer(self._encrypt(blocks.tobytes()), ">i8")[::2].astype(np.int64)
        return found & ~np.int64(KIND_BITS) | kind


def make_keys(features: Features, maker: KeyMaker) -> Keys:
    """All keys of all records; a record without what a key needs has none of that kind."""
    f, names = features.facts, features.names
    none = np.zeros(len(f), np.uint64)
    table = np.full((len(f), len(COLUMNS)), NONE, np.int64)
    sound, surname = names.sound_digest[f.name], names.surname_sound[f.name]
    whole = names.digest[f.name]
    named = names.length[f.name] > 0
    born, county, tail = f.birth != NO_DATE, f.county != 0, f.tail != 0
    birth = f.birth.astype(np.int64)
    parts = [
        (f.document != 0, none, f.document),
        (f.mobile != 0, none, f.mobile),
        ((f.mobile2 != 0) & (f.mobile2 != f.mobile), none, f.mobile2),
        (born & named, sound, birth),
        (tail & named, sound, f.tail),
        (born & tail, none, birth << 16 | f.tail),
        (born & county & named, surname, birth << 24 | f.county),
        (county & named, whole, f.county),
        (named & (names.share[f.name] < RARE_NAME_BOUND), whole, none),
        (f.former != 0, none, f.former),
    ]
    for column, (there, text, number) in enumerate(parts):
        at = np.flatnonzero(there)
        table[at, column] = maker.macs(KINDS.index(COLUMNS[column]), text[at], number[at])
    return Keys(table)
