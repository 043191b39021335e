"""Read and check the weights once: one visible, versioned file (weights.yml)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

FILE = Path(__file__).with_name("weights.yml")
LEVELS = {
    "document": ("same", "conflict", "masked_fits", "tail_same", "tail_differs", "head_differs", "unknown"),
    "mobile": ("same", "differs", "shared", "unknown"),
    "birth": ("same", "near", "differs", "unknown"),
    "name": ("same", "pinyin", "lost", "one", "differs", "unknown"),
    "sex": ("men", "women", "differs", "unknown"),
    "county": ("same", "differs", "unknown"),
    "partner": ("same", "other"),
}
"""Comparison -> its levels, in the order of their codes in compare.py."""

UNKNOWN_NAME = {"w": 0.0, "zh": "至少一方没有可比较的姓名", "en": "a masked or damaged name on one side"}


class Level(BaseModel):
    """`w` bits, plus -log2 of how common the agreeing part is where `rarity` names it; reasons in two languages."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    w: float
    rarity: Literal["name", "pinyin", "rest"] | None = None
    most: float = 60.0
    zh: str
    en: str


class Bands(BaseModel):
    """Posterior bits from which two records are one person, and from which a person should look."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    same: float
    review: float

    @model_validator(mode="after")
    def _in_order(self) -> Bands:
        if self.review > self.same:
            raise ValueError(f"review ({self.review:g}) must not be above same ({self.same:g})")
        return self


class Weights(BaseModel):
    """weights.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: int
    bands: Bands
    prior: Level
    comparisons: dict[str, dict[str, Level]]

    @model_validator(mode="before")
    @classmethod
    def _later(cls, kept: Any) -> Any:
        """Levels that came after a version was kept: they weigh nothing, so that it is as good as it was."""
        if not isinstance(kept, dict) or not isinstance(kept.get("comparisons"), dict):
            return kept
        before = kept["comparisons"]
        names = before.get("name")
        if not isinstance(names, dict) or "unknown" in names:
            return kept
        return kept | {"comparisons": before | {"name": names | {"unknown": UNKNOWN_NAME}}}

    @model_validator(mode="after")
    def _complete(self) -> Weights:
        named = {name: set(levels) for name, levels in self.comparisons.items()}
        wanted = {name: set(levels) for name, levels in LEVELS.items()}
        if named != wanted:
            off = sorted(name for name in named.keys() | wanted.keys() if named.get(name) != wanted.get(name))
            raise ValueError(f"{FILE.name} must hold exactly the levels of weights.py; not so: {', '.join(off)}")
        return self

    @model_validator(mode="after")
    def _rare_by_name(self) -> Weights:
        rules = [("prior", self.prior)]
        for comparison in self.comparisons.keys() - {"name"}:
            rules += [
                (f"comparisons.{comparison}.{level}", rule) for level, rule in self.comparisons[comparison].items()
            ]
        off = sorted(f"{key}.rarity" for key, rule in rules if rule.rarity is not None)
        if off:  # score.py knows how common a name is, and would add that here
            raise ValueError(f"only names have a rarity; leave out {', '.join(off)}")
        return self


@cache
def load_weights() -> Weights:
    """The shipped weights."""
    return Weights.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))
