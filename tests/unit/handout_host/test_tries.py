"""Five wrong codes shut a door, for that list and address alone."""

from __future__ import annotations

from talentpool.handout_host.tries import FREE, Tries


def test_five_wrong_codes_shut_the_door_longer_each_time_and_for_nobody_else() -> None:
    tries, at = Tries(), 0.0
    assert [tries.begin(1, "192.0.2.1", at) for _ in range(FREE)] == [0] * FREE
    assert tries.begin(1, "192.0.2.1", at + 1) == 59
    assert tries.begin(1, "192.0.2.2", at + 1) == tries.begin(2, "192.0.2.1", at + 1) == 0
    assert tries.begin(1, "192.0.2.1", at + 61) == 0
    assert tries.begin(1, "192.0.2.1", at + 62) > 100, "the next wait is twice as long"


def test_a_right_code_begins_anew_and_what_is_long_ago_is_forgotten() -> None:
    tries = Tries()
    for _ in range(FREE - 1):
        tries.begin(1, "192.0.2.1", 0)
    tries.succeeded(1, "192.0.2.1")
    assert [tries.begin(1, "192.0.2.1", 1) for _ in range(FREE)] == [0] * FREE
    assert tries.begin(1, "192.0.2.1", 1 + 5 * 3600) == 0 == tries.begin(1, "192.0.2.1", 2 + 5 * 3600)


def test_a_household_of_ipv6_is_one_address() -> None:
    tries = Tries()
    for number in range(FREE):
        assert tries.begin(1, f"2001:db8::{number}", 0) == 0
    assert tries.begin(1, "2001:db8::99", 0) == 60 and tries.begin(1, "2001:db8:1::1", 0) == 0
