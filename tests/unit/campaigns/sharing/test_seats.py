"""Seats of counties and partners: whatever the people, whatever the stock."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from talentpool.campaigns.sharing import Cell, seats_of, stock_until
from talentpool.declare.stock import CITY

COUNTIES, PARTNERS = ("140403", "140404", "140430", "140426"), ("didi", "meituan", "postal", "sf")
PEOPLE = st.dictionaries(
    st.tuples(st.sampled_from(COUNTIES), st.sampled_from(PARTNERS)), st.integers(1, 40), min_size=1, max_size=16
)


def _sums(counts: dict[Cell, int], by: int) -> Counter[str]:
    sums: Counter[str] = Counter()
    for cell, count in counts.items():
        sums[cell[by]] += count
    return sums


@given(PEOPLE)
def test_more_stock_never_takes_a_seat_from_any_group(people: dict[Cell, int]) -> None:
    before = dict.fromkeys(people, 0)
    for number in range(sum(people.values()) + 3):
        seats = seats_of(people, {CITY: number})
        assert sum(seats.values()) == min(number, sum(people.values())), "all is handed out, and no more than there is"
        assert all(before[cell] <= seats[cell] <= people[cell] for cell in people)
        before = seats
    assert before == people


def _can_all_be_met(people: dict[Cell, int]) -> bool:
    """Whether each partner can be given a county of its own, by trying."""

    def met(partners: list[str], taken: frozenset[str]) -> bool:
        if not partners:
            return True
        own = {county for county, partner in people if partner == partners[0]} - taken
        return any(met(partners[1:], taken | {county}) for county in own)

    return met(sorted({partner for _, partner in people}), frozenset())


@given(PEOPLE)
def test_no_county_and_no_partner_is_left_at_zero_while_another_gets_two(people: dict[Cell, int]) -> None:
    counties, partners = _sums(people, 0), _sums(people, 1)
    all_can = _can_all_be_met(people)
    for number in range(sum(people.values()) + 1):
        seats = seats_of(people, {CITY: number})
        by_county, by_partner = _sums(seats, 0), _sums(seats, 1)
        assert min(by_county.values()) >= 1 or max(by_county.values()) <= 1
        for county in counties:
            own = [count for (of, _), count in seats.items() if of == county]
            assert min(own) >= 1 or max(own) <= 1, "nor a partner inside a county"
        if all_can or number >= len(counties) + len(partners):
            assert min(by_partner.values()) >= 1 or max(by_partner.values()) <= 1


@given(PEOPLE, st.integers(0, 60))
def test_beyond_the_first_seats_nobody_would_rather_have_anothers_last(people: dict[Cell, int], number: int) -> None:
    """What the divisor method is: of two counties, none has a seat that the other has the better claim to."""
    seats = _sums(seats_of(people, {CITY: number}), 0)
    sizes = _sums(people, 0)
    least = 1 + len(PARTNERS)  # what the seats that come first may give to one county
    for rich in COUNTIES:
        for poor in COUNTIES:
            if seats[rich] > least and 0 < seats[poor] < sizes[poor]:
                assert sizes[rich] / (2 * seats[rich] - 1) >= sizes[poor] / (2 * seats[poor] + 1)


@given(PEOPLE, st.dictionaries(st.sampled_from(COUNTIES), st.integers(0, 50)))
def test_what_a_county_has_stays_in_the_county(people: dict[Cell, int], shares: dict[str, int]) -> None:
    shares = shares or {COUNTIES[0]: 1}
    seats = seats_of(people, shares)
    sizes = _sums(people, 0)
    assert _sums(seats, 0) == {county: min(shares.get(county, 0), sizes[county]) for county in sizes}


@given(PEOPLE, st.data())
def test_how_much_it_takes_until_somebody_is_reached(people: dict[Cell, int], data: st.DataObject) -> None:
    cell = data.draw(st.sampled_from(sorted(people)))
    place = data.draw(st.integers(1, people[cell]))
    number = stock_until(people, cell, place)
    assert seats_of(people, {CITY: number})[cell] >= place
    assert seats_of(people, {CITY: number - 1})[cell] < place


def _largest_remainders(sizes: Counter[str], number: int) -> dict[str, int]:
    """The method that the product does not use."""
    whole = sum(sizes.values())
    seats = {name: size * number // whole for name, size in sizes.items()}
    left = sorted(sizes, key=lambda name: (-(sizes[name] * number % whole), name))
    return {name: seats[name] + (name in left[: number - sum(seats.values())]) for name in sizes}


def test_alabama_keeps_its_seats() -> None:
    people = {("140403", "postal"): 60, ("140404", "postal"): 60, ("140430", "postal"): 20}
    small, sizes = "140430", _sums(people, 0)
    assert [_largest_remainders(sizes, number)[small] for number in (10, 11)] == [2, 1], (
        "one kit more, and one taken away"
    )
    assert [seats_of(people, {CITY: number})[small, "postal"] for number in (10, 11, 12)] == [1, 1, 2]


def test_a_partner_of_one_county_is_not_forgotten() -> None:
    """Twelve seats for twelve counties: the one county that has a rare partner's people gives its first seat to them."""
    people = {(f"1404{number:02}", "postal"): 100 for number in range(12)} | {("140405", "didi"): 1}
    seats = seats_of(people, {CITY: 12})
    assert seats["140405", "didi"] == 1
    assert _sums(seats, 0) == dict.fromkeys({county for county, _ in people}, 1)


def test_half_a_million_seats_are_shared_out_whole() -> None:
    people = {(f"{number:06}", partner): 20_000 + number for number in range(12) for partner in PARTNERS}
    assert sum(seats_of(people, {CITY: 500_000}).values()) == 500_000
