"""Distinct names as numbers: what they sound like, how common they and their parts are. In memory, for one run only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b

import numpy as np
import pyarrow as pa
from pypinyin import Style, lazy_pinyin

from talentpool.conform.names import read_names
from talentpool.match.frequencies import (
    GIVEN_LENGTHS,
    LONG_NAME,
    UNKNOWN_CHARACTER,
    UNKNOWN_SURNAME,
    name_frequencies,
)

WIDTH = 8
"""Characters that are compared one by one; a longer name counts as different unless it is the same."""


@dataclass
class NameTable:
    """Match forms of names, each once. Columns are made by `columns()` when all names are in."""

    code_of: dict[str, int] = field(default_factory=dict)
    _of_spelling: dict[str, int] = field(default_factory=dict)

    def codes(self, names: Iterable[str]) -> np.ndarray:
        """int32 code of each name's match form; new ones are taken in."""
        known, forms = self._of_spelling, self.code_of
        wanted = list(names)
        new = sorted(set(wanted) - known.keys())
        for name, form in zip(new, read_names(pa.array(new, pa.string())).form.to_pylist(), strict=True):
            known[name] = forms.setdefault(form, len(forms))
        return np.array([known[name] for name in wanted], np.int32)

    def columns(self) -> Names:
        """What is known of each code."""
        return _columns(list(self.code_of))


@dataclass(frozen=True, repr=False)
class Names:
    """By code. `characters` (n, 8) code points, `part` their shares (n, 8); `sound` is a code of the pinyin;
    `share`, `sound_share` (n,) of all people; `digest`, `sound_digest`, `surname_digest` (n,) 56 bits for keys."""

    characters: np.ndarray
    part: np.ndarray
    length: np.ndarray
    sound: np.ndarray
    share: np.ndarray
    sound_share: np.ndarray
    digest: np.ndarray
    sound_digest: np.ndarray
    surname_digest: np.ndarray


def _columns(forms: list[str]) -> Names:
    n = len(forms)
    characters, part = np.zeros((n, WIDTH), np.uint32), np.ones((n, WIDTH))
    length = np.fromiter(map(len, forms), np.int16, n)
    sound, sound_share = np.zeros(n, np.int32), np.ones(n)
    digest, sound_digest, surname_digest = (np.zeros(n, np.uint64) for _ in range(3))
    given_length = np.zeros(n, np.int16)
    sounds: dict[str, int] = {}
    surnames, given = name_frequencies()
    first, later = _sound_shares()
    for i, form in enumerate(forms):
        size = 2 if form[:2] in surnames and len(form) > 2 else 1
        shares = [surnames.get(form[:size], UNKNOWN_SURNAME)] + [1.0] * (size - 1)
        shares += [given.get(ch, UNKNOWN_CHARACTER) for ch in form[size:]]
        said = [syllable(ch) for ch in form]
        common = first.get(" ".join(said[:size]), UNKNOWN_SURNAME)
        for one in said[size:]:
            common *= later.get(one, UNKNOWN_CHARACTER)
        given_length[i] = len(form) - size
        seen = min(len(form), WIDTH)
        characters[i, :seen] = [ord(ch) for ch in form[:seen]]
        part[i, :seen] = shares[:seen]
        spelt = " ".join(said)
        sound[i], sound_share[i] = sounds.setdefault(spelt, len(sounds)), common
        digest[i], sound_digest[i] = _digest("n", form), _digest("p", spelt)
        surname_digest[i] = _digest("s", said[0] if said else "")
    share, sound_share = _of_length(part.prod(axis=1), given_length), _of_length(sound_share, given_length)
    return Names(
        characters, part, length, sound, share, np.maximum(sound_share, share), digest, sound_digest, surname_digest
    )


def _of_length(share: np.ndarray, given_length: np.ndarray) -> np.ndarray:
    """Share of all people, of a share among those whose given name is as long."""
    longest = max(GIVEN_LENGTHS)
    lengths = np.array([GIVEN_LENGTHS.get(size, 1.0) for size in range(longest + 1)])
    return np.where(given_length > longest, LONG_NAME, share * lengths[np.clip(given_length, 0, longest)])


@cache
def syllable(character: str) -> str:
    """Its commonest reading without tone; what has none stands for itself."""
    return str(lazy_pinyin(character, style=Style.NORMAL)[0]) if character.strip() else character


@cache
def _sound_shares() -> tuple[dict[str, float], dict[str, float]]:
    """Share of each sound among surnames, and among the characters of given names."""
    surnames, given = name_frequencies()
    first: dict[str, float] = defaultdict(float)
    later: dict[str, float] = defaultdict(float)
    for name, share in surnames.items():
        first[" ".join(map(syllable, name))] += share
    for character, share in given.items():
        later[syllable(character)] += share
    return dict(first), dict(later)


def _digest(kind: str, text: str) -> int:
    """56 bits, without a key: only ever an input of a keyed one."""
    return int.from_bytes(blake2b(f"{kind}{text}".encode(), digest_size=7).digest(), "big")
