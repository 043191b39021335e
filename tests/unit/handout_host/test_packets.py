"""A packet opens by its code alone, and not when anything of it was changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from talentpool.errors import TamperedError
from talentpool.handout_host.packet import content_of, packed, read_packet, renewed, stretched, unwrapped

SALT, CODE, KEY = "ab" * 16, "K7QM2F4HXY3A", b"k" * 32
ENDS = datetime(2027, 1, 1, tzinfo=UTC)
CONTENT = {"rows": [{"row": "K7QM-2F4HX", "name": "王*"}]}


def test_a_packet_opens_by_its_code_as_somebody_types_it() -> None:
    packet = packed(7, SALT, CODE, ENDS, KEY, CONTENT)
    again = read_packet(packet.name, packet.to_bytes())
    assert again == packet
    place, key = stretched("k7qm-2f4h-xy3a ", SALT)
    assert place == packet.place and unwrapped(again, key) == KEY and content_of(again, KEY) == CONTENT
    assert stretched("K7QM2F4HXY3B", SALT)[0] != place != stretched(CODE, "cd" * 16)[0]
    other = renewed(again, KEY, {"rows": []})
    assert unwrapped(other, key) == KEY and content_of(other, KEY) == {"rows": []}


def test_nothing_of_it_reads_without_the_code() -> None:
    written = packed(7, SALT, CODE, ENDS, KEY, CONTENT).to_bytes()
    for word in ("K7QM", "2F4HX", "王", CODE):
        assert word.encode() not in written and word not in written.decode()


def test_another_name_day_or_byte_does_not_open() -> None:
    packet = packed(7, SALT, CODE, ENDS, KEY, CONTENT)
    flipped = packet.sealed[:-1] + bytes([packet.sealed[-1] ^ 1])
    for changed in (
        replace(packet, list_id=8), replace(packet, ends=ENDS + timedelta(days=1)), replace(packet, place="0" * 32),
        replace(packet, salt="cd" * 16), replace(packet, sealed=flipped), replace(packet, sealed=b""),
    ):  # fmt: skip
        with pytest.raises(TamperedError):
            content_of(changed, KEY)
    with pytest.raises(TamperedError):
        unwrapped(packet, b"x" * 32)
    data = packet.to_bytes()
    for name, half in ((packet.name, data[:-9]), ("7.packet", data), (packet.name, b"[]"), (packet.name, b"")):
        with pytest.raises(TamperedError):
            read_packet(name, half)
