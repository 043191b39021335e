"""Read and check the weights once: one visible, versioned file (weights.yml)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

FILE = Path(__file__).with_name("weights.yml")
LEVELS = {
    "document": ("same", "conflict", "masked_fits", "tail_same", "tail_differs", "head_differs", "unknown"),
    "mobile": ("same", "differs", "shared", "unknown"),
    "birth": ("same", "near", "differs", "unknown"),
    "name": ("same", "pinyin", "lost", "one", "shown", "surname", "shown_differs", "differs", "unknown"),
    "sex": ("same", "differs", "unknown"),
    "county": ("same", "differs", "unknown"),
    "station": ("same", "differs", "unknown"),
    "hired": ("same", "differs", "unknown"),
    "partner": ("same", "other"),
}
"""Comparison -> its levels, in the order of their codes in compare.py."""
COUNTED = ("document", "name", "sex", "county", "station", "hired")
"""Comparisons of which it is counted how many share a value (rarity.py). What a mobile or a birth date in common says less
because many bear it, score.py takes off by itself."""


class Level(BaseModel):
    """`w` bits, plus -log2 of how common what agrees is where `rare` (at most `most`); reasons in two languages."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    w: float
    rare: bool = False
    most: float = 60.0
    zh: str
    en: str


class Bands(BaseModel):
    """Posterior bits from which a person should look; and the least (`same`) and the most (`surely`) from which two records are
    one person: between them so many that of the pairs united no more than the share `wrong` are expected to be two."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    same: float
    surely: float
    wrong: float
    review: float

    @model_validator(mode="after")
    def _in_order(self) -> Bands:
        if not self.review <= self.same <= self.surely:
            raise ValueError(
                f"review ({self.review:g}), same ({self.same:g}) and surely ({self.surely:g}) must be in this order"
            )
        return self


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

    @model_validator(mode="after")
    def _rare_where_counted(self) -> Weights:
        rules = [("prior", self.prior)]
        for comparison in self.comparisons.keys() - set(COUNTED):
            rules += [
                (f"comparisons.{comparison}.{level}", rule) for level, rule in self.comparisons[comparison].items()
            ]
        off = sorted(f"{key}.rare" for key, rule in rules if rule.rare)
        if off:
            raise ValueError(
                f"only of {', '.join(COUNTED)} is it known how rare a value is; leave out {', '.join(off)}"
            )
        return self


@cache
def load_weights() -> Weights:
    """The shipped weights."""
    return Weights.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))
