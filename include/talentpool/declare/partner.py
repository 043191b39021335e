"""Define a partner's declaration: what comes in."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, SerializeAsAny, field_validator, model_validator

from talentpool.declare.base import Code, Declaration, Fraction, hash_of
from talentpool.declare.letter import RepairLetter
from talentpool.declare.roster import BRANCH, FIELDS, REQUIRED_FIELDS, TEMPLATE_V1
from talentpool.declare.transport import read_transport

BRANCHES = ("station",)
"""Fields that may tell apart staff numbers of several branches."""


def anchored_pattern(pattern: str) -> str:
    """A file-name pattern: a regular expression from ^ to $ with a group (?P<as_of>YYYYMMDD). ValueError otherwise."""
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    if not (pattern.startswith("^") and pattern.endswith("$")):
        raise ValueError("a file-name pattern starts with ^ and ends with $")
    if "as_of" not in compiled.groupindex:
        raise ValueError("a file-name pattern holds a group (?P<as_of>\\d{8})")
    return pattern


class Cadence(Declaration):
    """When a roster is due. `cron` in Asia/Shanghai; `kind` of the usual delivery; late after `grace_hours`, whole working
    days of 24; announced in the daily digest from `lead_days` before on, so that somebody can remind the partner.

    `as_of_days`: the days of the month its rosters speak of, -1 the last one, -2 the one before it; none named, any day."""

    cron: str
    kind: Literal["full", "delta"]
    grace_hours: int = Field(default=48, ge=1)
    lead_days: int = Field(default=3, ge=0, le=14)
    as_of_days: tuple[Annotated[int, Field(ge=-28, le=31)], ...] = ()

    @field_validator("as_of_days")
    @classmethod
    def _days_of_a_month(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if 0 in days or len(set(days)) < len(days):
            raise ValueError("as_of_days: 1 to 31, or -1 to -28 from the end of the month, each once")
        return days

    def speaks_of(self, day: date) -> bool:
        """Whether a roster of this partner may have this as-of date."""
        last = monthrange(day.year, day.month)[1]
        return not self.as_of_days or day.day in self.as_of_days or day.day - last - 1 in self.as_of_days


class Format(Declaration):
    """How the partner writes. `columns`: the partner's header -> canonical field; unset = the standard template."""

    kind: Literal["csv", "xlsx"] = "csv"
    encodings: tuple[Literal["utf-8", "gb18030"], ...] = ("utf-8", "gb18030")
    columns: dict[str, str] = Field(default_factory=lambda: dict(TEMPLATE_V1))
    title_rows: int = Field(default=0, ge=0, le=10)

    @field_validator("columns")
    @classmethod
    def _known_fields(cls, columns: dict[str, str]) -> dict[str, str]:
        unknown = sorted(set(columns.values()) - set(FIELDS))
        if unknown:
            raise ValueError(f"unknown field {', '.join(unknown)}; valid: {', '.join(FIELDS)}")
        doubled = sorted({f for f in columns.values() if list(columns.values()).count(f) > 1})
        if doubled:
            raise ValueError(f"two columns for {', '.join(doubled)}")
        missing = [f for f in REQUIRED_FIELDS if f not in columns.values()]
        if missing:
            raise ValueError(f"no column for required field {', '.join(missing)}")
        return columns


VALUES_CHANGED_MAX = {
    "name": 0.1, "id_number": 0.1, "birth_date": 0.1, "sex": 0.1, "hired_on": 0.2, "county": 0.2, "mobile": 0.3,
    "station": 0.5, "occupation": 0.5, "mobile2": 0.3, "left_on": 0.2, "consented_on": 0.1,
}  # fmt: skip
"""Who people are hardly changes; where they work and how they are reached does. A consent that is given anew is a later
one: of `consented_on` only those count that are earlier than before."""


class Learned(Declaration):
    """How a bound is learned from the partner's own deliveries of the kind (docs/adr/0106): from `deliveries` of them on, of the
    last `window`. It is their median and `k` robust standard deviations, at least `floor` of the declared bound beside
    the median, at most `cap` times the declared bound."""

    deliveries: int = Field(default=6, ge=4, le=24)
    window: int = Field(default=12, ge=4, le=60)
    k: float = Field(default=4, ge=1, le=10)
    floor: Fraction = 0.5
    cap: float = Field(default=2, ge=1, le=5)

    @model_validator(mode="after")
    def _enough(self) -> Learned:
        if self.window < self.deliveries:
            raise ValueError("window: not fewer than deliveries")
        return self


class Bounds(Declaration):
    """What a delivery may look like without a baseline, and when the circuit breaker opens (shares of rows)."""

    min_rows: int = Field(default=1, ge=1)
    max_rows: int = Field(default=5_000_000, ge=1)
    """Rows that no roster of the partner can have, whatever came before: the only upper bound of a first one."""
    quarantined_max: Fraction = 0.5
    quarantined_min_rows: int = Field(default=50, ge=1)
    id_missing_max: Fraction = 0.6
    mobile_missing_max: Fraction = 0.3
    birth_missing_max: Fraction = 0.7
    removals_max: Fraction = 0.15
    removals_min_people: int = Field(default=10, ge=1)
    nulls_jump_max: Fraction = 0.10
    nulls_jump_min_rows: int = Field(default=10, ge=1)
    staff_no_reused_max: Fraction = 0.01
    values_lost_max: Fraction = 0.15
    values_lost_min_people: int = Field(default=10, ge=1)
    values_changed_max: dict[str, Fraction] = Field(default_factory=dict)
    """By field of VALUES_CHANGED_MAX, where a partner's values change more often than others'."""
    values_changed_min_people: int = Field(default=10, ge=1)
    additions_max: float = Field(default=0.5, ge=0)
    additions_min_people: int = Field(default=30, ge=1)
    rows_jump_max: float = Field(default=0.5, ge=0)
    rows_jump_min: int = Field(default=30, ge=1)
    stations_max: Fraction = 0.5
    stations_min_people: int = Field(default=30, ge=1)
    mobile_shared_max: int = Field(default=3, ge=1)
    """People of one delivery who may have one mobile before that is remarked."""
    same_people_max: Fraction = 0.9
    """Share of people whom one other partner knows as well, above which the roster looks like that partner's."""
    max_age: int = Field(default=80, ge=60, le=120)
    learned: Learned = Learned()

    @field_validator("values_changed_max")
    @classmethod
    def _comparable(cls, shares: dict[str, float]) -> dict[str, float]:
        unknown = sorted(set(shares) - set(VALUES_CHANGED_MAX))
        if unknown:
            raise ValueError(f"unknown field {', '.join(unknown)}; valid: {', '.join(VALUES_CHANGED_MAX)}")
        return shares

    def changed_max(self, field: str) -> float:
        """The share of known people whose value of a field may change from one full snapshot to the next."""
        return self.values_changed_max.get(field, VALUES_CHANGED_MAX[field])


class Basis(Declaration):
    """The lawful basis. `consent`: a row needs a consent date and a known notice version."""

    kind: Literal["consent", "statutory_duty", "contract"]
    notice: Literal["row", "manifest"] = "row"
    reference: str = Field(default="", description="article or agreement that a basis other than consent rests on")

    @model_validator(mode="after")
    def _named(self) -> Basis:
        if self.kind != "consent" and not self.reference:
            raise ValueError("a basis other than consent names its reference")
        return self


class Retention(Declaration):
    """Days kept: landed raw files, rows that were set aside, and people after they left.

    What a declaration leaves out has the term of include/reference/retention.csv.
    """

    raw_days: int = Field(default=30, ge=1, le=365)
    quarantine_days: int = Field(default=90, ge=1, le=365)
    left_days: int = Field(default=365, ge=1)

    @model_validator(mode="after")
    def _raw_first(self) -> Retention:
        if self.raw_days > self.left_days:
            raise ValueError("raw_days: a raw file names people; it goes no later than they do (left_days)")
        return self


class Contact(Declaration):
    """Whom a repair letter goes to; an office address, not a private one."""

    unit: str
    role: str
    email: str | None = None
    phone: str | None = None


class BackChannel(Declaration):
    """Where a partner puts the filled-in sheets of its own people: a folder on an SFTP server, by an Airflow connection."""

    connection: str
    directory: str = Field(default="receipts", pattern=r"^[\w][\w/.-]*$")

    @field_validator("directory")
    @classmethod
    def _below(cls, directory: str) -> str:
        if ".." in directory.split("/"):
            raise ValueError("directory: no ..")
        return directory.rstrip("/")


class Partner(Declaration):
    """One partner company: WHAT COMES IN."""

    code: Code
    name: str
    owner: str
    contact: Contact
    transport: SerializeAsAny[Declaration]
    cadence: Cadence
    format: Format = Format()
    bounds: Bounds = Bounds()
    basis: Basis
    retention: Retention = Retention()
    receipts: BackChannel | None = Field(default=None, description="where filled-in sheets of its people come back by")
    letter: RepairLetter | None = Field(
        default=None, description="how the letter about faults of a delivery reaches it"
    )
    default_occupation: Code = "other"
    staff_no_is: Literal["mobile", "id_number", "number"] | None = Field(
        default=None,
        description="what the staff number is when it looks like a person's number: the mobile or the ID number itself"
        " (sealed, only a keyed hash stands in plain), or a number of the partner's own",
    )
    staff_no_within: str | None = Field(
        default=None,
        description="the header (站点, 企业, ...) of the column within which staff numbers are unique, when branches"
        " number on their own; the staff number is then branch/number everywhere",
    )

    @field_validator("transport", mode="before")
    @classmethod
    def _transport(cls, facts: Any) -> Any:
        return read_transport(facts)

    @model_validator(mode="after")
    def _within(self) -> Partner:
        if self.branch in FIELDS and self.branch not in BRANCHES:
            raise ValueError(f"staff_no_within: {self.staff_no_within} is no branch; name 站点, or a column of its own")
        if self.branch is not None and self.staff_no_is in ("mobile", "id_number"):
            raise ValueError("staff_no_within: a person's own number is unique without a branch")
        return self

    @property
    def branch(self) -> str | None:
        """The field within which staff numbers are unique: one of the roster's, or the column beside them."""
        if self.staff_no_within is None:
            return None
        return {**TEMPLATE_V1, **self.format.columns}.get(self.staff_no_within, BRANCH)

    @property
    def hash(self) -> str:
        return hash_of(self)
