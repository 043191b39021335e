"""Landed files: whole, secret, unchanged, or not at all."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rosters import Office, person, write_template
from talentpool.acquire import Counted, Delivered, acquire, expire_landed, open_landed
from talentpool.acquire.landed_file import CHUNK, TAG
from talentpool.acquire.landing import land
from talentpool.errors import RejectedError, TamperedError, UnavailableError, UsageError


def chunks(data: bytes, size: int = 100_000):
    return (data[i : i + size] for i in range(0, len(data), size))


def of(data: bytes, partner: str = "didi") -> Delivered:
    counted = Counted()
    counted.update(data)
    return Delivered(partner, counted.on_record)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17])
def test_what_lands_is_read_back_byte_by_byte(office: Office, size: int) -> None:
    data = os.urandom(size)
    url, counted = land(office.settings, office.keys, "didi", chunks(data), lambda _: None)
    assert counted.bytes == size
    with open_landed(office.keys, url, of(data)) as file:
        assert file.read() == data


def test_a_landed_file_shows_nothing_of_its_content(office: Office) -> None:
    data = b"140199199003070012" * 1000
    url, _ = land(office.settings, office.keys, "didi", chunks(data), lambda _: None)
    assert b"140199" not in Path(url).read_bytes()


@pytest.mark.parametrize("cut", ["tail", "chunk", "flip", "swap", "head"])
def test_a_changed_landed_file_does_not_open(office: Office, cut: str) -> None:
    plain = os.urandom(3 * CHUNK)
    url, _ = land(office.settings, office.keys, "didi", chunks(plain), lambda _: None)
    path = Path(url)
    data = path.read_bytes()
    step, start = CHUNK + TAG, 20
    spoiled = {
        "tail": data[:-5],
        "chunk": data[: start + 2 * step],
        "flip": data[:5000] + bytes([data[5000] ^ 1]) + data[5001:],
        "swap": data[:start]
        + data[start + step : start + 2 * step]
        + data[start : start + step]
        + data[start + 2 * step :],
        "head": b"XXXX" + data[4:],
    }[cut]
    path.write_bytes(spoiled)
    with pytest.raises(TamperedError):
        open_landed(office.keys, url, of(plain)).read()


def test_a_file_that_fails_its_check_leaves_nothing(office: Office) -> None:
    def refuse(_: object) -> None:
        raise RejectedError("hash_mismatch", "no")

    with pytest.raises(RejectedError):
        land(office.settings, office.keys, "didi", chunks(b"x" * 5000), refuse)
    assert [f for f in Path(office.settings.landing_url).rglob("*") if f.is_file()] == []


def test_the_same_bytes_land_once(office: Office) -> None:
    first, _ = land(office.settings, office.keys, "didi", chunks(b"same"), lambda _: None)
    written = Path(first).stat().st_mtime_ns
    second, _ = land(office.settings, office.keys, "didi", chunks(b"same"), lambda _: None)
    assert first == second
    assert Path(first).stat().st_mtime_ns == written


def test_landed_files_expire_and_say_so(office: Office) -> None:
    office.deliver("2026-09-30", [person(n) for n in range(1, 12)])
    url = office.one("select landed_url from delivery")
    assert expire_landed(office.engine, date(2026, 10, 30)) == 0
    assert expire_landed(office.engine, date(2026, 10, 31)) == 1
    assert not Path(url).exists()
    with pytest.raises(UnavailableError, match="到期删除"):
        open_landed(office.keys, url, of(b""))


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=25)
@given(st.binary(max_size=5000), st.integers(1, 700))
def test_any_bytes_in_any_pieces_land(office: Office, data: bytes, size: int) -> None:
    url, _ = land(office.settings, office.keys, "didi", chunks(data, size), lambda _: None)
    with open_landed(office.keys, url, of(data)) as file:
        assert file.read() == data


def test_a_file_by_hand_needs_an_as_of_and_its_manifest_wins(office: Office) -> None:
    path = write_template(office.folder / "roster.csv", [person(1)])
    partner = office.partner()
    with pytest.raises(UsageError, match="请用 --as-of 写明名册日期"):
        acquire(office, partner, file=path)
    with pytest.raises(UsageError, match="没有这个文件"):
        acquire(office, partner, file=path.with_name("none.csv"))
    landed = acquire(office, partner, file=path, as_of=date(2026, 10, 31))
    assert landed is not None and landed.kind == "delta"
    path.with_name("roster.csv.manifest.json").write_text(
        '{"schema_version": 1, "rows": 1, "bytes": 1, "sha256": "' + "0" * 64 + '", "encoding": "utf-8",'
        ' "kind": "full", "as_of": "2026-10-31"}'
    )
    with pytest.raises(UsageError, match="--as-of 写的是 2026-09-30，清单写的是 2026-10-31"):
        acquire(office, partner, file=path, as_of=date(2026, 9, 30))
