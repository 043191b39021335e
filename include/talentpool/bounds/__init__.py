"""Measure deliveries, learn bounds from what came before, and let an officer pin them: docs/adr/0106."""

from talentpool.bounds.gauge import Bound, Gauge, gauge_of, keep
from talentpool.bounds.metrics import FEWEST_PEOPLE, FIXED, METRICS, Key, Metric, Unit, key_of
from talentpool.bounds.pins import Pin, Place, Word, events, pin, pins_of, release

__all__ = [
    "FEWEST_PEOPLE", "FIXED", "METRICS", "Bound", "Gauge", "Key", "Metric", "Pin", "Place", "Unit", "Word", "events", "gauge_of",
    "keep", "key_of", "pin", "pins_of", "release",
]  # fmt: skip
