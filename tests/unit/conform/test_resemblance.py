"""What agreeing and differing values come to: certain, doubtful, or somebody else."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from talentpool.conform.rows.resemblance import (
    CERTAIN,
    DOUBTFUL,
    NOT,
    Traits,
    compare,
    facets,
    lookups,
    resemblance,
    tail_of,
    usable_form,
)

WHO = bytes(range(16))
HERS = {
    "names": {"乔宁刚"}, "births": {"1993-04-04"}, "documents": {"140199199304040079"}, "tails": {"0079"},
    "mobiles": {"13763548472"}, "mobile_tails": {"8472"},
}  # fmt: skip
MASKED = HERS | {"documents": set()}


def hashed(value: bytes) -> bytes:
    return hashlib.sha256(value).digest()[:16]


def traits(values: dict[str, Any]) -> Traits:
    return Traits(**{name: frozenset(value) for name, value in values.items()})


def verdict(kept: dict[str, Any], row: dict[str, Any], *, same_number: bool = False) -> str:
    known = {kind: frozenset(values) for kind, values in facets(hashed, WHO, traits(kept)).items() if values}
    return resemblance(compare(hashed, WHO, known, traits(row)), same_number=same_number)


NAME_BIRTH = {"names": {"乔宁刚"}, "births": {"1993-04-04"}}
CASES = [
    (HERS, {"documents": {"140199199304040079"}, "names": {"别人名"}}, CERTAIN),
    (MASKED, NAME_BIRTH | {"mobiles": {"13763548472"}, "mobile_tails": {"8472"}}, CERTAIN),
    (MASKED, {"names": {"乔宁刚"}, "mobiles": {"13763548472"}}, CERTAIN),
    (HERS, NAME_BIRTH | {"tails": {"0079"}}, CERTAIN),
    (HERS, NAME_BIRTH | {"tails": {"079"}}, CERTAIN),
    (HERS, NAME_BIRTH | {"mobile_tails": {"8472"}}, CERTAIN),
    (HERS, {"names": {"乔宁刚"}, "tails": {"0079"}, "mobile_tails": {"8472"}}, CERTAIN),
    (MASKED, {"births": {"1993-04-04"}, "mobiles": {"13763548472"}}, CERTAIN),
    (HERS, NAME_BIRTH, DOUBTFUL),
    (HERS, NAME_BIRTH | {"mobiles": {"13900000001"}, "mobile_tails": {"0001"}}, DOUBTFUL),
    (HERS, NAME_BIRTH | {"mobiles": {"13900008472"}, "mobile_tails": {"8472"}}, DOUBTFUL),
    (HERS, {"names": {"乔宁刚"}, "tails": {"0079"}}, DOUBTFUL),
    (HERS, {"names": {"乔宁刚"}, "mobile_tails": {"8472"}}, DOUBTFUL),
    (HERS, {"names": {"乔宁钢"}, "births": {"1993-04-04"}, "mobiles": {"13763548472"}}, DOUBTFUL),
    (HERS, {"names": {"乔宁刚"}, "births": {"1990-01-01"}, "mobiles": {"13763548472"}}, DOUBTFUL),
    (HERS, NAME_BIRTH | {"documents": {"140199199304040095"}, "tails": {"0095"}}, NOT),
    (HERS, NAME_BIRTH | {"tails": {"0095"}}, NOT),
    (HERS, {"names": {"乔宁刚"}}, NOT),
    (HERS, {"names": {"乔宁刚"}, "births": {"1990-01-01"}}, NOT),
    (HERS, {"names": {"别人名"}, "mobiles": {"13763548472"}}, NOT),
    (HERS, {"names": {"别人名"}, "births": {"1993-04-04"}}, NOT),
    (HERS, {"tails": {"0079"}, "mobiles": {"13763548472"}, "mobile_tails": {"8472"}}, CERTAIN),
    (MASKED, {"tails": {"0079"}, "mobiles": {"13763548472"}}, CERTAIN),
    (HERS, {"tails": {"0079"}, "births": {"1993-04-04"}}, DOUBTFUL),
    (HERS, {"tails": {"0079"}, "mobile_tails": {"8472"}}, DOUBTFUL),
    (HERS, {"births": {"1993-04-04"}, "mobile_tails": {"8472"}}, DOUBTFUL),
    (HERS, {"names": {"乔宁钢"}, "tails": {"0079"}, "mobiles": {"13763548472"}}, DOUBTFUL),
    (HERS, {"tails": {"0079"}, "births": {"1990-01-01"}, "mobiles": {"13763548472"}}, NOT),
    (HERS, {"tails": {"0079"}}, NOT),
    (HERS, {"mobiles": {"13763548472"}, "mobile_tails": {"8472"}}, DOUBTFUL),
    (HERS | {"names": {"alexei"}}, {"names": {"alexei"}, "mobiles": {"13763548472"}}, CERTAIN),
]


@pytest.mark.parametrize(("kept", "row", "expected"), CASES)
def test_what_agrees_and_differs_decides(kept: dict[str, Any], row: dict[str, Any], expected: str) -> None:
    assert verdict(kept, row) == expected
    if expected != NOT:
        shared = lookups(traits(kept)) & lookups(traits(row))
        assert shared or row.get("documents") or row.get("tails") == {"079"}, "who must be found can be found"


UNDER_HER_NUMBER = [
    ({"names": {"别人名"}, "births": {"1990-01-01"}, "mobiles": {"13900000001"}}, NOT),
    ({"names": {"别人名"}, "documents": {"140199199001010016"}, "tails": {"0016"}, "births": {"1990-01-01"}}, NOT),
    ({"names": {"别人名"}}, DOUBTFUL),
    ({"names": {"别人名"}, "births": {"1993-04-04"}, "mobiles": {"13900000001"}}, DOUBTFUL),
    ({"names": {"乔宁刚"}, "births": {"1990-01-01"}}, DOUBTFUL),
    ({"names": {"乔宁刚"}}, CERTAIN),
    ({"names": {"乔宁刚"}, "mobiles": {"13900000001"}}, CERTAIN),
    ({}, CERTAIN),
]


@pytest.mark.parametrize(("row", "expected"), UNDER_HER_NUMBER)
def test_a_number_that_was_handed_on_is_told_from_one_that_was_not(row: dict[str, Any], expected: str) -> None:
    assert verdict(HERS, row, same_number=True) == expected


def test_what_a_mask_shows_and_what_is_no_name() -> None:
    assert [tail_of(number) for number in ("1401**********0079", "140199*********079", "1401****79", "14019919930404007X")] == [
        "0079", "079", "", "007X",
    ]  # fmt: skip
    assert [usable_form(form) for form in ("乔宁刚", "乔", "乔*刚", "乔某", "欧阳娜娜")] == [
        True,
        False,
        False,
        False,
        True,
    ]


def test_the_facets_of_two_withdrawals_of_one_value_have_nothing_in_common() -> None:
    one, other = (facets(hashed, who, traits(HERS)) for who in (WHO, bytes(16)))
    assert not {value for values in one.values() for value in values} & {v for values in other.values() for v in values}
