"""Turn distinct names into numbers: sound, and how common they and their parts are. For one run, in memory."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields, replace
from functools import cache
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pypinyin import Style, lazy_pinyin

from talentpool.conform.values.names import HIDDEN, read_names
from talentpool.conform.values.no_names import shown
from talentpool.match.facts.frequencies import (
    GIVEN_LENGTHS,
    LONG_NAME,
    UNKNOWN_CHARACTER,
    UNKNOWN_SURNAME,
    name_frequencies,
)

WIDTH = 8
"""Characters that are compared one by one; a longer name counts as different unless it is the same."""
PIECE = 100_000


def read_forms(names: pa.ChunkedArray) -> tuple[np.ndarray, Names]:
    """int32 code of each name's match form, and what is known of each code; of a hidden name, of what it shows."""
    spelt = names.combine_chunks().dictionary_encode()
    read = read_names(spelt.dictionary)
    forms = read.form
    hidden = np.flatnonzero(np.asarray(pc.is_in(read.status, pa.array(sorted(HIDDEN)))))
    if len(hidden):
        seen = forms.to_numpy(zero_copy_only=False).astype(object)
        seen[hidden] = [shown(text) for text in spelt.dictionary.take(pa.array(hidden)).to_pylist()]
        forms = pa.array(seen, pa.string())
    forms = forms.dictionary_encode()
    codes = np.asarray(forms.indices).astype(np.int32)[np.asarray(spelt.indices)]
    return codes, describe(forms.dictionary)


@dataclass(frozen=True, repr=False)
class Names:
    """By code. `characters` (n, 8) code points, `part` their shares (n, 8), `length` 0 where the name is not known whole;
    `ends` (n, 2) the first and the last character, 0 where hidden, `end_share` theirs; `sound` is a code of the pinyin;
    `share`, `sound_share` (n,) of all people, `surname_share`, `surname_sound_share` of the surname alone; `digest`,
    `surname`, `given`, and of their sounds `sound_digest`, `surname_sound`, `given_sound` (n,) 56 bits for keys."""

    characters: np.ndarray
    part: np.ndarray
    length: np.ndarray
    ends: np.ndarray
    end_share: np.ndarray
    sound: np.ndarray
    share: np.ndarray
    sound_share: np.ndarray
    surname_share: np.ndarray
    surname_sound_share: np.ndarray
    digest: np.ndarray
    surname: np.ndarray
    given: np.ndarray
    sound_digest: np.ndarray
    surname_sound: np.ndarray
    given_sound: np.ndarray


def describe(forms: pa.Array) -> Names:
    """What is known of match forms, each once."""
    pieces = [_piece(forms[begin : begin + PIECE]) for begin in range(0, max(len(forms), 1), PIECE)]
    names = Names(*(np.concatenate([getattr(piece, field.name) for piece in pieces]) for field in fields(Names)))
    sounds = np.unique(names.sound_digest, return_inverse=True)[1].astype(np.int32)
    return replace(names, sound=sounds)


def _piece(forms: pa.Array) -> Names:
    """Of some names; `sound` is left out, because it counts them all."""
    length = np.asarray(pc.utf8_length(forms)).astype(np.int16)
    hidden = np.asarray(pc.match_substring(forms, "*"))
    length[hidden] = 0
    ends = _ends(forms)
    padded = pc.utf8_rpad(pc.utf8_slice_codeunits(forms, 0, WIDTH), WIDTH, "\0").to_pylist()
    characters = np.frombuffer("".join(padded).encode("utf-32-le"), "<u4").astype(np.uint32).reshape(-1, WIDTH)
    table = _characters(np.unique(np.concatenate([characters.ravel(), ends.ravel(), np.zeros(1, np.uint32)])))
    at = table.at(characters)
    there = characters != 0
    part, sounds = np.where(there, table.given[at], 1.0), np.where(there, table.later[at], 1.0)
    part[:, 0], sounds[:, 0] = table.surname[at[:, 0]], table.first[at[:, 0]]
    compound = np.zeros(len(length), bool)
    for pair, common, sounding in _compound_surnames():
        rows = (characters[:, 0] == ord(pair[0])) & (characters[:, 1] == ord(pair[1])) & (length > 2)
        part[rows, 0], part[rows, 1] = common, 1.0
        sounds[rows, 0], sounds[rows, 1] = sounding, 1.0
        compound |= rows
    digest = _mixed(characters.astype(np.uint64))
    syllables = np.where(there, table.syllable[at], np.uint64(0))
    sound_digest = _mixed(syllables)
    for place in np.flatnonzero(length > WIDTH).tolist():  # compared as a whole or not at all
        form = forms[place].as_py()
        digest[place], sound_digest[place] = _digest("n", form), _digest("p", " ".join(map(syllable, form)))
    surname, given = _two_parts(characters.astype(np.uint64), compound)
    surname_sound, given_sound = _two_parts(syllables, compound)
    given_length = length - 1 - compound
    share, sound_share = _of_length(part.prod(axis=1), given_length), _of_length(sounds.prod(axis=1), given_length)
    return Names(
        characters=characters,
        part=part.astype(np.float32),
        length=length,
        ends=ends,
        end_share=np.stack([table.surname[table.at(ends[:, 0])], table.given[table.at(ends[:, 1])]], axis=1).astype(
            np.float32
        ),
        sound=np.zeros(len(forms), np.int32),
        share=share,
        sound_share=np.maximum(sound_share, share),
        surname_share=part[:, 0],
        surname_sound_share=sounds[:, 0],
        digest=digest,
        surname=surname,
        given=given,
        sound_digest=sound_digest,
        surname_sound=surname_sound,
        given_sound=given_sound,
    )


def _ends(forms: pa.Array) -> np.ndarray:
    """(n, 2) code points of the first and the last character; 0 for a star or nothing."""
    ends = [pc.utf8_slice_codeunits(forms, 0, 1), pc.utf8_slice_codeunits(forms, -1)]
    columns = [np.frombuffer("".join(pc.utf8_rpad(end, 1, "*").to_pylist()).encode("utf-32-le"), "<u4") for end in ends]
    found = np.stack(columns, axis=1).astype(np.uint32)
    found[found == ord("*")] = 0
    return found


def _two_parts(signs: np.ndarray, compound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """56 bits of the surname and of the given name; `signs` (n, 8), of which a `compound` surname takes two."""
    surname, given = signs[:, :2].copy(), signs[:, 1:].copy()
    surname[~compound, 1] = 0
    given[compound, :-1], given[compound, -1] = given[compound, 1:], 0
    return _mixed(surname), _mixed(given)


@dataclass(frozen=True, repr=False)
class _Characters:
    """By character, sorted: shares as a surname and in given names, of it and of its sound; a number for its sound."""

    character: np.ndarray
    surname: np.ndarray
    given: np.ndarray
    first: np.ndarray
    later: np.ndarray
    syllable: np.ndarray

    def at(self, characters: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.character, characters)


def _characters(characters: np.ndarray) -> _Characters:
    surnames, given = name_frequencies()
    first, later = _sound_shares()
    each = [chr(one) for one in characters.tolist()]
    said = [syllable(one) for one in each]

    def shares(of: dict[str, float], names: list[str], unknown: float) -> np.ndarray:
        return np.array([of.get(name, unknown) for name in names])

    return _Characters(
        character=characters,
        surname=shares(surnames, each, UNKNOWN_SURNAME),
        given=shares(given, each, UNKNOWN_CHARACTER),
        first=shares(first, said, UNKNOWN_SURNAME),
        later=shares(later, said, UNKNOWN_CHARACTER),
        syllable=np.array([_digest("s", one) for one in said], np.uint64),
    )


def _of_length(share: np.ndarray, given_length: np.ndarray) -> np.ndarray:
    """Share of all people, of a share among those whose given name is as long."""
    longest = max(GIVEN_LENGTHS)
    lengths = np.array([GIVEN_LENGTHS.get(size, 1.0) for size in range(longest + 1)])
    return np.where(given_length > longest, LONG_NAME, share * lengths[np.clip(given_length, 0, longest)])


@cache
def _compound_surnames() -> list[tuple[str, float, float]]:
    """Each with its share, and that of its sound."""
    surnames, _ = name_frequencies()
    first, _ = _sound_shares()
    return [
        (surname, share, first[" ".join(map(syllable, surname))])
        for surname, share in surnames.items()
        if len(surname) == 2
    ]


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """56 bits of each row of numbers: Steele's splitmix64, a number at a time. Without a key: only ever an input of a
    keyed hash."""
    state = np.full(len(numbers), 0x9E3779B97F4A7C15, np.uint64)
    for column in numbers.T:
        state ^= column
        state += np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ state >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ state >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
        state ^= state >> np.uint64(31)
    return np.asarray(state >> np.uint64(8))


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
