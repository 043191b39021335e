"""Define how the pool counts ages."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from talentpool.declare.base import Declaration


class AgeBand(Declaration):
    """Completed years on the as-of. 35 岁以下 includes 35 (Civil Code 1259), so `inclusive` is the default.

    `birthday_rule`: on_day = a year older on the birthday; day_after = on the day after it.
    A birthday of 29 February falls on 1 March in common years.
    """

    min: int = Field(ge=14, le=100)
    max: int = Field(ge=14, le=100)
    inclusive: bool = True
    birthday_rule: Literal["on_day", "day_after"] = "on_day"

    @model_validator(mode="after")
    def _ordered(self) -> AgeBand:
        if self.min > self.max:
            raise ValueError("min is above max")
        return self


class PoolRules(Declaration):
    """How the pool counts: the youth band, and the bands of charts (lower bounds, ascending)."""

    youth: AgeBand
    bands: tuple[int, ...] = (16, 18, 26, 36, 46, 60)

    @field_validator("bands")
    @classmethod
    def _ascending(cls, bands: tuple[int, ...]) -> tuple[int, ...]:
        if list(bands) != sorted(set(bands)):
            raise ValueError("bands ascend and do not repeat")
        return bands
