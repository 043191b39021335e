"""Show how the pool becomes the list: pool, lawful, eligible, selected, and why people stay behind at each step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from talentpool.declare.rules import FITTING, STEPS, every_why


def funnel(selected: int, excluded: Mapping[str, int]) -> list[dict[str, Any]]:
    """Step by step: `people` who are left after it, `left_out` at it (reason -> people), so that the sums give the pool.

    `excluded`: everybody's one reason, which is of the earliest step that they do not pass. A reason that no rule of today
    knows, of an old list, counts as a condition of the campaign.
    """
    known = every_why()
    at: dict[str, dict[str, int]] = {step: {} for step in STEPS}
    for reason, people in excluded.items():
        step = known[reason].step if reason in known else FITTING
        at[step][reason] = people
    left = selected + sum(excluded.values())
    steps = []
    for step, name in STEPS.items():
        left -= sum(at[step].values())
        steps.append({"step": step, "name": name, "people": left, "left_out": at[step]})
    return steps
