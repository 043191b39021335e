"""Join pairs into persons, the strongest first, under the guards; no order of rows changes the result.

A group of records that hang together and in which nothing speaks against one person is one. Where something does (two
document numbers, two birth dates, a person's judgement, too many records), its pairs are taken one by one: what would break
a guard is left apart, and a record that fits two people about equally well goes to neither. Both go to review.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from talentpool.match.facts.features import NO_DATE
from talentpool.match.persons.groups import Groups
from talentpool.match.scoring.compare import births_contradict

LARGEST = 6
"""A person of more records than this is looked at by somebody, unless one document number holds them together."""
CLEAR = 10.0
"""Bits by which one person must fit better than another for a record to go there, when both are likely enough."""
STRONG = 8.0
"""Bits from which a contradicting birth date does not keep two records apart."""
HUMAN = float("inf")


@dataclass(frozen=True, order=True)
class Link:
    """Two records (positions, left < right) that are one person, and how sure that is (bits; HUMAN = a person said so)."""

    left: int
    right: int
    bits: float


@dataclass(frozen=True, repr=False)
class Links:
    """Pairs as columns: positions, left < right, each pair once, and bits."""

    left: np.ndarray
    right: np.ndarray
    bits: np.ndarray

    def take(self, at: np.ndarray) -> Links:
        return Links(self.left[at], self.right[at], self.bits[at])


@dataclass(frozen=True, repr=False)
class Own:
    """What each record says of itself, by position. `document`: a code of its valid number, 0 for none; `birth`: days since
    1970, or NO_DATE; `name`: a code of its whole name and county, 0 where the name is hidden in part or the county unknown."""

    document: np.ndarray
    birth: np.ndarray
    name: np.ndarray

    def __len__(self) -> int:
        return len(self.document)

    def take(self, at: np.ndarray) -> Own:
        return Own(self.document[at], self.birth[at], self.name[at])


@dataclass(frozen=True)
class Clusters:
    """`root` by record, the smallest position of its person; `doubtful` links that were not followed."""

    root: np.ndarray
    doubtful: list[Link]


class _State(Groups[int]):
    """Groups of records by position, under the guards."""

    def __init__(self, own: Own, different: np.ndarray, guarded: np.ndarray) -> None:
        self._number, self._name = own.document.tolist(), own.name.tolist()
        numbers = {record: number for record, number in enumerate(self._number) if number}
        super().__init__(numbers, map(tuple, different.tolist()))
        self._guarded: dict[int, set[int]] = defaultdict(set)
        for one, other in guarded.tolist():
            self._guarded[one].add(other)
            self._guarded[other].add(one)
        self._births = [None if born == NO_DATE else born for born in own.birth.tolist()]

    def may_unite(self, a: int, b: int, bits: float) -> bool:
        """No two document numbers and no judgement against it; nor two birth dates, nor a crowd, unless somebody judged so."""
        numbers = self.numbers(a) | self.numbers(b)
        if len(numbers) > 1 or self.told_apart(a, b):
            return False
        if bits == HUMAN:
            return True
        if self.held_apart(a, b):
            return False
        one_number = self.numbers(a) == self.numbers(b) != set()
        if len(self.of(a)) + len(self.of(b)) > LARGEST and not one_number:
            return False
        return bits >= STRONG or not self._births_contradict(a, b)

    def held_apart(self, a: int, b: int) -> bool:
        """Whether a guard holds a record of the one group and one of the other apart, and nothing in them explains it."""
        few, other = (a, b) if len(self.of(a)) <= len(self.of(b)) else (b, a)
        return any(
            self.root(far) == other and not self._is_a_spelling(member, far, (few, other))
            for member in self.of(few)
            for far in self._guarded.get(member, ())
        )

    def _is_a_spelling(self, one: int, other: int, groups: tuple[int, int]) -> bool:
        """Whether a document number stands beside the name of the one and, elsewhere in the groups, beside that of the other: one
        name, written in two ways. A number that both bear explains nothing: it is what was borrowed."""
        number, name = self._number, self._name
        if number[one] == number[other] or name[one] == name[other]:
            return False
        return any(
            (number[one] and number[third] == number[one] and name[third] and name[third] == name[other])
            or (number[other] and number[third] == number[other] and name[third] and name[third] == name[one])
            for group in groups
            for third in self.of(group)
        )

    def _births_contradict(self, a: int, b: int) -> bool:
        ours = {self._births[m] for m in self.of(a)} - {None}
        theirs = {self._births[m] for m in self.of(b)} - {None}
        return bool(ours and theirs) and all(births_contradict(x, y) for x in ours for y in theirs if x and y)


def cluster(own: Own, links: Links, different: np.ndarray, guarded: np.ndarray) -> Clusters:
    """Cluster records by position.

    Args:
        links: pairs that are one person by evidence, or by somebody's judgement.
        different: (n, 2) pairs that somebody judged different.
        guarded: (n, 2) pairs that a guard holds apart: no third record unites them, a person's judgement does.
    """
    count = len(own)
    if not len(links.left):
        return Clusters(np.arange(count), [])
    graph = coo_array((np.ones(len(links.left), np.int8), (links.left, links.right)), (count, count))
    group = connected_components(graph, directed=False)[1]
    first = np.unique(group, return_index=True)[1]
    root = first[group]
    hard = _hard(group, own, np.concatenate([different, guarded]))
    if hard.any():
        inside = np.flatnonzero(hard[group])
        place = np.full(count, -1)
        place[inside] = np.arange(len(inside))
        apart, held = (place[pairs][(place[pairs] >= 0).all(axis=1)] for pairs in (different, guarded))
        these = links.take(hard[group[links.left]])
        near = Links(place[these.left], place[these.right], these.bits)
        parts = _carefully(own.take(inside), near, apart, held)
        root[inside] = inside[parts.root]
        doubtful = [Link(int(inside[one.left]), int(inside[one.right]), one.bits) for one in parts.doubtful]
        return Clusters(root, doubtful)
    return Clusters(root, [])


def _hard(group: np.ndarray, own: Own, different: np.ndarray) -> np.ndarray:
    """By group: whether something speaks against its being one person."""
    size = np.bincount(group)
    hard = size > LARGEST
    at = np.flatnonzero(size[group] > 1)
    for column, unknown in ((own.document, 0), (own.birth, NO_DATE)):
        known = at[column[at] != unknown]
        order = known[np.argsort(group[known], kind="stable")]
        near = group[order][1:] == group[order][:-1]
        hard[group[order][1:][near & (column[order][1:] != column[order][:-1])]] = True
    hard[group[different.ravel()]] |= size[group[different.ravel()]] > 1
    return np.asarray(hard)


def _carefully(own: Own, near: Links, different: np.ndarray, guarded: np.ndarray) -> Clusters:
    """Groups in which something speaks against one person, each pair by itself."""
    left, right = near.left, near.right
    state = _State(own, different, guarded)
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), (len(own),) * 2)
    of = connected_components(graph, directed=False)[1][left]
    order = np.argsort(of, kind="stable")
    links = [
        Link(*one) for one in zip(left[order].tolist(), right[order].tolist(), near.bits[order].tolist(), strict=True)
    ]
    ends = [*np.flatnonzero(np.diff(of[order])) + 1, len(links)]
    doubtful: list[Link] = []
    begin = 0
    for end in ends:
        doubtful += _one_by_one(state, links[begin:end])
        begin = end
    return Clusters(np.array([state.root(record) for record in range(len(own))]), doubtful)


def _one_by_one(state: _State, links: list[Link]) -> list[Link]:
    """Follow the links of one group, the strongest first; those left out."""
    near: dict[int, list[Link]] = defaultdict(list)
    for link in links:
        near[link.left].append(link)
        near[link.right].append(link)
    doubtful = []
    for link in sorted(links, key=lambda one: (-one.bits, one.left, one.right)):
        a, b = state.root(link.left), state.root(link.right)
        if a == b:
            continue
        if not state.may_unite(a, b, link.bits) or _fits_another(state, near, link, a, b):
            doubtful.append(link)
        else:
            state.unite(a, b)
    return [link for link in doubtful if state.root(link.left) != state.root(link.right)]


def _fits_another(state: _State, near: dict[int, list[Link]], link: Link, a: int, b: int) -> bool:
    """Whether one side fits somebody about as well who cannot be the other side: a person of another number, or one whom
    a guard holds apart from it. A side with a number of its own is not asked: the number says who it is."""
    if link.bits == HUMAN:
        return False
    sides = [(bare, to) for bare, to in ((a, b), (b, a)) if not state.numbers(bare)]
    return any(_has_rival(state, near, link, bare, to) for bare, to in sides)


def _has_rival(state: _State, near: dict[int, list[Link]], link: Link, bare: int, to: int) -> bool:
    wanted = state.numbers(to)
    for member in state.of(bare):
        for other in near[member]:
            far = state.root(other.right if other.left == member else other.left)
            if far in (bare, to) or other.bits < link.bits - CLEAR or state.told_apart(bare, far):
                continue
            numbers = state.numbers(far)
            if (wanted and numbers and numbers != wanted) or state.held_apart(to, far):
                return True
    return False
