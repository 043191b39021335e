"""Whether words on pairs can all be true: "same" carries over, "different" keeps whole groups apart, a person has one
document number. Words alone, before any score is asked."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

Pair = tuple[UUID, UUID]


class Words:
    """Groups of records that somebody called one person.

    Args:
        documents: record -> blind index of its valid document number, or None.
        said: pair -> same, different or unsure; these are taken as they are.
    """

    def __init__(self, documents: Mapping[UUID, UUID | None], said: Mapping[Pair, str]) -> None:
        self._documents = documents
        self._parent: dict[UUID, UUID] = {}
        self._members: dict[UUID, set[UUID]] = {}
        self._apart: dict[UUID, set[UUID]] = {}
        for pair, verdict in said.items():
            self.add(pair, verdict)

    def against(self, pair: Pair, verdict: str) -> str | None:
        """What speaks against one more word, in words; None = nothing."""
        one, other = self._root(pair[0]), self._root(pair[1])
        if verdict == "different" and one == other:
            return "its records are one person by other words, of this file or on record"
        if verdict == "same" and one != other:
            if self._told_apart(one, other):
                return "its people were told apart by other words, of this file or on record"
            if len(self._numbers(one) | self._numbers(other)) > 1:
                return "two valid document numbers never share a person"
        return None

    def add(self, pair: Pair, verdict: str) -> None:
        """Take a word as true."""
        if verdict == "different":
            self._apart.setdefault(pair[0], set()).add(pair[1])
            self._apart.setdefault(pair[1], set()).add(pair[0])
        elif verdict == "same":
            one, other = self._root(pair[0]), self._root(pair[1])
            if one != other:
                few, many = sorted((one, other), key=lambda root: len(self._of(root)))
                self._members[many] = self._of(many) | self._of(few)
                self._members.pop(few, None)
                self._parent[few] = many

    def _root(self, record: UUID) -> UUID:
        while (parent := self._parent.get(record, record)) != record:
            record = parent
        return record

    def _of(self, root: UUID) -> set[UUID]:
        return self._members.get(root, {root})

    def _numbers(self, root: UUID) -> set[UUID]:
        return {number for member in self._of(root) if (number := self._documents.get(member)) is not None}

    def _told_apart(self, one: UUID, other: UUID) -> bool:
        there = self._of(other)
        return any(not there.isdisjoint(self._apart.get(member, ())) for member in self._of(one))
