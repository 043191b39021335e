"""Define the stock of a campaign: how much there is, for whom, who gave it, how much is kept back; and who comes first."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from talentpool.declare.base import Declaration

CountyCode = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
CITY = ""
"""The place of stock that is for the whole city."""

Criterion = Literal["never_served", "longest_ago", "longest_in_trade"]
ORDER_WORDS: dict[str, str] = {
    "never_served": "从未享受过本项活动的优先",
    "longest_ago": "距上次享受时间最长的优先",
    "longest_in_trade": "在现岗位工作时间最长的优先",
}
"""Who comes first when there is not enough for everybody -> how it is said. Equal people are parted by the lottery."""


class Donation(Declaration):
    """What somebody gave for the campaign, beside what the office buys."""

    donor: str = Field(min_length=1, description="a company or an office, as it wants to be named on the sheet")
    number: int = Field(ge=1)
    county: CountyCode | None = Field(default=None, description="whose it is, where the stock is declared by county")

    def told(self) -> str:
        return f"{self.donor}捐赠 {self.number} 份"


class Stock(Declaration):
    """What there is: for the whole city (`total`), or for each county by itself (`counties`). A bare number is a total.

    Of each number `reserve` per cent, rounded down, are kept back for names that come late.
    """

    total: int | None = Field(default=None, ge=1)
    counties: dict[CountyCode, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    reserve: int = Field(default=0, ge=0, le=50, description="per cent of the stock that no first list hands out")
    donated: tuple[Donation, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Stock:
        if self.total is not None and self.counties:
            raise ValueError("either total or counties, not both")
        if not self.total and not self.counties and not self.donated:
            raise ValueError("total, counties or donated: a stock of nothing is no stock")
        by_county = [gift.county is not None for gift in self.donated]
        if self.by_county and not all(by_county):
            raise ValueError("donated: where the stock is declared by county, each gift names its county")
        if not self.by_county and any(by_county):
            raise ValueError("donated: a gift names a county only where the stock is declared by county")
        return self

    @property
    def by_county(self) -> bool:
        return bool(self.counties)

    def at_hand(self) -> dict[str, int]:
        """County code -> kits, bought and donated; CITY alone where the stock is the whole city's."""
        numbers = dict(self.counties) if self.by_county else {CITY: self.total or 0}
        for gift in self.donated:
            place = gift.county or CITY
            numbers[place] = numbers.get(place, 0) + gift.number
        return numbers

    def kept_back(self) -> dict[str, int]:
        """The same, of what is kept back."""
        return {place: number * self.reserve // 100 for place, number in self.at_hand().items()}

    def to_share(self) -> dict[str, int]:
        """The same, of what a list hands out. It never falls when the stock grows."""
        back = self.kept_back()
        return {place: number - back[place] for place, number in self.at_hand().items()}
