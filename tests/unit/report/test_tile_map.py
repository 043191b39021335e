"""Tiles are as wide as a phone, in the order that they were given, and say their share whatever a county is called."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from hypothesis import given
from hypothesis import strategies as st

from talentpool.report.tile_map import ACROSS, STEPS, tile_map

PLACE = st.tuples(st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=12),
                  st.integers(0, 50), st.integers(0, 50)).map(lambda one: (one[0], min(one[1:]), max(one[1:])))  # fmt: skip


@given(st.lists(PLACE, max_size=20))
def test_every_place_has_a_tile_within_the_drawing(places: list[tuple[str, int, int]]) -> None:
    svg = ElementTree.fromstring(
        str(tile_map(places, label="覆盖")).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"')
    )
    tiles = [one for one in svg if one.tag.endswith("rect")]
    assert len(tiles) == len(places) and float(svg.get("width", "0")) <= 390
    for number, tile in enumerate(tiles):
        left, top, width, height = (float(tile.get(name, "nan")) for name in ("x", "y", "width", "height"))
        assert left >= 0 and left + width <= 360.1 and top + height <= float(svg.get("height", "0"))
        assert (number % ACROSS == 0) == (left == 0), "in the order given"


def test_a_share_chooses_the_colour_and_no_people_are_grey() -> None:
    for part, place in ((100, 0), (80, 1), (50, 2), (25, 3), (0, 4)):
        assert STEPS[place][1] in str(tile_map([("潞州区", part, 100)], label="x"))
    empty = str(tile_map([("潞州区", 0, 0)], label="x"))
    assert "—" in empty and not any(colour in empty for _, colour, _ in STEPS)


def test_words_can_be_read_on_every_colour() -> None:
    for _, fill, ink in STEPS:
        light = sorted((_light(fill), _light(ink)))
        assert (light[1] + 0.05) / (light[0] + 0.05) >= 4.5, fill


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
