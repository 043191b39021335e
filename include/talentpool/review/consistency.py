"""Check whether judgements on pairs can all be true: "same" carries over, "different" keeps whole groups apart, a person
has one document number. Judgements alone, before any score is asked."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from talentpool.match.persons.groups import Groups

Pair = tuple[UUID, UUID]


class Words:
    """What was said of pairs so far.

    Args:
        documents: record -> blind index of its valid document number, or None.
        said: pair -> same, different or unsure; these are taken as they are.
    """

    def __init__(self, documents: Mapping[UUID, UUID | None], said: Mapping[Pair, str]) -> None:
        self._groups = Groups[UUID]({record: number for record, number in documents.items() if number is not None})
        for pair, verdict in said.items():
            self.add(pair, verdict)

    def against(self, pair: Pair, verdict: str) -> str | None:
        """What speaks against one more word, in words; None = nothing."""
        groups = self._groups
        one, other = map(groups.root, pair)
        if verdict == "different" and one == other:
            return "its records are one person by other words, of this file or on record"
        if verdict == "same" and one != other:
            if groups.told_apart(one, other):
                return "its people were told apart by other words, of this file or on record"
            if len(groups.numbers(one) | groups.numbers(other)) > 1:
                return "two valid document numbers never share a person"
        return None

    def add(self, pair: Pair, verdict: str) -> None:
        """Take a word as true."""
        if verdict == "different":
            self._groups.part(*pair)
        elif verdict == "same":
            one, other = map(self._groups.root, pair)
            if one != other:
                self._groups.unite(one, other)
