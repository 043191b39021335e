"""Decide eligibility: each rule is one function, registered under its key in a campaign's YAML.

A rule looks at one person's facts and its declared parameter and answers None (it holds) or the code of the reason
why not. The decorator declares the parameter's type, the codes with the words an officer reads, and how the rule is
told on the sheet; nothing else needs to know of a new rule. Rules run in the order of this file, and the first that
does not hold is the person's reason. No rule sees anything about behaviour, and none ranks people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from talentpool.declare.ages import in_band
from talentpool.declare.base import Code
from talentpool.declare.pool import AgeBand

ELIGIBLE = "eligible"
SERVED_ALREADY = "served_already"
STOCK_SHORT = "stock_short"


@dataclass(frozen=True)
class Candidate:
    """What a rule may know of a person on the as-of date: facts of the pool, never a name or a number."""

    as_of: date
    birth_date: date | None
    occupation: str
    active: bool
    weak_identity: bool
    home_county: str | None
    notice_covers: bool
    open_pair: bool = False
    suspended: bool = False
    stopped: bool = False
    opted_out: bool = False


Check = Callable[[Candidate, Any], str | None]


@dataclass(frozen=True)
class Rule:
    """A registered rule. `default` is the parameter of a campaign that says nothing; None = does not apply."""

    name: str
    check: Check
    parameter: TypeAdapter[Any]
    default: Any
    reasons: Mapping[str, str]
    says: Callable[[Any], str]


RULES: dict[str, Rule] = {}


def rule(
    parameter: Any, *, reasons: Mapping[str, str], says: Callable[[Any], str], default: Any = None
) -> Callable[[Check], Check]:
    """Register a rule under its function's name.

    Args:
        parameter: type of the YAML value (anything pydantic validates).
        reasons: reason code -> Chinese text, for every code the function may answer.
        says: parameter -> the condition in Chinese; '' leaves it off the sheet.
        default: parameter where the campaign names none; None = the rule then does not apply.
    """

    def register(check: Check) -> Check:
        name = check.__name__
        doubled = sorted(set(reasons) & set(list_reasons()))
        if name in RULES or doubled:
            raise ValueError(f"rule {name}: registered twice, or a reason of another rule: {', '.join(doubled)}")
        RULES[name] = Rule(name, check, TypeAdapter(parameter), default, dict(reasons), says)
        return check

    return register


def parse_rules(declared: Mapping[str, Any]) -> dict[str, Any]:
    """YAML under `eligibility` -> typed parameter by rule name, defaults filled in, in the order of the rules.

    Raises ValueError naming the unknown rule and the valid ones, or the parameter and what is wrong with it.
    """
    unknown = sorted(set(declared) - set(RULES))
    if unknown:
        raise ValueError(f"unknown rule {', '.join(unknown)}; valid rules: {', '.join(RULES)}")
    parsed = {}
    for name, known in RULES.items():
        value = declared.get(name, known.default)
        if value is None:
            continue
        try:
            parsed[name] = known.parameter.validate_python(value)
        except ValidationError as error:
            raise ValueError("; ".join(_explain(name, known, e) for e in error.errors())) from error
    return parsed


def _explain(name: str, known: Rule, error: Any) -> str:
    where = ".".join([name, *(str(part) for part in error["loc"])])
    if error["type"] != "extra_forbidden":
        return f"{where}: {error['msg']}"
    valid = known.parameter.json_schema().get("properties", {})
    return f"unknown key {where}; valid keys: {', '.join(sorted(valid))}"


def judge(person: Candidate, rules: Mapping[str, Any]) -> str:
    """ELIGIBLE, or the reason of the first rule that does not hold. `rules`: what parse_rules gave."""
    for name, parameter in rules.items():
        reason = RULES[name].check(person, parameter)
        if reason is not None:
            return reason
    return ELIGIBLE


def conditions(rules: Mapping[str, Any]) -> list[str]:
    """The campaign's conditions in Chinese, for the sheet and the list passport."""
    told = (RULES[name].says(parameter) for name, parameter in rules.items())
    return [text for text in told if text]


def list_reasons() -> dict[str, str]:
    """Every reason that a row of a list may carry, in or out -> the words an officer reads."""
    shipped = {
        ELIGIBLE: "符合全部条件",
        SERVED_ALREADY: "本轮同一用途的其他名单已服务",
        STOCK_SHORT: "符合条件，本轮物资已按随机次序分完",
    }
    return shipped | {code: text for known in RULES.values() for code, text in known.reasons.items()}


@rule(
    bool,
    default=True,
    reasons={
        "not_active": "已离职或不在岗",
        "consent_ended": "授权已中止，核实前不列入",
        "use_stopped": "本人已申请撤回授权，停止使用",
    },
    says=lambda on: "在岗" if on else "",
)
def active(person: Candidate, wanted: bool) -> str | None:
    """On the roster of at least one partner on the as-of date, with consent that counts. Consent no campaign waives."""
    if person.stopped:
        return "use_stopped"
    if person.suspended and not person.active:
        return "consent_ended"
    return "not_active" if wanted and not person.active else None


@rule(
    Literal[True],
    default=True,
    reasons={"opted_out": "本人表示不参加此项活动"},
    says=lambda _: "",
)
def opted_out(person: Candidate, _: bool) -> str | None:
    """Who said that they do not want to be used for this purpose is not; no campaign waives it."""
    return "opted_out" if person.opted_out else None


@rule(
    bool,
    default=False,
    reasons={"weak_identity": "缺少可用的证件号码、手机和出生日期，补全前只计数不列入"},
    says=lambda allowed: "" if allowed else "身份信息足以确认是同一人",
)
def weak_identity(person: Candidate, allowed: bool) -> str | None:
    """People without any usable evidence are counted, not listed, unless the campaign allows it."""
    return "weak_identity" if person.weak_identity and not allowed else None


def _say_age(band: AgeBand) -> str:
    upper = f"{band.max} 周岁以下（含 {band.max}）" if band.inclusive else f"不满 {band.max} 周岁"
    return f"年满 {band.min} 周岁、{upper}"


@rule(
    AgeBand,
    reasons={"age_unknown": "出生日期未知，无法核对年龄", "age_outside": "年龄不在本次活动范围内"},
    says=_say_age,
)
def age(person: Candidate, band: AgeBand) -> str | None:
    """Completed years on the as-of date inside the campaign's band."""
    if person.birth_date is None:
        return "age_unknown"
    return None if in_band(person.birth_date, person.as_of, band) else "age_outside"


@rule(
    tuple[Code, ...],
    reasons={"occupation_outside": "从业类别不在本次活动范围内"},
    says=lambda codes: "从业类别在本次活动范围内" if codes else "",
)
def occupations(person: Candidate, codes: tuple[str, ...]) -> str | None:
    """One of the named occupations; an empty list means any."""
    return "occupation_outside" if codes and person.occupation not in codes else None


@rule(
    Literal[True],
    default=True,
    reasons={"county_unknown": "工作区县未知，无法确定由哪个区县服务"},
    says=lambda _: "工作区县明确",
)
def home_county(person: Candidate, _: bool) -> str | None:
    """Somebody must hand it out: the home county is known."""
    return None if person.home_county else "county_unknown"


@rule(
    Literal[True],
    default=True,
    reasons={"no_notice": "授权时的告知书未包含本次活动用途"},
    says=lambda _: "授权时的告知书包含本次活动用途",
)
def notice(person: Candidate, _: bool) -> str | None:
    """The notice the person agreed to names the campaign's purpose. No campaign can switch this off."""
    return None if person.notice_covers else "no_notice"


@rule(
    Literal["wait", "count"],
    reasons={"identity_open": "身份待复核：可能与另一条记录是同一人。请先在“复核”页作出判断，再重新生成名单"},
    says=lambda what: "身份无待复核的疑问" if what == "wait" else "",
)
def open_pairs(person: Candidate, what: str) -> str | None:
    """Whoever may be one person with somebody else waits until somebody has said so, where the campaign asks for it."""
    return "identity_open" if what == "wait" and person.open_pair else None
