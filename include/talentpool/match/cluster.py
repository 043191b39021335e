"""Edges to persons: union, strongest rule first, under the guards; the result does not depend on any order of rows.

At each strength the clusters that its edges connect are looked at together. If they hold one document number at most,
they are one person. If they hold several, a cluster without a number joins the only number it touches; what touches
two is left apart and goes to review, never to the first hit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

Pair = tuple[UUID, UUID]


@dataclass
class Clustering:
    """`cluster_of`: record -> its root; `ambiguous`: edges that were refused because more than one number fits."""

    parent: dict[UUID, UUID]
    numbers: dict[UUID, frozenset[UUID]]
    apart: dict[UUID, set[UUID]]
    ambiguous: set[Pair] = field(default_factory=set)

    def root(self, record: UUID) -> UUID:
        root = record
        while self.parent[root] != root:
            root = self.parent[root]
        while self.parent[record] != root:
            self.parent[record], record = root, self.parent[record]
        return root

    def may_unite(self, a: UUID, b: UUID) -> bool:
        """Not two document numbers, and no human said that somebody here is not somebody there."""
        if len(self.numbers[a] | self.numbers[b]) > 1:
            return False
        return not any(self.root(other) == b for other in self.apart[a])

    def unite(self, a: UUID, b: UUID) -> None:
        a, b = sorted((self.root(a), self.root(b)))
        if a == b:
            return
        self.parent[b] = a
        self.numbers[a] |= self.numbers[b]
        self.apart[a] |= self.apart[b]


def cluster(
    documents: dict[UUID, UUID | None],
    same_by_strength: Iterable[Iterable[Pair]],
    different: Iterable[Pair],
) -> Clustering:
    """Cluster records.

    Args:
        documents: record -> blind index of its valid document number, or None.
        same_by_strength: edges that say "same", strongest first (a human's before any rule's).
        different: pairs that a human told apart.
    """
    state = Clustering(
        parent={record: record for record in documents},
        numbers={r: frozenset((d,)) if d else frozenset() for r, d in documents.items()},
        apart=defaultdict(set, {r: set() for r in documents}),
    )
    for a, b in different:
        if a in documents and b in documents:
            state.apart[a].add(b)
            state.apart[b].add(a)
    for edges in same_by_strength:
        _unite_level(state, sorted(edges))
    return state


def _unite_level(state: Clustering, edges: list[Pair]) -> None:
    """Unite along edges of one strength."""
    between: dict[Pair, list[Pair]] = defaultdict(list)
    for edge in edges:
        a, b = sorted((state.root(edge[0]), state.root(edge[1])))
        if a != b:
            between[a, b].append(edge)
    for group in _groups(between):
        numbers = frozenset().union(*(state.numbers[c] for c in group))
        links = sorted(pair for pair in between if pair[0] in group)
        if len(numbers) <= 1 and not _told_apart(state, group):
            for a, b in links:
                state.unite(a, b)
        else:
            _unite_carefully(state, group, links, between)


def _groups(between: dict[Pair, list[Pair]]) -> list[set[UUID]]:
    """Connected groups of clusters."""
    near: dict[UUID, set[UUID]] = defaultdict(set)
    for a, b in between:
        near[a].add(b)
        near[b].add(a)
    seen: set[UUID] = set()
    groups = []
    for start in sorted(near):
        if start in seen:
            continue
        group, queue = {start}, [start]
        while queue:
            for other in near[queue.pop()] - group:
                group.add(other)
                queue.append(other)
        seen |= group
        groups.append(group)
    return groups


def _told_apart(state: Clustering, group: set[UUID]) -> bool:
    return any(state.root(other) in group and state.root(other) != c for c in group for other in state.apart[c])


def _unite_carefully(state: Clustering, group: set[UUID], links: list[Pair], between: dict[Pair, list[Pair]]) -> None:
    """Several numbers, or a human's "different", in one group: same numbers unite, the rest only where one fits."""
    for a, b in links:
        ra, rb = state.root(a), state.root(b)
        if state.numbers[ra] and state.numbers[ra] == state.numbers[rb] and state.may_unite(ra, rb):
            state.unite(ra, rb)
    without = {c for c in group if not state.numbers[state.root(c)]}
    inner = {pair: edges for pair, edges in between.items() if pair[0] in without and pair[1] in without}
    islands = _groups(inner)
    islands += [{c} for c in sorted(without - set().union(*islands))]
    for island in islands:
        outward = [pair for pair in links if (pair[0] in island) != (pair[1] in island)]
        touched = {state.root(a if b in island else b) for a, b in outward}
        numbers = frozenset().union(*(state.numbers[t] for t in touched)) if touched else frozenset()
        inside = [pair for pair in links if pair[0] in island and pair[1] in island]
        if len(numbers) <= 1 and not _told_apart(state, island | touched):
            for a, b in inside + outward:
                state.unite(a, b)
        else:
            for pair in inside + outward:
                state.ambiguous.update(between[pair])
