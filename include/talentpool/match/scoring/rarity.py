"""Say how common a name, a county, a station and a hire date are in this pool, so that each value weighs by its own rarity.

Names are counted by people, by name, by surname and by given name, and by their sounds; the others by records. Real names
are no product of their characters: a given name is in fashion within a region and a generation. So the pool itself is
counted at each full run, and the counts are kept with it under keyed hashes (match_run.commons) for the runs that follow
changes. A pool says little of a name that few bear. There the reference tables count as so many people more, and a name
that the pool holds once or twice is expected to be about as common as its surname and its given name make it (a gamma
prior of shape 1 with that mean).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from talentpool.match.candidates.keys import KINDS, KeyMaker
from talentpool.match.candidates.pairs import Candidates
from talentpool.match.facts.features import NO_DATE, Facts, Features
from talentpool.match.facts.forms import Names
from talentpool.match.facts.frequencies import SMALLEST
from talentpool.match.scoring.compare import SHARED_MOBILE_MAX
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
COUNTY_REFERENCE, HIRED_REFERENCE = 0.05, 5e-4
"""Shares of a county and of a hire date in the reference."""
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
    for column in (facts.tail, facts.document):
        agree |= (column[left] != 0) & (column[left] == column[right])
    return np.asarray(agree)


def count_commons(features: Features, candidates: Candidates, maker: KeyMaker) -> Commons:
    """Count the names, counties, stations and hire dates of all records there are."""
    people = people_by_name(features, candidates)
    keys, counts = list[np.ndarray](), list[np.ndarray]()
    plain = [(key, np.ones(len(key))) for key in _plain(features.facts, maker)]
    for key, of in [*((key, people) for key in _names(features.names, maker)), *plain]:
        each, place = np.unique(key, return_inverse=True)
        count = np.bincount(place, of, len(each)).astype(np.int64)
        keys.append(each[count > 1])
        counts.append(count[count > 1])
    every, order = np.unique(np.concatenate(keys), return_index=True)
    return Commons(int(people.sum()), len(features.facts), every, np.concatenate(counts)[order])


def with_shares(features: Features, commons: Commons, maker: KeyMaker) -> Features:
    """Features with the shares that the pool and the reference together expect of each value."""
    names, facts = features.names, features.facts
    whole, surname, given, sound, surname_sound, given_sound = (commons.of(key) for key in _names(names, maker))
    share = _share(whole, surname, given, commons.people, names.surname_share, names.share)
    sounding = _share(sound, surname_sound, given_sound, commons.people, names.surname_sound_share, names.sound_share)
    county, station, hired = (commons.of(key) for key in _plain(facts, maker))
    at_station = np.minimum((station + AT_STATION) / (county + AT_COUNTY), 1.0)
    return Features(
        replace(
            facts,
            county_share=_of_records(county, commons.records, COUNTY_REFERENCE),
            station_share=at_station.astype(np.float32),
            hired_share=_of_records(hired, commons.records, HIRED_REFERENCE),
        ),
        replace(names, share=share, sound_share=np.maximum(share, sounding)),
    )


def _of_records(count: np.ndarray, records: int, reference: float) -> np.ndarray:
    """Share of the records that have a value: of pool and reference together, and no less than the pool alone shows, where
    the two that are compared are not counted."""
    together = (count + reference * REFERENCE) / (records + REFERENCE)
    alone = (count - 2) / (records + DOUBT)
    return np.asarray(np.maximum(together, alone), np.float32)


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


def _plain(facts: Facts, maker: KeyMaker) -> list[np.ndarray]:
    """Keys of the county, the station and the hire date."""
    columns = (facts.county, facts.station, facts.hired)
    return [
        maker.macs(KIND, np.full(len(facts), at, np.uint64), column.astype(np.int64) ^ PLAIN)
        for at, column in enumerate(columns, start=1)
    ]
