"""Groups of records: the same whatever the order in which they are united, and what is known of one is of all."""

from __future__ import annotations

import random
from itertools import combinations
from uuid import UUID

import pytest

from talentpool.match.persons.groups import Groups
from talentpool.review.consistency import Consistency

COUNT = 24


def united(pairs: list[tuple[int, int]], numbers: dict[int, int], apart: list[tuple[int, int]]) -> Groups[int]:
    groups = Groups(numbers, apart)
    for one, other in pairs:
        a, b = groups.root(one), groups.root(other)
        if a != b:
            groups.unite(a, b)
    return groups


@pytest.mark.parametrize("seed", range(20))
def test_a_group_is_called_by_its_smallest_record_and_holds_what_its_records_hold(seed: int) -> None:
    rng = random.Random(seed)
    pairs = [(a, b) for a, b in (rng.sample(range(COUNT), 2) for _ in range(rng.randrange(30)))]
    numbers = {record: rng.randrange(5) for record in range(COUNT) if rng.random() < 0.5}
    apart = [(a, b) for a, b in (rng.sample(range(COUNT), 2) for _ in range(5))]
    groups, again = united(pairs, numbers, apart), united(rng.sample(pairs, len(pairs)), numbers, apart[::-1])
    roots = [groups.root(record) for record in range(COUNT)]
    assert roots == [again.root(record) for record in range(COUNT)]
    for root in set(roots):
        members = {record for record in range(COUNT) if roots[record] == root}
        assert set(groups.of(root)) == members and root == min(members)
        assert groups.numbers(root) == {numbers[member] for member in members if member in numbers}
    for a, b in combinations(sorted(set(roots)), 2):
        told = any({roots[x], roots[y]} == {a, b} for x, y in apart)
        assert groups.told_apart(a, b) == groups.told_apart(b, a) == told
    assert all(roots[a] == roots[b] for a, b in pairs)


def test_words_carry_over_however_many_speak_of_one_person() -> None:
    records = [UUID(int=number) for number in range(20_000)]
    consistent = Consistency(
        {records[0]: UUID(int=1), records[-1]: UUID(int=2)}, {(records[1], records[-2]): "different"}
    )
    for record in records[1:-2]:
        assert consistent.against((records[0], record), "same") is None
        consistent.add((records[0], record), "same")
    assert "told apart" in str(consistent.against((records[5], records[-2]), "same"))
    assert "two valid document numbers" in str(consistent.against((records[5], records[-1]), "same"))
    assert "one person" in str(consistent.against((records[5], records[6]), "different"))
    assert consistent.against((records[-2], records[-1]), "same") is None
