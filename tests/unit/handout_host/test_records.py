"""A record opens for the office alone, whole or not at all, and says whose it is."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from talentpool.errors import TamperedError
from talentpool.handout_host.record import is_signed, open_record, seal_record

OFFICE, OTHER = (X25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
PUBLIC = OFFICE.public_key().public_bytes_raw()
RECORD = {"pass": 7, "marks": [{"row": "K7QM-2F4HX"}]}


def test_a_record_is_the_offices_and_of_its_sign_in() -> None:
    data = seal_record(PUBLIC, b"k" * 32, RECORD)
    told, body, mac = open_record(OFFICE, data)
    assert told == RECORD and is_signed(b"k" * 32, body, mac) and not is_signed(b"x" * 32, body, mac)
    assert b"K7QM" not in data and data != seal_record(PUBLIC, b"k" * 32, RECORD)
    assert len(data) == len(seal_record(PUBLIC, b"k" * 32, {"pass": 7, "marks": []})), "a length tells of steps alone"


def test_what_was_changed_cut_or_sealed_to_somebody_else_does_not_open() -> None:
    data = seal_record(PUBLIC, b"k" * 32, RECORD)
    for bad in (data[:-1], data[:40], b"", data + b"x", data[:50] + bytes([data[50] ^ 1]) + data[51:]):
        with pytest.raises(TamperedError):
            open_record(OFFICE, bad)
    with pytest.raises(TamperedError):
        open_record(OTHER, data)
