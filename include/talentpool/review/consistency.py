"""Check whether judgements on pairs can all be true: "same" carries over, "different" keeps whole groups apart, a person
has one document number. Judgements alone, before any score is asked."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from talentpool.match.persons.groups import Groups

Pair = tuple[UUID, UUID]


class Consistency:
    """The judgements so far, each of which can be true beside the others.

    Args:
        documents: record -> blind index of its valid document number, or None.
        judged: pair -> same, different or unsure; these are taken as they are.
    """

    def __init__(self, documents: Mapping[UUID, UUID | None], judged: Mapping[Pair, str]) -> None:
        self._groups = Groups[UUID]({record: number for record, number in documents.items() if number is not None})
        for pair, verdict in judged.items():
            self.add(pair, verdict)

    def against(self, pair: Pair, verdict: str) -> str | None:
        """What speaks against one more judgement, as a sentence; None = nothing."""
        groups = self._groups
        left, right = map(groups.root, pair)
        if verdict == "different" and left == right:
            return "its records are one person by other judgements, of this file or on record"
        if verdict == "same" and left != right:
            if groups.told_apart(left, right):
                return "its people were told apart by other judgements, of this file or on record"
            if len(groups.numbers(left) | groups.numbers(right)) > 1:
                return "two valid document numbers never share a person"
        return None

    def add(self, pair: Pair, verdict: str) -> None:
        """Take a judgement as true."""
        if verdict == "different":
            self._groups.part(*pair)
        elif verdict == "same":
            left, right = map(self._groups.root, pair)
            if left != right:
                self._groups.unite(left, right)
