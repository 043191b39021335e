"""Change a declaration for a trial: `stock=500`, `eligibility.age.max=40`, `order=[longest_ago]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import ValidationError

from talentpool.declare import Campaign
from talentpool.declare.base import Reader, explain_field
from talentpool.errors import UsageError

FIELDS = ("eligibility", "stock", "order", "unit_cost", "places", "leads")
"""What may be tried; the rest is not a setting."""


def changed(campaign: Campaign, given: Mapping[str, str]) -> Campaign:
    """`campaign` with each dotted field set to its value, written as in a declaration. UsageError names what is wrong."""
    facts = campaign.model_dump(mode="json")
    for path, text in given.items():
        names = path.split(".")
        if names[0] not in FIELDS:
            raise UsageError(f"--set {path}: one of {', '.join(FIELDS)} and what is below it")
        try:
            value = yaml.load(text, Loader=Reader)  # noqa: S506 - a safe loader, the fast one
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise UsageError(f"--set {path}: the value cannot be read") from error
        _put(facts, path, names, value)
    try:
        return Campaign.model_validate(facts)
    except ValidationError as error:
        raise UsageError("; ".join(explain_field(Campaign, each) for each in error.errors())) from error


def _put(facts: dict[str, Any], path: str, names: list[str], value: Any) -> None:
    at = facts
    for name in names[:-1]:
        if at.get(name) is None:
            at[name] = {}
        if not isinstance(at[name], dict):
            raise UsageError(f"--set {path}: {name} has nothing below it")
        at = at[name]
    at[names[-1]] = value
