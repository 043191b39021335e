"""Draw the trend of a score as a small SVG, by attributes alone: a page without script or style of its own shows it."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from talentpool.services.quality.scores import Point, percent

WIDTH, HEIGHT, LEFT, RIGHT, TOP, FOOT = 150, 46, 32, 6, 7, 7
LINE, INK, RULE = "#0b5cad", "#52606d", "#d5dde6"
STEP = 0.1
DOTS = 40
"""Above so many points no dots are drawn on the line."""
FONT = 'font-size="11" font-family="sans-serif"'


def spark(points: Sequence[Point], label: str) -> Markup | None:
    """The points in order, from left to right, between the tenth below the lowest of them and all; None below one point. `label`:
    what is drawn, for who does not see it; the figures follow it. A hollow dot stands for an estimate."""
    known = [(point, point.score) for point in points if point.score is not None]
    if not known:
        return None
    low = min(int(min(score for _, score in known) / STEP + 1e-9) * STEP, 1 - STEP)
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - FOOT
    steps = max(len(known) - 1, 1)
    places = [
        (LEFT + (wide * at / steps if len(known) > 1 else wide / 2), TOP + high * (1 - (score - low) / (1 - low)))
        for at, (_, score) in enumerate(known)
    ]
    parts = [
        f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="{RULE}"/>' for y in (TOP, HEIGHT - FOOT)
    ]
    parts += [
        f'<text x="{LEFT - 4}" y="{y + 4}" text-anchor="end" fill="{INK}" {FONT}>{round(share * 100)}</text>'
        for y, share in ((TOP, 1.0), (HEIGHT - FOOT, low))
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    parts.append(f'<polyline points="{path}" fill="none" stroke="{LINE}" stroke-width="1.5"/>')
    if len(known) <= DOTS:
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" stroke="{LINE}" fill="{LINE if point.exact else "#ffffff"}"/>'
            for (x, y), (point, _) in zip(places, known, strict=True)
        ]
    told = "，".join(f"{point.day} {percent(score)}" for point, score in known[-12:])
    head = (
        f'<svg class="spark" role="img" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'aria-label="{escape(label)}：{escape(told)}">'
    )
    return Markup(head + "".join(parts) + "</svg>")  # noqa: S704 - numbers and escaped words of ours
