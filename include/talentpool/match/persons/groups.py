"""Unite records step by step into people, with each group's document numbers and whom it is told apart from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Generic, TypeVar

R = TypeVar("R", bound=Any)
"""What a record is called: anything that has an order, so that a group's root is its smallest record."""


class Groups(Generic[R]):
    """Everybody alone at first.

    Args:
        numbers: record -> its document number, of records that have one.
        apart: pairs that are told apart.
    """

    def __init__(self, numbers: Mapping[R, Hashable], apart: Iterable[tuple[R, R]] = ()) -> None:
        self._parent: dict[R, R] = {}
        self._members: dict[R, list[R]] = {}
        self._numbers = {record: {number} for record, number in numbers.items()}
        self._apart: dict[R, set[R]] = defaultdict(set)
        for pair in apart:
            self.part(*pair)

    def root(self, record: R) -> R:
        """What the group is called."""
        root = record
        while (parent := self._parent.get(root, root)) != root:
            root = parent
        while record != root:
            self._parent[record], record = root, self._parent[record]
        return root

    def of(self, root: R) -> list[R]:
        """The records of a group."""
        return self._members.get(root, [root])

    def numbers(self, root: R) -> set[Hashable]:
        """The document numbers of a group."""
        return self._numbers.get(root, set())

    def part(self, one: R, other: R) -> None:
        """Tell two records, and so their groups, apart."""
        self._apart[one].add(other)
        self._apart[other].add(one)

    def told_apart(self, a: R, b: R) -> bool:
        """Whether a record of the one group (by root) was told apart from one of the other."""
        few, other = (a, b) if len(self.of(a)) <= len(self.of(b)) else (b, a)
        return any(self.root(far) == other for member in self.of(few) for far in self._apart.get(member, ()))

    def unite(self, a: R, b: R) -> None:
        """Make one group of two roots."""
        a, b = min(a, b), max(a, b)
        few, many = sorted((self.of(a), self.of(b)), key=len)
        many.extend(few)  # the longer list goes on, so that a large group does not cost its size each time
        self._members[a] = many
        self._members.pop(b, None)
        if b in self._numbers:
            self._numbers[a] = self._numbers.get(a, set()) | self._numbers.pop(b)
        self._parent[b] = a
