"""Draw coverage by county as plain tiles: name, share, count. In the order of division codes, so that nobody is ranked."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from talentpool.report.charts import FONTS, INK, RULE, WIDTH

ACROSS, GAP, HEIGHT = 3, 6, 62
STEPS = (
    (0.95, "#0b5cad", "#ffffff"),
    (0.75, "#62a3df", INK),
    (0.5, "#9cc3e8", INK),
    (0.25, "#cfe2f4", INK),
    (0, "#eef4fa", INK),
)
"""From which share on a tile has which colour, and its words which; dark enough to be read by (4.5:1)."""


def tile_map(places: Sequence[tuple[str, int, int]], *, label: str) -> Markup:
    """SVG as wide as a phone. `places`: name, people reached, people in all; a place without people is grey."""
    width = (WIDTH - GAP * (ACROSS - 1)) / ACROSS
    rows = -(-len(places) // ACROSS)
    height = max(rows * (HEIGHT + GAP) - GAP, 0)
    tiles = [_tile(place, number, width) for number, place in enumerate(places)]
    said = f"{label}：" + "；".join(
        f"{name} {_share(part, whole)}，{part:,} / {whole:,}" for name, part, whole in places
    )
    return Markup(  # noqa: S704 - every word in it is escaped
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-label="{escape(said)}" '
        f'font-family="{FONTS}">{"".join(tiles)}</svg>'
    )


def _tile(place: tuple[str, int, int], number: int, width: float) -> str:
    name, part, whole = place
    left, top = (number % ACROSS) * (width + GAP), (number // ACROSS) * (HEIGHT + GAP)
    fill, ink = (
        ("#f4f5f7", INK) if not whole else next((one, words) for least, one, words in STEPS if part / whole >= least)
    )
    words = (
        f'<text x="{left + 8:.1f}" y="{top + 19:.1f}" font-size="13" font-weight="600" fill="{ink}">{escape(name[:8])}</text>'
        f'<text x="{left + 8:.1f}" y="{top + 38:.1f}" font-size="15" fill="{ink}">{_share(part, whole)}</text>'
        f'<text x="{left + 8:.1f}" y="{top + 54:.1f}" font-size="12" fill="{ink}">{part:,} / {whole:,}</text>'
    )
    size = f'width="{width:.1f}" height="{HEIGHT}" rx="6"'
    return f'<rect x="{left:.1f}" y="{top:.1f}" {size} fill="{fill}" stroke="{RULE}"/>{words}'


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%" if whole else "—"
