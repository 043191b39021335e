"""Draw charts as SVG text on the server: no script, words left as text in a font stack that has Chinese.

Each chart is as wide as a phone shows it without shrinking; a wide page sets several side by side.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from talentpool.report.figures import Breakdown, ReasonCount

WIDTH = 360
FONTS = (
    "Noto Sans CJK SC, Noto Sans SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, "
    "Hiragino Sans GB, WenQuanYi Micro Hei, sans-serif"
)
YOUTH, OTHER, WARN = "#0b5cad", "#a9b8c9", "#b45309"
INK, RULE = "#1f2933", "#d5dde6"
ROW = 24
_LABEL = 76
_LONG_LABEL = 190


def people_chart(counts: Breakdown, *, label: str) -> Markup:
    """Horizontal bars, one a line of `counts`, split into youth and others, the line's people at its end."""
    values = [
        {"name": line.label, "group": group, "order": order, "n": n}
        for line in counts.lines
        for order, (group, n) in enumerate((("青年", line.youth), ("其他", line.people - line.youth)))
    ]
    totals = [{"name": line.label, "n": line.people} for line in counts.lines]
    import altair as alt

    place = alt.Y("name:N", sort=[line.label for line in counts.lines], title=None)
    bars = (
        alt.Chart(alt.Data(values=values))
        .mark_bar(height=14)
        .encode(
            x=amount(alt, max((line.people for line in counts.lines), default=0)),
            y=place,
            color=alt.Color("group:N", title=None, scale=alt.Scale(domain=["青年", "其他"], range=[YOUTH, OTHER])),
            order="order:Q",
        )
    )
    words = (
        alt.Chart(alt.Data(values=totals))
        .mark_text(align="left", dx=4, color=INK)
        .encode(x=alt.X("n:Q", stack=None), y=place, text=alt.Text("n:Q", format=","))
    )
    return svg(alt.layer(bars, words).properties(width=WIDTH - _LABEL - 16, height=ROW * len(totals)), label, _LABEL)


def reason_chart(reasons: Sequence[ReasonCount], *, label: str, most: int = 8) -> Markup:
    """Horizontal bars: the most frequent reasons of the newest rosters."""
    rows = [(reason.text.split("（")[0], reason.count, f"{reason.count:,}") for reason in reasons[:most]]
    return bars_chart(rows, label=label, color=WARN, room=_LONG_LABEL)


def bars_chart(rows: Sequence[tuple[str, int, str]], *, label: str, color: str = YOUTH, room: int = _LABEL) -> Markup:
    """Horizontal bars (name, length, what stands at its end), in the given order. `room`: px for the names."""
    import altair as alt

    values = [{"name": name, "n": n, "said": said} for name, n, said in rows]
    base = alt.Chart(alt.Data(values=values))
    place = alt.Y("name:N", sort=[name for name, *_ in rows], title=None)
    bars = base.mark_bar(height=14, color=color).encode(x=amount(alt, max((n for _, n, _ in rows), default=0)), y=place)
    words = base.mark_text(align="left", dx=4, color=INK).encode(x="n:Q", y=place, text="said:N")
    chart = alt.layer(bars, words).properties(width=WIDTH - room - 16, height=ROW * len(rows))
    return svg(chart, label, room)


def trend_chart(points: Sequence[tuple[str, int, int]], *, label: str) -> Markup:
    """Columns, one a month (name, people, youth), split into youth and others, the month's people above it."""
    import altair as alt

    values = [
        {"name": name, "group": group, "order": order, "n": n}
        for name, people, youth in points
        for order, (group, n) in enumerate((("青年", youth), ("其他", people - youth)))
    ]
    totals = [{"name": name, "n": people} for name, people, _ in points]
    place = alt.X("name:N", sort=[name for name, *_ in points], title=None, axis=alt.Axis(labelAngle=0, minExtent=0))
    most = max((people for _, people, _ in points), default=0)
    height = alt.Y("n:Q", title=None, axis=None, stack="zero", scale=alt.Scale(domain=[0, max(most, 1) * 1.15]))
    bars = (
        alt.Chart(alt.Data(values=values))
        .mark_bar(size=max(10, min(26, 240 // max(len(points), 1))))
        .encode(
            x=place,
            y=height,
            color=alt.Color("group:N", title=None, scale=alt.Scale(domain=["青年", "其他"], range=[YOUTH, OTHER])),
            order="order:Q",
        )
    )
    words = (
        alt.Chart(alt.Data(values=totals))
        .mark_text(dy=-7, color=INK)
        .encode(x=place, y=alt.Y("n:Q", stack=None), text=alt.Text("n:Q", format=","))
    )
    layers = alt.layer(bars, words) if len(points) <= 6 else bars
    return svg(layers.properties(width=WIDTH - 16, height=150), label, _LABEL)


def amount(alt: Any, most: int) -> Any:
    """The length axis: no ticks, because every bar carries its number; room for that number at the end."""
    return alt.X("n:Q", title=None, axis=None, stack="zero", scale=alt.Scale(domain=[0, max(most, 1) * 1.25]))


def svg(chart: Any, label: str, label_width: int) -> Markup:
    import vl_convert

    spec = chart.configure(
        font=FONTS,
        background="#ffffff",
        padding=2,
        aria=False,
        view={"stroke": None},
        axis={
            "labelColor": INK,
            "labelFontSize": 12,
            "labelLimit": label_width - 8,
            "minExtent": label_width - 6,
            "domainColor": RULE,
            "ticks": False,
        },
        legend={"orient": "top", "labelFontSize": 12, "labelColor": INK, "symbolType": "square", "offset": 4},
        text={"fontSize": 12},
    ).to_dict()
    drawn = vl_convert.vegalite_to_svg(spec)
    title = f'<svg role="img" aria-label="{Markup.escape(label)}" '
    return Markup(re.sub(r"^<svg ", title, drawn, count=1))  # noqa: S704 - made here, texts escaped by the renderer
