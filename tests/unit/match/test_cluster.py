"""Links to persons: no order of rows matters, no guard is broken, what is doubtful is kept for somebody to look at."""

from __future__ import annotations

import random

import numpy as np
import pytest

from talentpool.match.facts.features import NO_DATE
from talentpool.match.persons.cluster import HUMAN, LARGEST, STRONG, Link, Links, Own, cluster

BORN, LATER = 7000, 9000
Parts = tuple[set[frozenset[int]], list[Link]]


def parts(documents: list[int], links: list[Link], different=(), births=None, guarded=()) -> Parts:
    born = [NO_DATE if day is None else day for day in births or [None] * len(documents)]
    columns = [[link.left for link in links], [link.right for link in links]]
    found = cluster(
        Own(np.array(documents), np.array(born), np.zeros(len(documents), np.int64)),
        Links(*(np.array(column, np.int64) for column in columns), np.array([link.bits for link in links])),
        *(np.array(pairs, np.int64).reshape(-1, 2) for pairs in (different, guarded)),
    )  # fmt: skip
    groups: dict[int, set[int]] = {}
    for record, root in enumerate(found.root.tolist()):
        groups.setdefault(root, set()).add(record)
    return {frozenset(group) for group in groups.values()}, found.doubtful


@pytest.mark.parametrize("seed", range(30))
def test_clusters_do_not_depend_on_order_and_break_no_guard(seed: int) -> None:
    rng = random.Random(seed)
    documents = [rng.randrange(1, 9) if rng.random() < 0.4 else 0 for _ in range(30)]
    births = [rng.choice([None, BORN, BORN, LATER]) for _ in range(30)]
    pairs = {tuple(sorted(rng.sample(range(30), 2))) for _ in range(rng.randrange(60))}
    links = [Link(a, b, float(rng.choice([4, 6, 12, 20, 35]))) for a, b in pairs]
    different = [tuple(sorted(rng.sample(range(30), 2))) for _ in range(2)]
    first, doubtful = parts(documents, links, different, births)
    for _ in range(5):
        again, _ = parts(documents, rng.sample(links, len(links)), rng.sample(different, 2), births)
        assert again == first
    root = {record: group for group in first for record in group}
    for group in first:
        numbers = {documents[record] for record in group} - {0}
        assert len(numbers) <= 1
        assert len(group) <= LARGEST or numbers
        assert not any(a in group and b in group for a, b in different)
    assert all(root[link.left] != root[link.right] for link in doubtful)
    followed = {link for link in links if root[link.left] == root[link.right]}
    assert followed | set(doubtful) == set(links), "a link is followed, or somebody is asked"


def test_a_record_that_fits_two_numbers_about_equally_goes_to_neither() -> None:
    near = [Link(0, 2, 12.0), Link(1, 2, 11.0)]
    assert parts([1, 2, 0], near) == ({frozenset({0}), frozenset({1}), frozenset({2})}, near)
    clear = [Link(0, 2, 30.0), Link(1, 2, 6.0)]
    assert parts([1, 2, 0], clear) == ({frozenset({0, 2}), frozenset({1})}, clear[1:])


def test_a_persons_word_weighs_more_than_any_score_and_is_carried_along() -> None:
    links = [Link(0, 1, 40.0), Link(1, 2, 40.0)]
    groups, doubtful = parts([0, 0, 0], links, different=[(0, 2)])
    assert not any({0, 2} <= group for group in groups)
    assert len(doubtful) == 1
    assert parts([0, 0], [Link(0, 1, HUMAN)], births=[BORN, LATER])[0] == {frozenset({0, 1})}


def test_two_birth_dates_need_strong_evidence_and_a_crowd_needs_one_number() -> None:
    weak, strong = [Link(0, 1, STRONG - 1)], [Link(0, 1, STRONG)]
    assert parts([0, 0], weak, births=[BORN, LATER]) == ({frozenset({0}), frozenset({1})}, weak)
    assert parts([0, 0], strong, births=[BORN, LATER])[0] == {frozenset({0, 1})}
    crowd = [Link(0, n, 20.0) for n in range(1, LARGEST + 2)]
    assert max(map(len, parts([0] * (LARGEST + 2), crowd)[0])) == LARGEST
    assert parts([5] * (LARGEST + 2), crowd)[0] == {frozenset(range(LARGEST + 2))}


def test_what_a_guard_holds_apart_no_third_unites_and_a_person_does() -> None:
    links = [Link(0, 1, 14.0), Link(1, 2, 12.0)]
    groups, doubtful = parts([0, 0, 0], links, guarded=[(0, 2)])
    assert groups == {frozenset({0}), frozenset({1}), frozenset({2})} and doubtful == links, "1 fits both"
    clear = [Link(0, 1, 30.0), Link(1, 2, 12.0)]
    assert parts([0, 0, 0], clear, guarded=[(0, 2)]) == ({frozenset({0, 1}), frozenset({2})}, clear[1:])
    said = [Link(0, 1, HUMAN), Link(1, 2, HUMAN)]
    assert parts([0, 0, 0], said, guarded=[(0, 2)]) == ({frozenset({0, 1, 2})}, [])
