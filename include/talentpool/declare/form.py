"""Define the form of a campaign: what is handed out or held, and where people are asked to come."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import Field, field_validator

from talentpool.declare.base import Declaration

Form = Literal["kit", "session", "event", "letter"]


class FormWords(NamedTuple):
    """How a form is said: what `item` is, and what is done with the people of the list."""

    item: str
    act: str


FORM_WORDS: dict[str, FormWords] = {
    "kit": FormWords("发放物品", "发放"),
    "session": FormWords("服务内容", "安排参加"),
    "event": FormWords("活动内容", "邀请参加"),
    "letter": FormWords("信件", "送达"),
}

Slot = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]


class Place(Declaration):
    """Where a session is held: `capacity` people in each of its slots."""

    name: str = Field(min_length=1)
    county: str = Field(pattern=r"^[0-9]{6}$")
    slots: tuple[Slot, ...] = Field(min_length=1, description="on the day of the occasion, e.g. 09:00-10:00")
    capacity: int = Field(ge=1, le=1000)

    @field_validator("slots")
    @classmethod
    def _in_order(cls, slots: tuple[str, ...]) -> tuple[str, ...]:
        if any(begins >= ends for begins, ends in (slot.split("-") for slot in slots)):
            raise ValueError("a slot ends after it begins")
        return slots

    @property
    def seats(self) -> int:
        return self.capacity * len(self.slots)

    def told(self) -> str:
        return f"{self.name}：{'、'.join(self.slots)}，每场 {self.capacity} 人"
