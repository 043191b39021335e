"""Birth dates that many bear: which are told from chance, and what they weigh then."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from talentpool.match.facts.births import NOBODY, Births, crowds, moved_days, with_common
from talentpool.match.facts.features import NO_DATE, Facts, Mobiles, Plain, read_facts

EPOCH = date(1970, 1, 1)
ID = "999001199005050018"


def day(text: str) -> int:
    return (date.fromisoformat(text) - EPOCH).days


def facts(days: list[str], partners: list[int], documents: list[str]) -> Facts:
    n, none = len(days), np.zeros(len(days), np.int64)
    born = np.array([day(one) if one else NO_DATE for one in days])
    whole = np.array([1 if one else 0 for one in documents])
    plain = Plain(born, none, np.full(n, 140403), np.array(partners), none, np.full(n, NO_DATE))
    return read_facts(pa.array(documents), whole, Mobiles(none, none, none), plain)


def births(*counts: tuple[str, int], partner: str = "didi") -> Births:
    days = np.array([day(text) for text, count in counts for _ in range(count)], np.int64)
    return NOBODY.after([partner], np.zeros(len(days), np.int64), days, np.ones(len(days), np.int64))


def spread(people: int) -> list[tuple[str, int]]:
    """As many people as that on days of twenty years, as chance has it."""
    drawn = np.random.default_rng(1).integers(day("1985-01-01"), day("2004-12-31"), people)
    days, counts = np.unique(drawn, return_counts=True)
    return [((EPOCH + timedelta(int(one))).isoformat(), int(count)) for one, count in zip(days, counts, strict=True)]


@pytest.mark.parametrize("people", [1, 4, 30, 1_000, 100_000])
def test_no_date_of_people_as_they_are_is_a_crowd(people: int) -> None:
    assert crowds(births(*spread(people))) == {}


@pytest.mark.parametrize(
    ("people", "default", "wanted"), [(20, 30, (11, 12)), (1_000, 30, (7, 8)), (100_000, 2_000, (6, 7))]
)
def test_a_default_weighs_by_its_share(people: int, default: int, wanted: tuple[int, int]) -> None:
    found = crowds(births(*spread(people), ("1990-05-17", default)))
    assert set(found) == {"didi|1990-05-17", "|1990-05-17"}
    assert wanted[0] <= found["didi|1990-05-17"] <= wanted[1]


def test_a_year_alone_or_a_month_alone_is_a_crowd_of_its_kind() -> None:
    years = [(f"{1980 + n % 25}-01-01", 1) for n in range(50)]
    found = crowds(births(*years, *spread(50)))
    assert found["didi|01-01"] >= 7 and not any("1990" in what for what in found)
    months = [(f"{1980 + n % 25}-{2 + n % 11:02d}-01", 1) for n in range(60)]
    assert crowds(births(*months, *spread(40)))["didi|01"] >= 4


def test_a_roster_of_its_own_is_a_crowd_in_a_large_pool() -> None:
    pool = births(*spread(100_000), partner="postal")
    small = np.array([day("1990-05-17")] * 30)
    both = pool.after(["didi"], np.zeros(30, np.int64), small, np.ones(30, np.int64))
    assert crowds(both) == {"didi|1990-05-17": 12}
    gone = both.after(["didi"], np.zeros(30, np.int64), small, np.full(30, -1))
    assert crowds(gone) == {} and gone.rows["records"].sum() == 100_000
    assert Births.unpack(both.pack()).pack() == both.pack()


def test_only_typed_dates_of_the_roster_say_less() -> None:
    one, later = "1990-05-17", ("1991-01-01", "1991-02-01", "1991-02-02", "")
    found = facts([one, one, one, *later], [1, 2, 1, 1, 1, 1, 1], ["", "", ID, "", "", "", ""])
    common = with_common(found, ["didi", "postal"], {"didi|1990-05-17": 9}).common
    assert common.tolist() == [9, 0, 0, 3, 1, 0, 0]
    assert with_common(found, ["didi", "postal"], {"|1990-05-17": 7, "didi|01-01": 5}).common.tolist()[:4] == [
        7,
        7,
        0,
        5,
    ]


def test_days_are_looked_at_again_when_their_weight_moves() -> None:
    assert moved_days({"didi|1990-05-17": 9}, {"didi|1990-05-17": 9}) == []
    assert moved_days({"didi|1990-05-17": 9}, {"didi|1990-05-17": 8, "|1990-05-18": 3}) == [
        day("1990-05-17"),
        day("1990-05-18"),
    ]
    assert moved_days({}, {"didi|01-01": 4}) is None
    assert day("1900-01-01") > NO_DATE
