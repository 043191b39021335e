"""Stored match keys: whoever shares one is found, key by key by the index and all at once alike."""

from __future__ import annotations

import numpy as np
import pytest

from rosters import Office, person
from talentpool.match import match
from talentpool.match.candidates import store


def rows(office: Office, keys: np.ndarray) -> list[tuple[int, bytes]]:
    with office.engine.begin() as conn:
        key, record = store.sharers(conn, keys)
    ids = [one.ljust(16, b"\0") for one in record.tolist()]  # numpy drops zeros at the end
    return sorted(zip(key.tolist(), ids, strict=True))


@pytest.mark.parametrize("share", [0.0, 1e9], ids=["all at once", "by the index"])
def test_whoever_shares_a_key_is_found(office: Office, monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    office.deliver("2026-10-31", [person(n) for n in range(1, 9)], partner="postal")
    office.deliver("2026-10-31", [person(n) for n in range(5, 13)], partner="didi")
    match(office.engine, office.keys)
    stored = office.ask("select record_id, keys from match_key")
    keys = np.array([key for _, own in stored for key in own[::2]])
    monkeypatch.setattr(store, "SCAN_SHARE", share)
    asked = set(keys.tolist())
    assert rows(office, np.append(keys, 8)) == sorted(
        (key, record.bytes) for record, own in stored for key in own if key in asked
    )


@pytest.mark.parametrize("share", [0.0, 1e9], ids=["all at once", "by the index"])
def test_a_month_finds_the_same_either_way(office: Office, monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    monkeypatch.setattr(store, "SCAN_SHARE", share)
    office.deliver("2026-10-31", [person(n) for n in range(1, 9)], partner="postal")
    match(office.engine, office.keys)
    moved = [person(n, mobile=f"1370000{n:04d}") for n in range(1, 4)]
    office.deliver("2026-11-30", moved, partner="postal", kind="delta")
    office.deliver("2026-11-30", [person(n, staff_no=f"D{n}") for n in range(2, 7)], partner="didi")
    assert match(office.engine, office.keys).persons == 8
    edges = "select left_record, right_record, rule, verdict, score::float from edge order by 1, 2, 3"
    month = office.ask(edges)
    match(office.engine, office.keys, full=True)
    whole = office.ask(edges)
    assert [row[:4] for row in month] == [row[:4] for row in whole] != []
    # how common values are is counted by full runs alone: a month weighs by the counts of the last one
    assert [row[4] for row in month] == pytest.approx([row[4] for row in whole], abs=2)
