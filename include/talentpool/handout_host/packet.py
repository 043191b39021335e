"""Seal the rows of one sign-in for whoever has its code: what the office writes and the host apart opens.

A code has 60 random bits. One scrypt of it gives the packet's place and the key that opens the content key, so a guess costs as
much as a try. The salt is an event's: whoever tries a code finds its packet by one scrypt, not by one for each packet.
"""

from __future__ import annotations

import base64
import json
import os
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from talentpool.errors import TamperedError

FORMAT = "talentpool handout packet 1"
NAME = re.compile(r"([1-9][0-9]{0,15})\.([0-9a-f]{32})\.([0-9a-f]{32})\.packet")
"""List, salt of the event, place."""
LARGEST = 16 * 1024**2
"""Bytes of a packet: some 60,000 rows."""
COST, BLOCK = 2**15, 8
"""Of scrypt: 32 MiB and some 0.1 s of a core a guess."""
KEY, NONCE, PLACE = 32, 12, 16
_SIGNS = re.compile(r"[^2-9A-HJ-NP-Z]")


@dataclass(frozen=True)
class Packet:
    """`wrapped`: the content key under the code's, b'' once the code is used; `sealed`: the content under the content key."""

    list_id: int
    salt: str
    place: str
    ends: datetime
    wrapped: bytes
    sealed: bytes

    @property
    def name(self) -> str:
        """Of the file."""
        return f"{self.list_id}.{self.salt}.{self.place}.packet"

    @property
    def bound(self) -> bytes:
        """What both seals are bound to: a packet that is renamed, or lasts longer, does not open."""
        return f"{FORMAT}|{self.list_id}|{self.salt}|{self.place}|{self.ends.astimezone(UTC).isoformat()}".encode()

    def to_bytes(self) -> bytes:
        told = {"format": FORMAT, "ends": self.ends.astimezone(UTC).isoformat(),
                "wrapped": _text(self.wrapped), "sealed": _text(self.sealed)}  # fmt: skip
        return json.dumps(told).encode()


def stretched(code: str, salt: str) -> tuple[str, bytes]:
    """(place, key) of a code as somebody typed it: signs that no code has are passed over."""
    plain = _SIGNS.sub("", code.upper()).encode()
    made = Scrypt(salt=bytes.fromhex(salt), length=PLACE + KEY, n=COST, r=BLOCK, p=1).derive(plain)
    return made[:PLACE].hex(), made[PLACE:]


def packed(list_id: int, salt: str, code: str, ends: datetime, content_key: bytes, content: dict[str, Any]) -> Packet:
    """A new packet."""
    place, key = stretched(code, salt)
    bare = Packet(list_id, salt, place, ends, b"", b"")
    return replace(bare, wrapped=seal(key, content_key, bare.bound), sealed=_content(bare, content_key, content))


def renewed(packet: Packet, content_key: bytes, content: dict[str, Any]) -> Packet:
    """The same packet with other content: the code stays good, and need not be known."""
    return replace(packet, sealed=_content(packet, content_key, content))


def read_packet(name: str, data: bytes) -> Packet:
    """A packet out of its file; TamperedError for what is none."""
    named = NAME.fullmatch(name)
    try:
        told = json.loads(data)
        if named is None or told["format"] != FORMAT:
            raise ValueError(name)
        ends = datetime.fromisoformat(told["ends"]).astimezone(UTC)
        wrapped, sealed = (base64.b64decode(told[part], validate=True) for part in ("wrapped", "sealed"))
    except (ValueError, KeyError, TypeError) as error:
        raise TamperedError("not a packet of a hand-out, or a part of one") from error
    return Packet(int(named[1]), named[2], named[3], ends, wrapped, sealed)


def unwrapped(packet: Packet, key: bytes) -> bytes:
    """The content key, by the key of the code."""
    return opened(key, packet.wrapped, packet.bound)


def content_of(packet: Packet, content_key: bytes) -> dict[str, Any]:
    """What the packet says; TamperedError when it was changed."""
    return dict(json.loads(opened(content_key, packet.sealed, packet.bound)))


def seal(key: bytes, plain: bytes, bound: bytes) -> bytes:
    """nonce ‖ AES-256-GCM."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def opened(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    """What seal() closed; TamperedError for everything else."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], bound)
    except (InvalidTag, ValueError) as error:
        raise TamperedError("a seal of a hand-out does not open: changed, or not by this key") from error


def _content(packet: Packet, content_key: bytes, content: dict[str, Any]) -> bytes:
    return seal(content_key, json.dumps(content, ensure_ascii=False).encode(), packet.bound)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
