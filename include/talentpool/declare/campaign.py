"""Define a campaign's declaration: what goes out."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from talentpool.declare.base import Code, Declaration, hash_of
from talentpool.declare.rules import parse_rules


class Occasion(Declaration):
    """When a campaign comes round: a fixed day of the year, or a festival, `days_before` earlier."""

    month: int | None = Field(default=None, ge=1, le=12)
    day: int | None = Field(default=None, ge=1, le=31)
    festival: Literal["春节", "元宵", "端午", "中秋", "重阳"] | None = None
    days_before: int = Field(default=0, ge=0, le=120)

    @model_validator(mode="after")
    def _one_of(self) -> Occasion:
        fixed = self.month is not None and self.day is not None
        if fixed == (self.festival is not None):
            raise ValueError("give either month and day, or festival")
        if fixed:
            date(2024, self.month or 1, self.day or 1)
        return self


class Campaign(Declaration):
    """One care campaign: WHAT GOES OUT."""

    code: Code
    name: str
    owner: str
    purpose: Code
    occasion: Occasion
    lead_days: int = Field(default=14, ge=0, le=120, description="the list is drawn this long before the occasion")
    cycle: Literal["year"] = "year"
    eligibility: dict[str, Any] = Field(description="rule -> parameter, typed by talentpool/declare/rules.py")
    stock: int | None = Field(default=None, ge=1, description="parcels at hand; unset = for everyone eligible")
    approvals: tuple[Literal["city_officer", "city_approver"], ...] = ()
    item: str = Field(description="what is handed out, printed on the sheet")
    contact: str | None = Field(
        default=None, description="who answers for this campaign instead of the office's contact (reference table)"
    )

    @field_validator("eligibility")
    @classmethod
    def _known_rules(cls, declared: dict[str, Any]) -> dict[str, Any]:
        return parse_rules(declared)

    @property
    def hash(self) -> str:
        return hash_of(self)
