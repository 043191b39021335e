"""Another file in place of a landed one: nothing of it is used, on any way that opens a landed file."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

import workbooks
from rosters import Office, person, write_template
from talentpool import check as checking
from talentpool import flow
from talentpool.acquire import Counted, Delivered, acquire, open_landed
from talentpool.acquire.landed_file import CHUNK, HEAD, SEAL
from talentpool.acquire.landing import land
from talentpool.conform import conform, stage
from talentpool.decide import decide
from talentpool.errors import TamperedError
from talentpool.load import digest

CITY = [person(n) for n in range(1, 101)]


def of(data: bytes, partner: str = "didi") -> Delivered:
    counted = Counted()
    counted.update(data)
    return Delivered(partner, counted.on_record)


def landed(office: Office, data: bytes, partner: str = "didi") -> Path:
    url, _ = land(office.settings, office.keys, partner, iter([data]), lambda _: None)
    return Path(url)


def as_before(office: Office, data: bytes) -> bytes:
    """A file as the release before wrote it: the same chunks under a key derived from the landing key, and no seal."""
    salt, pieces = os.urandom(16), [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)] or [b""]
    derived = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"talentpool landing").derive(
        office.keys.key("landing")
    )
    cipher, last = AESGCM(derived), len(pieces) - 1
    nonces = (at.to_bytes(11, "big") + bytes([at == last]) for at in range(len(pieces)))
    return b"TPL1" + salt + b"".join(cipher.encrypt(n, p, None) for n, p in zip(nonces, pieces, strict=True))


@pytest.mark.parametrize("size", [0, 40, CHUNK, 2 * CHUNK + 9])
@pytest.mark.parametrize(
    "how", ["other content", "other partner", "head", "body", "seal", "seal cut", "seal only", "of before", "no seal"]
)
def test_another_file_in_its_place_gives_no_byte(office: Office, size: int, how: str) -> None:
    ours, theirs = os.urandom(size), os.urandom(size + 1)
    path, other = landed(office, ours), landed(office, theirs)
    mine, foreign = path.read_bytes(), other.read_bytes()
    spoiled = {
        "other content": foreign,
        "other partner": landed(office, ours, "postal").read_bytes(),
        "head": foreign[:HEAD] + mine[HEAD:],
        "body": mine[:HEAD] + foreign[HEAD:-SEAL] + mine[-SEAL:],
        "seal": foreign[:-SEAL] + mine[-SEAL:],
        "seal cut": mine[:-1],
        "seal only": mine[:HEAD] + mine[-SEAL:],
        "of before": as_before(office, theirs),
        "no seal": b"TPL1" + mine[4:-SEAL],
    }[how]
    path.write_bytes(spoiled)
    with (
        pytest.raises(TamperedError, match="deliver the file again"),
        open_landed(office.keys, str(path), of(ours)) as f,
    ):
        f.read(1)


@pytest.mark.parametrize("size", [0, 1, CHUNK, 2 * CHUNK + 9])
def test_a_file_of_the_release_before_is_read(office: Office, size: int) -> None:
    data = os.urandom(size)
    path = landed(office, data)
    path.write_bytes(as_before(office, data))
    with open_landed(office.keys, str(path), of(data)) as file:
        assert file.read() == data


@pytest.mark.parametrize("spoil", [lambda data: data[:-9], lambda data: data[:50] + b"\0" + data[51:], lambda _: b""])
def test_delivering_a_file_again_mends_what_was_landed(office: Office, spoil: object) -> None:
    data = os.urandom(5000)
    path = landed(office, data)
    path.write_bytes(spoil(path.read_bytes()))  # type: ignore[operator]
    assert landed(office, data) == path
    with open_landed(office.keys, str(path), of(data)) as file:
        assert file.read() == data


def held(office: Office) -> tuple[int, Path]:
    """A delivery that lost so many that a person must decide, and where it is landed."""
    office.deliver("2026-09-30", CITY)
    outcome = office.deliver("2026-10-31", CITY[:60])
    assert outcome.status == "held" and outcome.delivery_id is not None
    url = office.one("select landed_url from delivery where delivery_id = :d", d=outcome.delivery_id)
    return outcome.delivery_id, Path(url)


def decided(office: Office, number: int) -> flow.Outcome:
    return decide(office, office.partner(), number, "all", by="王", reason="核实")


@pytest.mark.parametrize("how", ["same partner", "other partner", "workbook", "of before"])
def test_a_decision_publishes_no_exchanged_file_and_the_true_one_once_it_is_back(office: Office, how: str) -> None:
    number, path = held(office)
    roster = write_template(office.folder / "true.csv", CITY[:60])
    other = write_template(office.folder / "other.csv", [person(n, county="140404") for n in range(1, 61)])
    if how == "of before":
        path.write_bytes(as_before(office, other.read_bytes()))
    else:
        data = workbooks.roster([person(n) for n in range(1, 61)]) if how == "workbook" else other.read_bytes()
        shutil.copyfile(landed(office, data, "postal" if how == "other partner" else "didi"), path)
    before = digest(office.engine)
    with pytest.raises(TamperedError):
        decided(office, number)
    assert digest(office.engine) == before
    assert office.one("select state from delivery where delivery_id = :d", d=number) != "published"
    again = flow.ingest(
        office,
        office.partner(),
        file=roster,
        as_of=date(2026, 10, 31),
        kind="full",
        count=office.count,
    )
    assert (again.status, again.delivery_id) == ("published", number)
    assert office.one("select count(*) from source_record where county = '140404'") == 0


def test_a_held_delivery_of_the_release_before_is_decided(office: Office) -> None:
    number, path = held(office)
    path.write_bytes(as_before(office, office.landed(number)))
    assert decided(office, number).status == "published"


@pytest.mark.parametrize("shares", [1, 2])
def test_no_share_stages_an_exchanged_file(office: Office, monkeypatch: pytest.MonkeyPatch, shares: int) -> None:
    path = write_template(office.folder / "roster.csv", CITY)
    found = acquire(office, office.partner(), file=path, as_of=date(2026, 10, 31), kind="full")
    assert found is not None
    url = office.one("select landed_url from delivery")
    shutil.copyfile(landed(office, path.read_bytes().replace(b"140403", b"140404")), url)
    monkeypatch.setattr(stage, "shares_worth", lambda *_: shares)
    with pytest.raises(TamperedError):
        conform(office, office.partner(), found.delivery_id)


def test_a_trial_opens_no_exchanged_file(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from upath import UPath

    true = checking.land_verified
    path = write_template(office.folder / "roster.csv", CITY)
    assert checking.check(office, office.partner(), path,
                          as_of=date(2026, 10, 31)).outcome.status == "published"  # fmt: skip

    def exchanged(trying, partner, facts, chunks, counted):  # type: ignore[no-untyped-def]
        url, counted = true(trying, partner, facts, chunks, counted)
        UPath(url).write_bytes(landed(office, path.read_bytes().replace(b"140403", b"140404")).read_bytes())
        return url, counted

    monkeypatch.setattr(checking, "land_verified", exchanged)
    with pytest.raises(TamperedError):
        checking.check(office, office.partner(), path, as_of=date(2026, 10, 31))
