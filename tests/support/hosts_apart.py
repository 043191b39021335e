"""A host apart for phones: its packets, a browser of it, and what whoever takes its disk away reads there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from talentpool.handout_host.packet import Packet, packed
from talentpool.handout_host.record import open_record

OFFICE = X25519PrivateKey.from_private_bytes(b"o" * 32)
SALT, LIST = "ab" * 16, 7
ROWS = ("K7QM-2F4HX", "K7QM-2F4HY", "K7QM-2F4HZ")
NAMES = ("王*", "欧***", "李*")


def content(number: int = 1, **more: Any) -> dict[str, Any]:
    """What a packet says; `more` in place of it."""
    rows = [
        {"row": row, "name": name, "mobile": "*********37", "tails": ["0137"], "station": "北关站", "partner": "网约车",
         "outcome": ""}
        for row, name in zip(ROWS, NAMES, strict=True)
    ]  # fmt: skip
    return {
        "pass": number, "list": LIST, "name": "暖冬行动", "item": "保暖包", "each": 1, "who": "网约车 · 北关站",
        "holder": "station:didi:140405:北关站",
        "place": "屯留区", "county": "140405", "ends": "2026-12-31 00:00", "reserve": 2, "walked": 0,
        "words": {"full": "已领", "refused": "拒领", "none": "未领"},
        "public": OFFICE.public_key().public_bytes_raw().hex(), "mark_key": (b"m" * 32).hex(), "rows": rows,
    } | more  # fmt: skip


def put_packet(folder: Path, code: str, number: int = 1, *, ends: datetime | None = None, **more: Any) -> Packet:
    """A packet in the folder, as the office would have it carried there."""
    ends = ends or datetime.now(UTC) + timedelta(days=1)
    made = packed(LIST, SALT, code, ends, bytes([number]) * 32, content(number, **more))
    (folder / "packets").mkdir(parents=True, exist_ok=True)
    (folder / "packets" / made.name).write_bytes(made.to_bytes())
    return made


def records(folder: Path) -> list[dict[str, Any]]:
    """What lies in the outbox, as the office opens it, in the order of their moments."""
    found = [open_record(OFFICE, path.read_bytes())[0] for path in (folder / "outbox").glob("*.sealed")]
    return sorted(found, key=lambda record: record["at"])


def on_disk(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file with all that it says, its name included."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, str(path.relative_to(folder)).encode() + b"\n" + path.read_bytes()


def shows(folder: Path, *words: str) -> list[str]:
    """Which of the words whoever has the disk reads: as they are, without their dash, or as JSON writes them."""
    spelt = {word: {word, word.replace("-", ""), word.encode("unicode_escape").decode()} for word in words}
    return [
        f"{path.name}: {word}" for path, data in on_disk(folder) for word, ways in spelt.items()
        if any(way.encode() in data for way in ways)
    ]  # fmt: skip


def signed(row: str, outcome: str = "full", **more: Any) -> dict[str, Any]:
    """A mark as the page's script makes it."""
    signing = {"signing": str(uuid4()), "signer": "head"} if outcome == "full" and row else {}
    return {"key": str(uuid4()), "row": row, "outcome": outcome, "county": "140405", **signing, **more}
