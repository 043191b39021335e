"""The weights: one visible, versioned file (weights.yml), read and checked once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

FILE = Path(__file__).with_name("weights.yml")
LEVELS = {
    "document": ("same", "conflict", "masked_fits", "tail_same", "tail_differs", "head_differs", "unknown"),
    "mobile": ("same", "differs", "shared", "unknown"),
    "birth": ("same", "near", "differs", "unknown"),
    "name": ("same", "pinyin", "lost", "one", "differs"),
    "sex": ("men", "women", "differs", "unknown"),
    "county": ("same", "differs", "unknown"),
    "partner": ("same", "other"),
}
"""Comparison -> its levels, in the order of their codes in compare.py."""


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


class Weights(BaseModel):
    """weights.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: int
    bands: Bands
    prior: Level
    comparisons: dict[str, dict[str, Level]]

    @model_validator(mode="after")
    def _complete(self) -> Weights:
        named = {name: set(levels) for name, levels in self.comparisons.items()}
        wanted = {name: set(levels) for name, levels in LEVELS.items()}
        if named != wanted:
            off = sorted(name for name in named.keys() | wanted.keys() if named.get(name) != wanted.get(name))
            raise ValueError(f"{FILE.name} must hold exactly the levels of weights.py; not so: {', '.join(off)}")
        return self


@cache
def load_weights() -> Weights:
    """The shipped weights."""
    return Weights.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))
