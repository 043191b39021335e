"""Draw the history of a finding: the figures of the last deliveries, this one, and the bound that it breaks, as SVG.

Small enough for a phone and for a line of a question in 待响应; no script and no style, which our policy forbids.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from talentpool.report.charts import FONTS, INK, OTHER, RULE, WARN, YOUTH
from talentpool.services.desk.held import Trail

WIDTH, HEIGHT = 320, 132
LEFT, RIGHT, TOP, BOTTOM = 12, 308, 26, 104
BROKEN = "#a61b1b"
SIZE = 12


def draw(trail: Trail) -> Markup:
    """The chart of a history. The text under it says the same for who does not see it."""
    figures = [figure for _, figure in trail.points]
    most = max([*figures, trail.now[1], trail.bound, 1e-9]) * 1.12
    dates = [on for on, _ in trail.points] + [trail.now[0]]
    places = [_across(at, len(dates)) for at in range(len(dates))]
    heights = [_up(figure, most) for figure in [*figures, trail.now[1]]]
    line = " ".join(f"{x},{y}" for x, y in zip(places, heights, strict=True))
    bound, (x, y) = _up(trail.bound, most), (places[-1], heights[-1])
    side = "下限" if trail.lower else "上限"
    parts = [
        f'<line x1="{LEFT}" y1="{BOTTOM}" x2="{RIGHT}" y2="{BOTTOM}" stroke="{RULE}"/>',
        f'<line x1="{LEFT}" y1="{bound}" x2="{RIGHT}" y2="{bound}" stroke="{WARN}" stroke-width="1.5" stroke-dasharray="5 4"/>',
        _text(LEFT, _label_of_bound(bound, trail.lower), f"{side} {trail.words(trail.bound)}", WARN),
        f'<polyline points="{line}" fill="none" stroke="{OTHER}" stroke-width="1.5"/>' if figures else "",
        *(f'<circle cx="{at}" cy="{up}" r="3" fill="{YOUTH}"/>' for at, up in zip(places, heights, strict=True)),
        f'<circle cx="{x}" cy="{y}" r="5" fill="{BROKEN}"/>',
        _text(x, _label_of_now(y, bound), f"本次 {trail.words(trail.now[1])}", BROKEN, "end", bold=True),
        _text(LEFT, HEIGHT - 8, f"{dates[0]:%Y-%m-%d}", INK) if figures else "",
        _text(RIGHT, HEIGHT - 8, f"{dates[-1]:%Y-%m-%d}", INK, "end"),
    ]
    label = escape(trail.sentence)
    opened = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" width="{WIDTH}" height="{HEIGHT}"'
        f' viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{FONTS}" font-size="{SIZE}">'
    )
    return Markup(f'{opened}<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>{"".join(parts)}</svg>')  # noqa: S704


def _across(at: int, of: int) -> float:
    return round(LEFT + 4 + (RIGHT - LEFT - 10) * (at / (of - 1) if of > 1 else 1), 1)


def _up(figure: float, most: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * max(figure, 0) / most, 1)


def _label_of_bound(bound: float, lower: bool) -> float:
    """Above the line for an upper bound, below it for a lower one, where there is room."""
    below = bound + SIZE + 2
    return below if lower and below < BOTTOM else max(bound - 4, SIZE)


def _label_of_now(y: float, bound: float) -> float:
    """Above the point, and off the line of the bound."""
    over = y - 10
    return over if over > SIZE and abs(over - bound) > 4 else y + SIZE + 8


def _text(x: float, y: float, said: str, colour: str, anchor: str = "start", *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{round(y, 1)}" fill="{colour}" text-anchor="{anchor}"{weight}>{escape(said)}</text>'
