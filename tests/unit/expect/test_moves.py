"""A share of changed values is of all known people, however many rows changed in other fields."""

from __future__ import annotations

import pytest

from rosters import Office, person


@pytest.mark.parametrize("filled", [0, 80, 101, 150, 200])
def test_what_changes_beside_it_does_not_move_a_share(office: Office, filled: int) -> None:
    """Fifteen of two hundred names are others: 7.5 %, whoever gives a second number besides."""
    rows = [person(n) for n in range(100, 300)]
    office.deliver("2026-09-30", rows)
    named = [row | {"name": f"王{chr(0x5B50 + n)}{chr(0x6C11 + n)}"} for n, row in enumerate(rows[:15])] + rows[15:]
    new = [row | {"mobile2": f"1350000{row['staff_no'][-4:]}"} for row in named[:filled]] + named[filled:]
    found = office.deliver("2026-10-31", new)
    (share,) = office.ask("select value from delivery_measure where delivery_id = :d and metric = 'changed' and field = 'name'",
                          d=found.delivery_id)[0]  # fmt: skip
    assert (found.status, share) == ("published", pytest.approx(0.075))


@pytest.mark.parametrize("many", [20, 60])
def test_of_moves_to_another_county_it_is_the_share_of_all(office: Office, many: int) -> None:
    rows = [person(n, county="140403") for n in range(100, 200)]
    office.deliver("2026-09-30", rows)
    found = office.deliver("2026-10-31", [row | {"county": "140404"} for row in rows[:many]] + rows[many:])
    (share,) = office.ask("select value from delivery_measure where delivery_id = :d and metric = 'changed'"
                          " and field = 'county'", d=found.delivery_id)[0]  # fmt: skip
    assert share == pytest.approx(many / len(rows))
