"""Name the slots of a session's list: each place and time that its declaration has, numbered in that order."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from talentpool.campaigns.lists import Stored

SLOT = "场次"
"""The column of a sheet that names one."""
CANCELLED = 0
"""In a slot's place: somebody takes a sign-up back."""
CANCEL_WORDS = frozenset({"取消", "退出", "不参加", "0"})
_NUMBER = re.compile(r"(?:场次|第)?(\d{1,4})(?:场)?")


@dataclass(frozen=True)
class Slot:
    """`county`: where the place lies; `time`: 09:00-10:00; `capacity`: people."""

    number: int
    place: str
    county: str
    time: str
    capacity: int

    def told(self) -> str:
        return f"{self.place} {self.time}"


def slots_of(stored: Stored) -> list[Slot]:
    """The slots of a session's list; none of another form."""
    found = [
        (place, time) for place in stored.passport.get("declaration", {}).get("places") or [] for time in place["slots"]
    ]
    return [
        Slot(number, place["name"], place["county"], time, place["capacity"])
        for number, (place, time) in enumerate(found, start=1)
    ]


def read_slot(cell: str, slots: list[Slot]) -> int | None:
    """The number that a cell names, by number or by place and time; CANCELLED for a word of that; None for neither."""
    said = "".join(unicodedata.normalize("NFKC", cell).split())
    if said in CANCEL_WORDS:
        return CANCELLED
    for slot in slots:
        if said in ("".join(slot.told().split()), f"{slot.number}.{''.join(slot.told().split())}"):
            return slot.number
    found = _NUMBER.fullmatch(said)
    number = int(found[1]) if found else 0
    return number if 1 <= number <= len(slots) else None
