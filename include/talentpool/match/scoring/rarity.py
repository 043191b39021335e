"""Say how common a name and each other value are in this pool, so that a value weighs by its own rarity.

Names are counted by people, by name, by surname and by given name, and by their sounds; counties, stations, hire dates, sexes
and ends of document numbers by records, in the pool and on each roster: a default is one partner's. Real names
are no product of their characters: a given name is in fashion within a region and a generation. So the pool itself is
counted at each full run, and the counts are kept with it under keyed hashes (match_run.commons) for the runs that follow
changes. A pool says little of a name that few bear. There the reference tables count as so many people more, and a name
that the pool holds once or twice is expected to be about as common as its surname and its given name make it (a gamma
prior of shape 1 with that mean).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from talentpool.match.candidates.keys import KINDS, KeyMaker
from talentpool.match.candidates.pairs import Candidates
from talentpool.match.facts.features import NO_DATE, Facts, Features
from talentpool.match.facts.forms import Names
from talentpool.match.facts.frequencies import SMALLEST
from talentpool.match.scoring.compare import COMMON_TAIL, SHARED_MOBILE_MAX
from talentpool.match.scoring.tally import DEFAULT

UNSEEN = 1.5
"""People of a given name beside those counted under other surnames: one or two more than nobody are expected."""
REFERENCE = SMALLEST
"""People that the reference tables count as, beside those of the pool."""
KIND, PLAIN = KINDS.index("name"), np.int64(1) << 62
"""What keys of counts are made as; numbers of what is no name have PLAIN, so that none is taken for a name's."""
AT_STATION, AT_COUNTY = 5, 50
"""Records that every station and every county is taken to have beside its own."""
DOUBT = 20
"""Records without which a small pool would show that whatever it holds is common."""
VALUES = {
    "county": (0, 0.05), "station": (0, 0.0), "hired": (NO_DATE, 5e-4), "tail": (0, 1e-4), "sex": (0, 0.5), "document": (0, 0.0),
}  # fmt: skip
"""Column of Facts -> what stands there for unknown, and the share of a value in the reference (a station's is of its county)."""
BY_NAME = ("tail", "document")
EVERY = 0
"""In place of a column: all records of a roster."""
CROWD = 6
"""As many records one person may have; of more, people share what they have in common."""
NEWS = 4
"""So many times as common as a full run counted: counted again."""
HEADER = np.dtype([("people", "<i8"), ("records", "<i8"), ("counted", "<i8")])


@dataclass(frozen=True, repr=False)
class Commons:
    """`people` with a name, `records`; `keys` (int64, sorted) of what two or more share, and how many share each."""

    people: int
    records: int
    keys: np.ndarray
    counts: np.ndarray

    def pack(self) -> bytes:
        header = np.array([(self.people, self.records, len(self.keys))], HEADER)
        return zlib.compress(
            header.tobytes() + self.keys.astype("<i8").tobytes() + self.counts.astype("<i4").tobytes(), 1
        )

    @staticmethod
    def unpack(packed: bytes) -> Commons:
        raw = zlib.decompress(packed)
        people, records, counted = np.frombuffer(raw, HEADER, 1)[0].tolist()
        keys = np.frombuffer(raw, "<i8", counted, HEADER.itemsize)
        return Commons(people, records, keys, np.frombuffer(raw, "<i4", counted, HEADER.itemsize + keys.nbytes))

    def of(self, keys: np.ndarray) -> np.ndarray:
        """How many people bear each; 1 for what was not counted."""
        if not len(self.keys):
            return np.ones(len(keys))
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[place] == keys, self.counts[place], 1).astype(np.float64)


NO_COMMONS = Commons(0, 0, np.zeros(0, np.int64), np.zeros(0, np.int32))


def people_by_name(features: Features, candidates: Candidates) -> np.ndarray:
    """(names,) people who bear each name: records of one name that agree in a mobile, a birth date or the end of a document
    number, none of them one that too many share, are one of them. Nobody is united by it: it only counts."""
    facts, names = features.facts, features.names
    left, right = candidates.left, candidates.right
    alike = np.flatnonzero((facts.name[left] == facts.name[right]) & (names.length[facts.name[left]] > 0))
    left, right = left[alike], right[alike]
    sure = _agree(facts, candidates.bearers[:, 0], left, right)
    graph = coo_array((np.ones(sure.sum(), np.int8), (left[sure], right[sure])), (len(facts), len(facts)))
    root = connected_components(graph, directed=False)[1]
    first = np.unique(root, return_index=True)[1]
    people = np.bincount(facts.name[first], minlength=len(names.length))
    return np.where(names.length > 0, people, 0)


def _agree(facts: Facts, bearers: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    agree = (
        (facts.mobile[left] != 0) & (facts.mobile[left] == facts.mobile[right]) & (bearers[left] <= SHARED_MOBILE_MAX)
    )
    born = (facts.birth[left] != NO_DATE) & (facts.birth[left] == facts.birth[right])
    agree |= born & (np.maximum(facts.common[left], facts.common[right]) < DEFAULT)
    crowded = np.bincount(facts.tail)[facts.tail] > np.maximum(COMMON_TAIL * len(facts), CROWD)
    agree |= (facts.tail[left] != 0) & (facts.tail[left] == facts.tail[right]) & ~crowded[left]
    agree |= (facts.document[left] != 0) & (facts.document[left] == facts.document[right])
    return np.asarray(agree)


def count_commons(features: Features, candidates: Candidates, maker: KeyMaker, partners: Sequence[str]) -> Commons:
    """Count the names and the other values of all records there are; `partners`: the names behind `features.facts.partner`."""
    people = people_by_name(features, candidates)
    named = [(key, people) for key in _names(features.names, maker)]
    return Commons(int(people.sum()), len(features.facts), *_counted([*named, *_values(features, maker, partners)]))


def _counted(columns: Iterable[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Keys (sorted) that two or more share, and how many share each."""
    keys, counts = list[np.ndarray](), list[np.ndarray]()
    for key, of in columns:
        each, place = np.unique(key, return_inverse=True)
        count = np.bincount(place, of, len(each)).astype(np.int64)
        keys.append(each[count > 1])
        counts.append(count[count > 1])
    every, order = np.unique(np.concatenate(keys), return_index=True)
    return every, np.concatenate(counts)[order]


def with_shares(features: Features, commons: Commons, maker: KeyMaker, partners: Sequence[str]) -> Features:
    """Features with the shares that the pool and the reference together expect of each value."""
    names = features.names
    whole, surname, given, sound, surname_sound, given_sound = (commons.of(key) for key in _names(names, maker))
    share = _share(whole, surname, given, commons.people, names.surname_share, names.share)
    sounding = _share(sound, surname_sound, given_sound, commons.people, names.surname_sound_share, names.sound_share)
    facts = replace(features.facts, **_shares(features.facts, commons, maker, partners))
    return Features(facts, replace(names, share=share, sound_share=np.maximum(share, sounding)))


def unheard_of(features: Features, commons: Commons, maker: KeyMaker, partners: Sequence[str]) -> bool:
    """Whether so many of these records bear one document number, or one end of it, as `commons` does not expect."""
    facts = features.facts
    keys, counts = _counted(_values(features, maker, partners))
    both, place = np.unique(np.concatenate([commons.keys, keys]), return_inverse=True)
    sums = np.bincount(place, np.concatenate([commons.counts, counts]), len(both)).astype(np.int64)
    more = replace(commons, records=commons.records + len(facts), keys=both, counts=sums)
    was, now = (_shares(facts, one, maker, partners) for one in (commons, more))
    tails = (facts.tail != 0) & (now["tail_share"] > COMMON_TAIL) & (now["tail_share"] > NEWS * was["tail_share"])
    numbers = (
        (facts.document != 0) & (now["document_names"] > CROWD) & (now["document_names"] > NEWS * was["document_names"])
    )
    return bool((tails | numbers).any())


def _shares(facts: Facts, commons: Commons, maker: KeyMaker, partners: Sequence[str]) -> dict[str, np.ndarray]:
    """The columns of Facts that are counted here, by record.

    Of what stands on a roster of its own kind the roster says more than the pool: a default is one partner's. A value that
    no more than CROWD there have may be one person's several records.
    """
    shares = dict[str, np.ndarray]()
    rosters = _rosters(facts, partners)
    known: dict[bool, dict[str, np.ndarray]] = {True: {}, False: {}}
    for own in (False, True):
        of = rosters if own else np.zeros(len(facts), np.uint64)
        every = commons.of(_key(maker, of, EVERY, np.zeros(len(facts), np.int64))) if own else float(commons.records)
        for at, (name, (unknown, reference)) in enumerate(VALUES.items(), start=1):
            count = known[own][name] = commons.of(_key(maker, of, at, getattr(facts, name)))
            without = commons.of(_key(maker, of, at, np.full(len(facts), unknown, np.int64)))
            total = known[own]["county"] if name == "station" else np.maximum(every - without, count)
            if own:
                crowd = np.where(count > CROWD, (count - 2) / (total + DOUBT), 0.0)
                shares[name] = np.maximum(shares[name], crowd)
            elif name == "station":
                shares[name] = np.minimum((count + AT_STATION) / (total + AT_COUNTY), 1.0)
            else:
                shares[name] = _of_records(count, total, reference)
    columns = {f"{name}_share": shares[name].astype(np.float32) for name in VALUES if name != "document"}
    return columns | {"document_names": known[False]["document"].astype(np.float32)}


def _of_records(count: np.ndarray, records: np.ndarray, reference: float) -> np.ndarray:
    """Share of the records that have a value: of pool and reference together, and no less than the pool alone shows, where
    the two that are compared are not counted."""
    together = (count + reference * REFERENCE) / (records + REFERENCE)
    alone = np.where(count > CROWD, (count - 2) / (records + DOUBT), 0.0)
    return np.asarray(np.maximum(together, alone))


def _share(
    whole: np.ndarray,
    surname: np.ndarray,
    given: np.ndarray,
    people: int,
    surname_reference: np.ndarray,
    reference: np.ndarray,
) -> np.ndarray:
    """Share of all people who bear a name, of the counts of it and its parts, and of the shares in the reference."""
    everybody = people + REFERENCE
    surname_share = (surname + REFERENCE * surname_reference) / everybody
    others = np.maximum(given - whole, 0) + UNSEEN + REFERENCE * np.minimum(reference / surname_reference, 1.0)
    expected = surname_share * others
    seen = np.maximum(whole - 1, 1)
    return np.asarray(np.minimum(seen * expected / (1 + expected * people / everybody) / everybody, 1.0))


def _names(names: Names, maker: KeyMaker) -> list[np.ndarray]:
    """Keys of the name, its surname, its given name, and of the sounds of the three."""
    texts = (names.digest, names.surname, names.given, names.sound_digest, names.surname_sound, names.given_sound)
    return [maker.macs(KIND, text, np.full(len(text), at, np.int64)) for at, text in enumerate(texts, start=1)]


def _rosters(facts: Facts, partners: Sequence[str]) -> np.ndarray:
    """48 bits of each record's partner, never 0."""
    digests = [int.from_bytes(blake2b(name.encode(), digest_size=6).digest(), "big") | 1 for name in partners]
    return np.array([0, *digests], np.uint64)[facts.partner]


def _key(maker: KeyMaker, roster: np.ndarray, at: int, value: np.ndarray) -> np.ndarray:
    """Key of a value of the column `at`, in the pool (roster 0) or on a roster."""
    return maker.macs(KIND, roster << np.uint64(8) | np.uint64(at), value.astype(np.int64) ^ PLAIN)


def _values(features: Features, maker: KeyMaker, partners: Sequence[str]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Keys of VALUES, and how much each counts: of documents and their ends each name once, so that one person's records
    are one; what is hidden of a name may be anybody's."""
    facts, n = features.facts, len(features.facts)
    who = np.where(features.names.length[facts.name] > 0, facts.name.astype(np.int64), -1 - np.arange(n))
    for of in (np.zeros(n, np.uint64), _rosters(facts, partners)):
        if of.any():
            yield _key(maker, of, EVERY, np.zeros(n, np.int64)), np.ones(n)
        for at, (name, (unknown, _)) in enumerate(VALUES.items(), start=1):
            value = getattr(facts, name)
            once = np.ones(n)
            if name in BY_NAME:
                there = np.flatnonzero(value != unknown)
                order = there[np.lexsort((who[there], value[there], of[there]))]
                again = (who[order][1:] == who[order][:-1]) & (value[order][1:] == value[order][:-1])
                once[order[1:][again & (of[order][1:] == of[order][:-1])]] = 0
            yield _key(maker, of, at, value), once
