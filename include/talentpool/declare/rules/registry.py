"""Register rules, read their parameters from a declaration, and put them together as one SQL expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.dialects.postgresql import array as pg_array

from talentpool.declare.rules.known import Known

LAWFUL, FITTING, SELECTED = "lawful", "eligible", "selected"
"""Steps from the pool to the list: may be used for this purpose; meets the campaign's conditions; gets what there is."""
STEPS = {"pool": "人才库", LAWFUL: "可合法使用", FITTING: "符合条件", SELECTED: "入选"}
"""Every step of the funnel in its order -> how it is called."""

ELIGIBLE = "eligible"
SERVED_ALREADY = "served_already"
STOCK_SHORT = "stock_short"
COUNTY_WAITS = "county_waits"
BY_HAND = "out_by_hand"
REFUSED_BEFORE, RECEIPT_AWAITED, NOT_FOLLOWED = "refused_before", "receipt_awaited", "not_followed"
"""Of a follow-up alone."""
BESIDE_RULES = (SERVED_ALREADY, COUNTY_WAITS, BY_HAND, REFUSED_BEFORE, RECEIPT_AWAITED, NOT_FOLLOWED)
"""Reasons that no rule gives, and no pool tells since when."""
MEETS_EVERY_RULE = (ELIGIBLE, STOCK_SHORT, COUNTY_WAITS)
"""Reasons of people who are eligible, on the list or not."""


class Why(NamedTuple):
    """A reason: the words an officer reads, what would change it, and the step at which it keeps somebody out."""

    text: str
    fix: str
    step: str = FITTING


Check = Callable[[Known, Any], Mapping[str, sa.ColumnElement[bool]]]


@dataclass(frozen=True)
class Rule:
    """A registered rule. `default` is the parameter of a campaign that says nothing; None = does not apply."""

    name: str
    check: Check
    parameter: TypeAdapter[Any]
    default: Any
    reasons: Mapping[str, Why]
    says: Callable[[Any], str]


RULES: dict[str, Rule] = {}


def rule(
    parameter: Any, *, reasons: Mapping[str, Why], says: Callable[[Any], str], default: Any = None
) -> Callable[[Check], Check]:
    """Register a rule under its function's name.

    Args:
        parameter: type of the YAML value (anything pydantic validates).
        reasons: reason code -> why, in Chinese, for every code the function may answer.
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

    Raises ValueError naming the unknown rule and the valid ones, or the parameter and what is wrong with it. A rule without
    a parameter (`opted_out:`) is refused: it would switch off what no campaign waives, or a limit that somebody meant to set.
    """
    unknown = sorted(set(declared) - set(RULES))
    if unknown:
        raise ValueError(f"unknown rule {', '.join(unknown)}; valid rules: {', '.join(RULES)}")
    empty = [name for name in declared if declared[name] is None]
    if empty:
        raise ValueError(f"{', '.join(empty)}: no value; give one, or leave the line out")
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
    return f"unknown key {where}; valid keys: {', '.join(sorted(_keys(known.parameter.json_schema())))}"


def _keys(schema: Any) -> set[str]:
    """Property names of a parameter's model, wherever it stands in the schema."""
    if isinstance(schema, list):
        return set().union(*map(_keys, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    return set(schema.get("properties", {})) | _keys([part for key, part in schema.items() if key != "properties"])


def judge(known: Known, rules: Mapping[str, Any]) -> sa.ColumnElement[str]:
    """SQL for ELIGIBLE, or for the first reason that holds: first what makes use unlawful. `rules`: what parse_rules gave."""
    whens = [(condition, sa.literal(reason)) for reason, condition in _conditions(known, rules)]
    return sa.case(*whens, else_=sa.literal(ELIGIBLE)) if whens else sa.literal(ELIGIBLE)


def judge_all(known: Known, rules: Mapping[str, Any]) -> sa.ColumnElement[list[str]]:
    """SQL for every reason that holds, in the order in which `judge` asks: an array, empty for whoever is eligible."""
    held: list[sa.ColumnElement[str]] = [
        sa.case((condition, sa.literal(reason))) for reason, condition in _conditions(known, rules)
    ]
    return sa.func.array_remove(pg_array(held), sa.null())


def _conditions(known: Known, rules: Mapping[str, Any]) -> list[tuple[str, sa.ColumnElement[bool]]]:
    """Reason and condition: by step, then in the order of the rules and of their lines."""
    asked = []
    for name, parameter in rules.items():
        found = RULES[name].check(known, parameter)
        if not set(found) <= set(RULES[name].reasons):
            raise ValueError(f"rule {name} gives a reason that it does not declare")
        asked += [(RULES[name].reasons[reason].step, reason, condition) for reason, condition in found.items()]
    asked.sort(key=lambda each: list(STEPS).index(each[0]))
    return [(reason, condition) for _, reason, condition in asked]


def conditions(rules: Mapping[str, Any]) -> list[str]:
    """The campaign's conditions in Chinese, for the sheet and the list passport."""
    told = (RULES[name].says(parameter) for name, parameter in rules.items())
    return [text for text in told if text]


def list_reasons() -> dict[str, str]:
    """Every reason that a row of a list may carry, in or out -> the words an officer reads."""
    return {code: why.text for code, why in every_why().items()}


def every_why() -> dict[str, Why]:
    """The same with what would change it, and the step."""
    shipped = {
        ELIGIBLE: Why("符合全部条件", "", SELECTED),
        SERVED_ALREADY: Why("本轮同一用途的其他名单已服务", "等到下一轮"),
        STOCK_SHORT: Why("符合条件，本轮物资或名额已按公布的次序分完", "增加物资或名额", SELECTED),
        BY_HAND: Why("由专员登记、另一人确认，本期不列入", "例外到期或结束之后重新拟定"),
        REFUSED_BEFORE: Why("回执登记为本人拒领，补发不再列入", "登记有误的，更正那一行之后重新拟定"),
        RECEIPT_AWAITED: Why("已在本轮名单上，还在等回执", "回执到后，或回收日过后重新拟定"),
        NOT_FOLLOWED: Why("补发只列未领到的人和依次后补的人，此人不在其中", "新符合条件的人列入补充名单"),
        COUNTY_WAITS: Why("所在区县尚未审批，改列补充名单", "区县审批补充名单", SELECTED),
    }
    return shipped | {code: why for known in RULES.values() for code, why in known.reasons.items()}
