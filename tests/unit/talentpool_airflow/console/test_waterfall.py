"""The score of a pair as a drawing: to one scale, and whole on a phone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from talentpool.match.scoring.weights import LEVELS
from talentpool_airflow.console.waterfall import NARROW, WIDE, Form, draw
from talentpool_airflow.console.words import COMPARISONS

FOUND = [SimpleNamespace(comparison=name, zh="", bits=bits) for name, bits in (("name", 20.0), ("document", -60.0))]


@pytest.mark.parametrize("form", [WIDE, NARROW], ids=lambda form: form.name)
def test_bars_are_to_one_scale_and_within_the_drawing(form: Form) -> None:
    drawn = draw(FOUND, -2.0, 5.0, form)
    less, more = drawn.bars
    assert more.width / less.width == pytest.approx(3, rel=0.02)
    assert all(form.left <= bar.x and bar.x + bar.width <= form.width for bar in drawn.bars)
    assert form.width <= 340 or form is WIDE


def test_whatever_is_compared_has_a_word_of_its_own() -> None:
    assert set(COMPARISONS) == {"prior", *LEVELS} and len(set(COMPARISONS.values())) == len(COMPARISONS)
