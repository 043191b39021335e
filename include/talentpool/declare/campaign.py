"""Define a campaign's declaration: what goes out."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, field_validator, model_validator

from talentpool.declare.base import Code, Declaration, hash_of
from talentpool.declare.form import Form, Place
from talentpool.declare.occasion.kinds import Dated, Occasion
from talentpool.declare.rules import parse_rules
from talentpool.declare.stock import CITY, Criterion, Stock


class Leads(Declaration):
    """Calendar days between an occasion and what goes before and after it; working days are found by the calendar."""

    freeze: int = Field(default=7, ge=0, le=120, description="before the first day: the list is locked")
    buy: int = Field(default=5, ge=0, le=120, description="before it: what is handed out is ordered")
    hand_out: int = Field(default=0, ge=0, le=120, description="before it: stations begin to hand out")
    receipts: int = Field(default=10, ge=0, le=120, description="after the last day: sheets are back")
    brief: int = Field(default=20, ge=0, le=120, description="after it: the brief is written")

    @model_validator(mode="after")
    def _in_order(self) -> Leads:
        if not (self.freeze >= self.buy >= self.hand_out and self.receipts <= self.brief):
            raise ValueError("in this order: freeze, buy, hand_out before the occasion; receipts, brief after it")
        return self


Role = Literal["county_officer", "city_officer", "city_approver"]


class Large(Declaration):
    """A list of more than `above` people needs further approvals."""

    above: int = Field(ge=1, description="people on the list")
    approvals: tuple[Literal["city_officer", "city_approver"], ...] = Field(min_length=1)


LONGEST_LEAD = {"month": 27, "quarter": 88}
"""Days: with a longer lead a list would be drawn before the occasion of the cycle before."""


LONGEST_LETTER = 700


class Campaign(Declaration):
    """One care campaign: WHAT GOES OUT."""

    code: Code
    name: str
    owner: str
    purpose: Code
    form: Form = "kit"
    occasion: Occasion
    lead_days: int = Field(default=14, ge=0, le=120, description="the list is drawn this long before the occasion")
    leads: Leads = Leads()
    eligibility: dict[str, Any] = Field(description="rule -> parameter, typed by talentpool/declare/rules/")
    stock: Stock | None = Field(default=None, description="what there is; unset = enough for everyone eligible")
    order: tuple[Criterion, ...] = Field(default=(), description="who comes first when it is short; then the lottery")
    served_by: Literal["listed", "received"] = Field(
        default="listed", description="who counts as served by an earlier list: who was on it, or whose receipt says so"
    )
    approvals: tuple[Role, ...] = Field(
        description="whose approvals a list needs, a role each; county_officer = every county its share; none = nobody's"
    )
    large: Large | None = Field(default=None, description="what a list of many people needs besides")
    item: str = Field(description="what is handed out, printed on the sheet")
    unit_cost: Decimal | None = Field(default=None, gt=0, max_digits=9, decimal_places=2, description="yuan for one")
    places: tuple[Place, ...] = Field(
        default=(), description="of a session: where, in which slots, how many people each"
    )
    companions: Literal["headcount"] | None = Field(
        default=None,
        description="of an event: people's children come along; they are counted, and nothing else is kept",
    )
    letter: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        default=(), description="of a letter: its paragraphs, printed for each person with name, contact and day"
    )
    contact: str | None = Field(
        default=None, description="who answers for this campaign instead of the office's contact (reference table)"
    )

    _dates: tuple[Dated, ...] = PrivateAttr(default=())

    @property
    def dates(self) -> tuple[Dated, ...]:
        """Days that officers moved or added, in force; none where nobody read them (`with_dates`), as at parsing."""
        return self._dates

    def with_dates(self, dates: Iterable[Dated]) -> Campaign:
        """The same declaration, with the same hash, on the days that the office keeps."""
        kept = self.model_copy()
        kept._dates = tuple(dates)
        return kept

    @field_validator("stock", mode="before")
    @classmethod
    def _bare_number(cls, declared: Any) -> Any:
        number = isinstance(declared, int) and not isinstance(declared, bool)
        return {"total": declared} if number else declared

    @field_validator("approvals", mode="before")
    @classmethod
    def _none(cls, declared: Any) -> Any:
        return () if declared == "none" else declared

    @field_validator("approvals")
    @classmethod
    def _counties_first(cls, roles: tuple[Role, ...]) -> tuple[Role, ...]:
        if roles.count("county_officer") > 1:
            raise ValueError("county_officer once: it stands for every county")
        return tuple(sorted(roles, key=lambda role: role != "county_officer"))

    @field_validator("order")
    @classmethod
    def _each_once(cls, order: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
        if len(set(order)) < len(order):
            raise ValueError("each criterion once")
        return order

    @field_validator("eligibility")
    @classmethod
    def _known_rules(cls, declared: dict[str, Any]) -> dict[str, Any]:
        return parse_rules(declared)

    @model_validator(mode="after")
    def _of_its_form(self) -> Campaign:
        if bool(self.places) != (self.form == "session"):
            raise ValueError("places: a session names its places, and no other form has any")
        if self.companions is not None and self.form != "event":
            raise ValueError("companions: only an event has any")
        if self.letter and self.form != "letter":
            raise ValueError("letter: only a letter has paragraphs to print")
        if sum(map(len, self.letter)) > LONGEST_LETTER:
            raise ValueError(f"letter: at most {LONGEST_LETTER} characters, which a page holds")
        if self.places and self.stock is not None and self.stock.by_county:
            raise ValueError("stock.counties: what a session has by county are the seats of its places")
        return self

    @model_validator(mode="after")
    def _drawn_in_time(self) -> Campaign:
        longest = LONGEST_LEAD.get(self.occasion.every or "", 120)
        if self.lead_days > longest:
            raise ValueError(f"lead_days: at most {longest} for what comes every {self.occasion.every}")
        if "leads" in self.model_fields_set and self.leads.freeze > self.lead_days:
            raise ValueError("leads.freeze: a list is drawn (lead_days) before it is locked")
        return self

    def approvers_of(self, people: int) -> tuple[str, ...]:
        """Whose approvals a list of so many people needs."""
        more = self.large.approvals if self.large is not None and people > self.large.above else ()
        return (*self.approvals, *more)

    @property
    def room(self) -> int | None:
        """How many people the list holds at most: what is shared out, the seats of a session, the fewer of both; None = all."""
        return self._room(None if self.stock is None else self.stock.to_share())

    @property
    def shares(self) -> dict[str, int] | None:
        """County code -> how many people its list holds at most; CITY alone = one number for all; None = everybody."""
        return self._shares(None if self.stock is None else self.stock.to_share())

    @property
    def shares_with_reserve(self) -> dict[str, int] | None:
        """The same with what is kept back for names that come late."""
        return self._shares(None if self.stock is None else self.stock.at_hand())

    def _room(self, stock: dict[str, int] | None) -> int | None:
        limits = [sum(stock.values())] if stock is not None else []
        if self.places:
            limits.append(sum(place.seats for place in self.places))
        return min(limits, default=None)

    def _shares(self, stock: dict[str, int] | None) -> dict[str, int] | None:
        if stock is not None and CITY not in stock:
            return stock
        room = self._room(stock)
        return None if room is None else {CITY: room}

    @property
    def told(self) -> list[list[str]]:
        """What a sheet tells beside the conditions: label and text."""
        places = [["场次", "；".join(place.told() for place in self.places)]] if self.places else []
        given = "；".join(gift.told() for gift in self.stock.donated) if self.stock is not None else ""
        children = [["随行子女", "只登记人数，不登记姓名、年龄等任何信息"]] if self.companions else []
        return [*places, *([["捐赠", given]] if given else []), *children]

    @property
    def hash(self) -> str:
        return hash_of(self)
