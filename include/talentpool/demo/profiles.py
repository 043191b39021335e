"""State what the synthetic city is made of: sizes by partner, and the noise of the two presets."""

from __future__ import annotations

from dataclasses import dataclass, replace

import yaml

from talentpool.settings import INCLUDE

_CITY = yaml.safe_load((INCLUDE / "reference" / "demo_city.yml").read_text(encoding="utf-8"))
COURIERS, YOUNG_COURIERS = _CITY["couriers"], _CITY["young_couriers"]
"""Couriers of the city and those of them aged 35 or younger; demo_city.yml names the source."""


@dataclass(frozen=True)
class Profile:
    """A partner in the synthetic city. `people`: main job there, at the default size; `young`: share of 35 or less."""

    partner: str
    occupation: str
    word: str
    people: int
    young: float
    documents: float = 1.0
    """Factor on the share of full ID numbers under the hard preset; one partner sends almost none."""
    full_every: int = 1
    """Of its month ends the first and every n-th after it is a full snapshot, the others are deltas; 0: all deltas."""


PROFILES = (
    Profile("postal", "courier", "快递员", _CITY["postal"], YOUNG_COURIERS / COURIERS),
    Profile("sf", "courier", "快递员", COURIERS - _CITY["postal"], YOUNG_COURIERS / COURIERS, full_every=2),
    Profile("meituan", "food_rider", "外卖骑手", _CITY["meituan"], 0.62),
    Profile("didi", "ride_hailing", "网约车司机", _CITY["didi"], 0.38, documents=0.12, full_every=0),
)

COUNTY_WEIGHTS: dict[str, int] = _CITY["county_weights"]
"""People by county, in rough shares; the counties of other areas weigh the same."""


@dataclass(frozen=True)
class Noise:
    """Shares of rows (of 1). A row has at most one fault of each group."""

    id_missing: float
    id_masked: float
    id_typo: float
    id_legacy: float
    mobile_missing: float
    mobile_changed: float
    mobile_shared: float
    mobile_junk: float
    birth_missing: float
    birth_wrong: float
    name_variant: float
    twice: float = 0.02
    two_rosters: float = 0.20
    borrowed: float = 0.001
    # not in rosters' everyday, but every screen must show them
    no_consent: float = 0.004
    unknown_notice: float = 0.001
    too_young: float = 0.0006
    under_14: float = 0.0003
    recycled: float = 0.10
    """Share of joiners whose mobile number was a leaver's before."""
    county_abolished: float = 0.01
    county_outside: float = 0.001
    # from month to month
    leave: float = 0.005
    join: float = 0.005
    move: float = 0.008
    new_mobile: float = 0.012


PRESETS = {
    "usual": Noise(0.15, 0.10, 0.01, 0.002, 0.03, 0.12, 0.005, 0.005, 0.20, 0.01, 0.03),
    "hard": Noise(0.37, 0.29, 0.015, 0.003, 0.08, 0.25, 0.01, 0.01, 0.45, 0.02, 0.08),
}
REDRAWN = (
    "id_missing", "id_masked", "id_typo", "id_legacy", "mobile_missing", "mobile_changed", "mobile_shared", "mobile_junk",
    "birth_missing", "birth_wrong", "name_variant",
)  # fmt: skip
REDRAW = 0.30


def redrawn(noise: Noise, factors: list[float]) -> Noise:
    """The preset with its rates multiplied by `factors` (one for each of REDRAWN)."""
    return replace(noise, **{n: getattr(noise, n) * f for n, f in zip(REDRAWN, factors, strict=True)})
