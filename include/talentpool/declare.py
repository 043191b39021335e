"""Declarations: what comes in (partners), what goes out (campaigns), how the pool counts. Typed, and strict.

YAML states facts, Python states procedure: no class paths, no SQL, no expressions. An unknown key or a bad value
raises DeclarationError naming the file, the field and what would have been valid.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, ValidationError, field_validator, model_validator

from talentpool.errors import DeclarationError

FIELDS = (
    "staff_no", "name", "sex", "document_type", "document_no", "birth_date", "mobile", "mobile2", "county",
    "station", "occupation", "hired_on", "left_on", "consented_on", "notice_version",
)  # fmt: skip
"""Canonical field names, in the order of the standard template."""

TEMPLATE_V1 = dict(
    zip(
        ("工号", "姓名", "性别", "证件类型", "证件号码", "出生日期", "手机号码", "备用手机", "工作区县", "站点",
         "从业类别", "入职日期", "离职日期", "授权日期", "告知版本"),
        FIELDS,
        strict=True,
    )
)  # fmt: skip
"""Standard roster template 标准名册模板 v1: column header -> canonical field."""

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

REQUIRED_FIELDS = ("staff_no", "name", "county")

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
Share = Annotated[float, Field(ge=0, le=1)]


class Declaration(BaseModel):
    """Base: frozen, unknown keys fail."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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
    """When a roster is due. `cron` in Asia/Shanghai; `kind` of the usual delivery; late after `grace_hours`."""

    cron: str
    kind: Literal["full", "delta"]
    grace_hours: int = Field(default=48, ge=1)


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


class Bounds(Declaration):
    """What a delivery may look like without a baseline, and when the circuit breaker opens (shares of rows)."""

    min_rows: int = Field(default=1, ge=1)
    max_rows: int = Field(default=5_000_000, ge=1)
    quarantined_max: Share = 0.2
    id_missing_max: Share = 0.6
    mobile_missing_max: Share = 0.3
    birth_missing_max: Share = 0.7
    removals_max: Share = 0.15
    removals_min_people: int = Field(default=10, ge=1)
    nulls_jump_max: Share = 0.10
    nulls_jump_min_rows: int = Field(default=10, ge=1)
    staff_no_reused_max: Share = 0.01
    max_age: int = Field(default=80, ge=60, le=120)


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
    """Days kept: landed raw files, and people after they left."""

    raw_days: int = Field(default=30, ge=1, le=365)
    left_days: int = Field(default=365, ge=1)


class Contact(Declaration):
    """Whom a repair letter goes to; an office address, not a private one."""

    unit: str
    role: str
    email: str | None = None
    phone: str | None = None


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
    default_occupation: Code = "other"

    @field_validator("transport", mode="before")
    @classmethod
    def _transport(cls, facts: Any) -> Any:
        """Typed by the transport it names: acquire/transports/<kind>.py holds the options."""
        from talentpool.acquire.transports import kinds, transport

        kind = facts.get("kind") if isinstance(facts, dict) else None
        if kind not in kinds():
            raise ValueError(f"transport.kind is one of {', '.join(kinds())}")
        options = transport(kind).Options
        try:
            return options.model_validate(facts)
        except ValidationError as error:
            raise ValueError("; ".join(_explain_field(options, e) for e in error.errors())) from None

    @property
    def hash(self) -> str:
        return _hash(self)


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


class Campaign(Declaration):
    """One care campaign: WHAT GOES OUT."""

    code: Code
    name: str
    owner: str
    purpose: Code
    occasion: Occasion
    lead_days: int = Field(default=14, ge=0, le=120, description="the list is drawn this long before the occasion")
    cycle: Literal["year"] = "year"
    eligibility: dict[str, Any] = Field(description="rule -> parameter, typed by talentpool/target/rules.py")
    stock: int | None = Field(default=None, ge=1, description="parcels at hand; unset = for everyone eligible")
    approvals: tuple[Literal["city_officer", "city_approver"], ...] = ()
    item: str = Field(description="what is handed out, printed on the sheet")
    contact: str = Field(description="whom to turn to for corrections and withdrawal, printed on the sheet")

    @field_validator("eligibility")
    @classmethod
    def _known_rules(cls, declared: dict[str, Any]) -> dict[str, Any]:
        from talentpool.target.rules import parse_rules  # it stands on this module's types

        return parse_rules(declared)

    @property
    def hash(self) -> str:
        return _hash(self)


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


def _hash(declaration: Declaration) -> str:
    facts = json.dumps(declaration.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def read_declaration(path: Path, model: type[Any]) -> Any:
    """Parse one YAML file into `model`; DeclarationError names file, field and what is valid."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - a safe loader, the fast one
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DeclarationError(f"{path}: not readable as YAML: {error}") from error
    if not isinstance(data, dict):
        raise DeclarationError(f"{path}: a declaration is a mapping of fields")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise DeclarationError("; ".join(_explain(path, model, e) for e in error.errors())) from error


def _explain(path: Path, model: type[BaseModel], error: Any) -> str:
    return f"{path}: {_explain_field(model, error)}"


def _explain_field(model: type[BaseModel], error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "(file)"
    if error["type"] == "extra_forbidden":
        return f"unknown key {where}; valid keys: {', '.join(sorted(_fields_at(model, error['loc'][:-1])))}"
    return f"field {where}: {error['msg']}"


def _fields_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> Iterable[str]:
    """Field names of the model nested at `loc`."""
    for part in loc:
        nested = _models_in(model.model_fields[str(part)].annotation) if str(part) in model.model_fields else []
        model = nested[0] if nested else model
    return model.model_fields


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for arg in getattr(annotation, "__args__", ()) for m in _models_in(arg)]


def partner_files(folders: Iterable[Path]) -> dict[str, Path]:
    """Partner code -> its partner.yml, by code; the folder's name is the code."""
    return {p.parent.name: p for folder in folders for p in sorted(folder.glob("*/partner.yml"))}


def campaign_files(folders: Iterable[Path]) -> dict[str, Path]:
    """Campaign code -> its YAML; the file's stem is the code."""
    return {p.stem: p for folder in folders for p in sorted(folder.glob("*.yml"))}


def load_partner(folders: Iterable[Path], code: str) -> Partner:
    """The partner `code`; DeclarationError lists the known ones."""
    return _load(partner_files(folders), code, Partner, "partner")


def load_campaign(folders: Iterable[Path], code: str) -> Campaign:
    """The campaign `code`; DeclarationError lists the known ones."""
    return _load(campaign_files(folders), code, Campaign, "campaign")


def _load(files: dict[str, Path], code: str, model: type[Any], what: str) -> Any:
    if code not in files:
        raise DeclarationError(f"no {what} {code!r}; known: {', '.join(sorted(files)) or 'none'}")
    declaration = read_declaration(files[code], model)
    if declaration.code != code:
        raise DeclarationError(f"{files[code]}: field code: is {declaration.code!r}, its place says {code!r}")
    return declaration


def load_pool_rules(include: Path) -> PoolRules:
    """include/pool.yml."""
    rules: PoolRules = read_declaration(include / "pool.yml", PoolRules)
    return rules
