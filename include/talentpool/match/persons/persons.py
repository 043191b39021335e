"""Keep person ids: made once, opaque, kept when clusters change; every change of a person is an event.

An id is a keyed hash of the founding record, so that the same deliveries give the same ids again. Of the persons that
a cluster's records had before, the one with most of them goes on, ties to the one
that was founded first: whose founding record would found the whole, were it new.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import numpy as np

from talentpool.guard import Blinder, KeyRing
from talentpool.match.facts.ids import ID, NOBODY, raw


@dataclass(frozen=True)
class Founded:
    """A person's founding record and its first_seen."""

    record: UUID
    on: date


@dataclass(frozen=True, repr=False)
class Minted:
    """New persons as columns: id, founding record, its first_seen in days since 1970."""

    person: np.ndarray
    record: np.ndarray
    on: np.ndarray

    def take(self, at: np.ndarray) -> Minted:
        return Minted(self.person[at], self.record[at], self.on[at])


@dataclass
class Assignment:
    """`person_of`: record -> person; `minted`: new persons; `events`: (kind, goes on, other)."""

    person_of: dict[UUID, UUID] = field(default_factory=dict)
    minted: dict[UUID, Founded] = field(default_factory=dict)
    events: list[tuple[str, UUID, UUID]] = field(default_factory=list)


def changed(root: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which records (bool) are in clusters of nobody known before; which in clusters that are others than they were.

    Args:
        root: cluster by record.
        before: (n,) id of the person that the record was, NOBODY for none.
    """
    _, cluster, size = np.unique(root, return_inverse=True, return_counts=True)
    owners, owner, had = np.unique(before, return_inverse=True, return_counts=True)
    known = before != NOBODY
    least, most = np.full(len(size), len(owners)), np.full(len(size), -1)
    np.minimum.at(least, cluster, owner)
    np.maximum.at(most, cluster, owner)
    anybody = np.bincount(cluster, known, len(size)) > 0
    same = anybody & (least == most) & (had[most] == size)
    return ~anybody[cluster], (anybody & ~same)[cluster]


def found(root: np.ndarray, ids: np.ndarray, first_seen: np.ndarray, keys: KeyRing) -> tuple[Minted, np.ndarray]:
    """Persons of clusters of whom nobody was known: who they are, and by record which of them it is."""
    order = np.lexsort((ids, first_seen, root))
    _, starts, place = np.unique(root[order], return_index=True, return_inverse=True)
    founder = order[starts]
    person = first_ids(ids[founder], keys)
    which = np.empty(len(root), np.int64)
    which[order] = place
    return Minted(person, ids[founder], first_seen[founder]), which


def first_ids(records: np.ndarray, keys: KeyRing) -> np.ndarray:
    """The id of a person whom each record founds, where it is nobody's yet."""
    mint = Blinder(keys.key("person_id")).one
    return np.frombuffer(b"".join([mint(record) for record in raw(records)]), ID)


def assign(
    clusters: list[list[UUID]],
    first_seen: dict[UUID, date],
    before: dict[UUID, UUID],
    known: dict[UUID, Founded],
    taken: Callable[[UUID], bool],
    keys: KeyRing,
) -> Assignment:
    """Give each cluster a person id.

    Args:
        clusters: record ids, all that were touched.
        first_seen: by record.
        before: record -> person it had.
        known: the persons in `before`.
        taken: whether an id is somebody else's already.
    """
    claims = []
    for members in clusters:
        for person, count in Counter(before[m] for m in members if m in before).items():
            claims.append((-count, known[person].on, known[person].record, person, min(members)))
    result = Assignment()
    kept: dict[UUID, UUID] = {}  # smallest member -> person
    given: set[UUID] = set()
    for *_, person, smallest in sorted(claims):
        if person not in given and smallest not in kept:
            given.add(person)
            kept[smallest] = person
    mint = Blinder(keys.key("person_id")).one
    for members in sorted(clusters, key=min):
        smallest = min(members)
        if smallest not in kept:
            kept[smallest], founded = _mint(mint, members, first_seen, lambda p: p in given or taken(p))
            result.minted[kept[smallest]] = founded
            given.add(kept[smallest])
        result.person_of.update(dict.fromkeys(members, kept[smallest]))
    result.events = _events(clusters, before, result.person_of)
    return result


def _mint(
    mint: Callable[[bytes], bytes], members: list[UUID], first_seen: dict[UUID, date], taken: Callable[[UUID], bool]
) -> tuple[UUID, Founded]:
    """The founding record's id; where that is in use (its first bearer went on elsewhere), the next generation's."""
    founder = min(members, key=lambda m: (first_seen[m], m))
    generation = 0
    while True:
        person = UUID(bytes=mint(founder.bytes + (b"|%d" % generation if generation else b"")))
        if not taken(person):
            return person, Founded(founder, first_seen[founder])
        generation += 1


def _events(
    clusters: list[list[UUID]], before: dict[UUID, UUID], after: dict[UUID, UUID]
) -> list[tuple[str, UUID, UUID]]:
    """merge: all records of `other` are `goes on`'s now; split: some of `goes on`'s records are `other`'s now."""
    went: dict[UUID, set[UUID]] = defaultdict(set)
    for members in clusters:
        for member in members:
            if member in before:
                went[before[member]].add(after[member])
    events = set()
    for old, news in went.items():
        if old in news:
            events |= {("split", old, new) for new in news - {old}}
        else:
            events |= {("merge", new, old) for new in news}
    return sorted(events)
