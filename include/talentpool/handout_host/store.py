"""Keep what a host apart has: packets that came, who signed in, what is sealed for the office. Without a phone nothing reads.

packets/   as the office wrote them
sessions/  for each used code: the content key under what the browser shows; what was marked, under the content key;
           for each event how many of the reserve went out
outbox/    sealed for the office
"""

from __future__ import annotations

import hmac
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

from talentpool.errors import TamperedError
from talentpool.handout_host.packet import (
    LARGEST,
    NAME,
    Packet,
    content_of,
    opened,
    read_packet,
    seal,
    stretched,
    unwrapped,
)
from talentpool.handout_host.record import SUFFIX, seal_record
from talentpool.private_files import create_whole
from talentpool.private_files import replace as put

PACKETS, SESSIONS, OUTBOX = "packets", "sessions", "outbox"
NOBODYS = "00" * 16
"""The salt of no event: a list that is not handed out here takes as long as one that is."""
_ALPHABET = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_")


@dataclass(repr=False)
class Signed:
    """Who is signed in, for the time of a request. `content`: of the packet; `marked`: what this sign-in has marked."""

    packet: Packet
    key: bytes
    secret: str
    content: dict[str, Any]
    marked: dict[str, Any]


class Store:
    """The folder of a host apart."""

    def __init__(self, folder: Path) -> None:
        self._packets, self._sessions, self._outbox = (folder / name for name in (PACKETS, SESSIONS, OUTBOX))
        for place in (self._packets, self._sessions, self._outbox):
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._writing = Lock()

    def redeem(self, list_id: int, code: str) -> tuple[str, Signed] | None:
        """Use a code: (what the browser shows from now on, who is signed in); None where it opens nothing any more."""
        for salt in self._salts(list_id) or [NOBODYS]:
            place, key = stretched(code, salt)
            packet = self._packet(list_id, salt, place)
            if packet is None or not packet.wrapped:
                continue
            with suppress(TamperedError):
                return self._begin(packet, unwrapped(packet, key))
        return None

    def _begin(self, packet: Packet, content_key: bytes) -> tuple[str, Signed] | None:
        content, secret = content_of(packet, content_key), secrets.token_urlsafe(32)
        kept = {"ends": packet.ends.isoformat(),
                "wrapped": seal(_key(secret.encode(), "session"), content_key, packet.bound).hex()}  # fmt: skip
        try:
            create_whole(self._session(packet), json.dumps(kept).encode(), durable=True)
        except FileExistsError:  # the code was used before
            return None
        self._close(packet)
        return f"{packet.salt}.{packet.place}.{secret}", Signed(packet, content_key, secret, content, _nothing())

    def held(self, list_id: int, shown: str) -> Signed | None:
        """Who shows this, if the packet is still there and its event lasts."""
        salt, _, rest = shown.partition(".")
        place, _, secret = rest.partition(".")
        if not set(secret) <= _ALPHABET:
            return None
        packet = self._packet(list_id, salt, place)
        if packet is None:
            return None
        try:
            kept = json.loads(self._session(packet).read_bytes())
            key = opened(_key(secret.encode(), "session"), bytes.fromhex(kept["wrapped"]), packet.bound)
            return Signed(packet, key, secret, content_of(packet, key), self._marked(packet, key))
        except (FileNotFoundError, TamperedError, ValueError):
            return None

    def drop(self, signed: Signed, kind: str, **more: Any) -> None:
        """Seal what happened for the office, down to the disk."""
        record = {"id": str(uuid4()), "pass": signed.content["pass"], "kind": kind,
                  "at": datetime.now(UTC).isoformat(), **more}  # fmt: skip
        public, mark_key = (bytes.fromhex(signed.content[name]) for name in ("public", "mark_key"))
        name = f"{secrets.token_hex(16)}{SUFFIX}"
        create_whole(self._outbox / name, seal_record(public, mark_key, record), durable=True)

    def writing(self) -> Lock:
        """Held while marks are judged, sealed and put down."""
        return self._writing

    def keep_marked(self, signed: Signed) -> None:
        """What this sign-in has marked, for its own page alone."""
        plain = json.dumps(signed.marked).encode()
        put(self._aside(signed.packet, "marked"), seal(_key(signed.key, "marked"), plain, signed.packet.bound))

    def marked_by(self, signed: Signed) -> dict[str, Any]:
        """The same as it stands by now."""
        return self._marked(signed.packet, signed.key)

    def walked(self, packet: Packet) -> int:
        """How many of the event's reserve went out here."""
        with suppress(FileNotFoundError, ValueError):
            return int(json.loads(self._event(packet).read_bytes())["walked"])
        return 0

    def walk(self, packet: Packet, more: int) -> None:
        told = {"ends": packet.ends.isoformat(), "walked": self.walked(packet) + more}
        put(self._event(packet), json.dumps(told).encode())

    def leave(self, signed: Signed) -> None:
        """The browser's word opens nothing any more; the code stays used."""
        put(self._session(signed.packet), json.dumps({"ends": signed.packet.ends.isoformat(), "wrapped": ""}).encode())

    def sweep(self) -> None:
        """Delete what is of events that are over; codes that are used open nothing, though their packets came once more."""
        for path in self._packets.glob("*.packet"):
            packet = self._read(path)
            if packet is not None and not _lasts(packet.ends):
                path.unlink(missing_ok=True)
            elif packet is not None and packet.wrapped and self._session(packet).exists():
                self._close(packet)
        for path in self._sessions.iterdir():
            if not path.name.endswith(".marked") and not _lasts(_ends(path)):
                path.unlink(missing_ok=True)
                path.with_suffix(".marked").unlink(missing_ok=True)

    def _salts(self, list_id: int) -> list[str]:
        """Of the list's events, as the names of their packets have them: a try reads no packet but the one that it finds."""
        named = (NAME.fullmatch(path.name) for path in self._packets.glob(f"{list_id}.*.packet"))
        return sorted({name[2] for name in named if name})

    def _packet(self, list_id: int, salt: str, place: str) -> Packet | None:
        name = f"{list_id}.{salt}.{place}.packet"
        packet = self._read(self._packets / name) if NAME.fullmatch(name) else None
        return packet if packet is not None and _lasts(packet.ends) else None

    @staticmethod
    def _read(path: Path) -> Packet | None:
        """None for what is no packet, or is not there whole yet."""
        if not NAME.fullmatch(path.name) or path.is_symlink():
            return None
        with suppress(OSError, TamperedError):
            if path.stat().st_size <= LARGEST:
                return read_packet(path.name, path.read_bytes())
        return None

    def _close(self, packet: Packet) -> None:
        """Take the code's seal off: whoever finds the slip of paper and the disk opens nothing."""
        put(self._packets / packet.name, replace(packet, wrapped=b"").to_bytes(), durable=True)

    def _session(self, packet: Packet) -> Path:
        return self._aside(packet, "session")

    def _aside(self, packet: Packet, kind: str) -> Path:
        return self._sessions / f"{packet.list_id}.{packet.salt}.{packet.place}.{kind}"

    def _event(self, packet: Packet) -> Path:
        return self._sessions / f"{packet.list_id}.{packet.salt}.walked"

    def _marked(self, packet: Packet, key: bytes) -> dict[str, Any]:
        with suppress(FileNotFoundError, TamperedError):
            sealed = self._aside(packet, "marked").read_bytes()
            return dict(json.loads(opened(_key(key, "marked"), sealed, packet.bound)))
        return _nothing()


def _nothing() -> dict[str, Any]:
    return {"keys": [], "rows": {}}


def _lasts(ends: datetime) -> bool:
    return datetime.now(UTC) < ends


def _ends(path: Path) -> datetime:
    with suppress(OSError, ValueError, KeyError, TypeError):
        return datetime.fromisoformat(json.loads(path.read_bytes())["ends"]).astimezone(UTC)
    return datetime.max.replace(tzinfo=UTC)


def _key(key: bytes, what: str) -> bytes:
    return hmac.digest(key, f"talentpool handout {what}".encode(), "sha256")
