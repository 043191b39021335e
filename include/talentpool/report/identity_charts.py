"""Draw the charts of 谁是谁: weights of evidence, scores, records per person, what waits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

from markupsafe import Markup

from talentpool.report.calibration import Band
from talentpool.report.charts import INK, ROW, RULE, WARN, WIDTH, YOUTH, amount, svg
from talentpool.report.identity import MANY, Day, Scores, Weight

FOR, AGAINST = "#1b6e3c", "#a61b1b"
BANDS = {"review": ("等待复核", WARN), "same": ("自动合并", FOR)}
_LABEL, _DAY_LABEL, _SIZE_LABEL = 176, 46, 76
_A_DAY = 86_400_000
_LINE, _LEADING = 13, 14
"""Characters of a label that fit on one line; from one line of it to the next."""


def weights_chart(weights: Sequence[Weight], *, label: str) -> Markup:
    """A bar a level, to the right for one person, to the left against; lighter as far as rarity carries it. All to one
    scale: half as long is half as strong."""
    import altair as alt

    names = [_broken(weight.text.split("（")[0]) for weight in weights]
    values = []
    for name, weight in zip(names, weights, strict=True):
        sides = ((min(weight.least, 0), max(weight.least, 0), 1.0), (weight.least, weight.most, 0.45))
        values += [
            {"name": name, "from": part, "to": to, "side": "for" if to > 0 else "against", "opacity": opacity}
            for low, high, opacity in sides
            for part, to in ((min(low, 0.0), min(high, 0.0)), (max(low, 0.0), max(high, 0.0)))
            if part < to
        ]
    words = [{"name": name, "text": _range(weight)} for name, weight in zip(names, weights, strict=True)]
    rows = alt.Scale(domain=names)
    lines = alt.Axis(labelExpr="split(datum.label, '|')", domain=False)
    place = alt.Y("name:N", scale=rows, title=None, axis=lines)
    reach = [0.0, *(bits for weight in weights for bits in (weight.least, weight.most))]
    length = alt.Scale(domain=[min(reach), max(reach)], nice=False)
    bars = (
        alt.Chart(alt.Data(values=values))
        .mark_bar(height=12)
        .encode(
            x=alt.X("from:Q", axis=None, title=None, scale=length),
            x2="to:Q",
            y=place,
            color=alt.Color("side:N", legend=None, scale=alt.Scale(domain=["for", "against"], range=[FOR, AGAINST])),
            opacity=alt.Opacity("opacity:Q", legend=None, scale=None),
        )
    )
    zero = alt.Chart(alt.Data(values=[{"x": 0}])).mark_rule(color=INK).encode(x=alt.X("x:Q", scale=length))
    chart = alt.layer(bars, zero).properties(width=118, height=ROW * len(names))
    said = (
        alt.Chart(alt.Data(values=words))
        .mark_text(align="right", color=INK)
        .encode(y=alt.Y("name:N", scale=rows, axis=None), x=alt.value(52), text="text:N")
        .properties(width=52, height=ROW * len(names))
    )
    return _centred(svg(alt.hconcat(chart, said, spacing=6), label, _LABEL))


def _centred(drawn: Markup) -> Markup:
    """A label of two lines about its bar: it is drawn from there downwards, into the next one."""
    up = re.compile(r'translate\((-?[\d.]+),([\d.]+)\)"([^>]*><tspan>)')
    moved = up.sub(lambda found: f'translate({found[1]},{float(found[2]) - _LEADING / 2:g})"{found[3]}', drawn)
    return Markup(moved)  # noqa: S704 - our own chart


def scores_chart(scores: Scores, *, label: str) -> Markup:
    """A column a whole bit of score, halved where pairs of it are of both kinds, with the bands' borders as lines; heights
    by square root."""
    import altair as alt

    lowest, highest = scores.counts[0][0], scores.counts[-1][0] + 1
    values = []
    for bits, *pairs in scores.counts:
        there = [(band, n) for band, n in zip(("same", "review"), pairs, strict=True) if n]
        values += [
            {"from": bits + at / len(there), "to": bits + (at + 1) / len(there), "n": n, "band": BANDS[band][0]}
            for at, (band, n) in enumerate(there)
        ]
    borders = [scores.bands.review, scores.bands.same]
    ends = [lowest, *(bits for bits in (-20, 20) if lowest + 6 < bits < highest - 6), highest]
    wide = alt.Scale(domain=[min(lowest, borders[0] - 6), max(highest, borders[1] + 6)], nice=False)
    ticks = alt.Axis(values=sorted({*ends, *borders}), labelAngle=0, minExtent=0, format=".2~f", grid=False)
    names, colours = zip(*BANDS.values(), strict=True)
    bars = (
        alt.Chart(alt.Data(values=values))
        .mark_bar(binSpacing=0)
        .encode(
            x=alt.X("from:Q", title=None, scale=wide, axis=ticks),
            x2="to:Q",
            y=alt.Y("n:Q", title=None, axis=None, scale=alt.Scale(type="sqrt")),
            y2=alt.datum(0),
            color=alt.Color("band:N", title=None, scale=alt.Scale(domain=names, range=colours)),
        )
    )
    lines = (
        alt.Chart(alt.Data(values=[{"x": bits} for bits in borders]))
        .mark_rule(color=INK, strokeDash=[4, 3])
        .encode(x=alt.X("x:Q", scale=wide))
    )
    return svg(alt.layer(bars, lines).properties(width=WIDTH - 24, height=150), label, _SIZE_LABEL)


def calibration_chart(bands: Sequence[Band], *, label: str) -> Markup:
    """A point a band with its interval, the larger the more were judged, against the diagonal on which every score is right."""
    import altair as alt

    values = [
        {"said": 100 * band.said, "share": 100 * band.share, "low": 100 * low, "high": 100 * high, "n": band.judged}
        for band in bands
        for low, high in [band.interval]
    ]
    scale = alt.Scale(domain=[0, 100], nice=False)
    axes = [
        alt.Axis(values=[0, 25, 50, 75, 100], labelExpr="datum.value + '%'", labelAngle=0, minExtent=0, gridColor=RULE,
                 title=title, titleColor=INK, titleFontSize=12, titleFontWeight="normal", **turned)
        for title, turned in (
            ("系统认为是同一人的可能", {"titlePadding": 8}),
            ("判定为同一人的占比", {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleY": -10, "titleX": 0}),
        )
    ]  # fmt: skip
    across = alt.X("said:Q", scale=scale, axis=axes[0])
    base = alt.Chart(alt.Data(values=values)).encode(x=across)
    up: dict[str, Any] = {"scale": scale, "axis": axes[1]}
    ends = alt.Data(values=[{"said": 0, "share": 0}, {"said": 100, "share": 100}])
    right = (
        alt.Chart(ends)
        .mark_line(color=INK, strokeDash=[4, 3], strokeWidth=1)
        .encode(x=across, y=alt.Y("share:Q", **up))
    )
    reach = base.mark_rule(color=YOUTH, strokeWidth=2, opacity=0.55).encode(y=alt.Y("low:Q", **up), y2="high:Q")
    size = alt.Size("n:Q", legend=None, scale=alt.Scale(type="linear", domainMin=0, range=[20, 180]))
    points = base.mark_point(filled=True, color=YOUTH, opacity=1).encode(y=alt.Y("share:Q", **up), size=size)
    return svg(alt.layer(right, reach, points).properties(width=WIDTH - 76, height=240), label, _SIZE_LABEL)


def sizes_chart(sizes: Sequence[tuple[int, int]], *, label: str) -> Markup:
    """Horizontal bars: people by how many records they have."""
    import altair as alt

    names = [f"{records} 条" if records < MANY else f"{MANY} 条以上" for records, _ in sizes]
    values = [{"name": name, "n": people} for name, (_, people) in zip(names, sizes, strict=True)]
    place = alt.Y("name:N", sort=names, title=None)
    base = alt.Chart(alt.Data(values=values))
    most = max((people for _, people in sizes), default=0)
    bars = base.mark_bar(height=14, color=YOUTH).encode(x=amount(alt, most), y=place)
    words = base.mark_text(align="left", dx=4, color=INK).encode(x="n:Q", y=place, text=alt.Text("n:Q", format=","))
    layers = alt.layer(bars, words).properties(width=WIDTH - _SIZE_LABEL - 16, height=ROW * len(values))
    return svg(layers, label, _SIZE_LABEL)


def waiting_chart(days: Sequence[Day], *, label: str) -> Markup:
    """Pairs that wait, day after day, above the pairs that were judged on each day. `days`: any order, not empty."""
    import altair as alt

    shown = sorted(days, key=lambda day: day.on)
    values = [{"day": _moment(day), "waiting": day.waiting, "judged": day.judged} for day in shown]
    first, last = _moment(shown[0]), _moment(shown[-1])
    pad = max((last - first) * 0.04, _A_DAY)
    when = alt.Scale(type="utc", domain=[first - pad, last + pad], nice=False)
    axis = alt.Axis(
        values=_ticks([_moment(day) for day in shown]),
        format="%-m月%-d日" if shown[0].on.year == shown[-1].on.year else "%Y年%-m月",
        labelLimit=0,
        labelPadding=10,
        labelAngle=0,
        minExtent=0,
        grid=False,
    )
    base = alt.Chart(alt.Data(values=values))
    known = alt.Chart(alt.Data(values=[value for value in values if value["waiting"] is not None]))
    above = alt.layer(
        known.mark_area(interpolate="step-after", color=WARN, opacity=0.25),
        known.mark_line(interpolate="step-after", color=WARN, point=alt.OverlayMarkDef(color=WARN, size=24)),
    ).encode(x=alt.X("day:T", title=None, axis=axis, scale=when), y=_pairs(alt, "waiting", "等待（对）", values))
    wide = WIDTH - _DAY_LABEL - 20
    below = base.mark_bar(size=min(max(wide * _A_DAY / (last - first + 2 * pad), 2), 8), color=YOUTH).encode(
        x=alt.X("day:T", title=None, axis=axis, scale=when), y=_pairs(alt, "judged", "判定（对）", values)
    )
    both = alt.vconcat(above.properties(width=wide, height=110), below.properties(width=wide, height=56), spacing=16)
    return svg(both, label, _DAY_LABEL)


def _ticks(moments: Sequence[int]) -> list[int]:
    """Of moments in order: the first, the last, and those between that have room for a date."""
    first, last = moments[0], moments[-1]
    room = (last - first) / 4
    ticks = [first]
    for moment in moments:
        if moment - ticks[-1] >= room and last - moment >= room:
            ticks.append(moment)
    return ticks if last == first else [*ticks, last]


def _pairs(alt: Any, field: str, title: str, values: Sequence[dict[str, Any]]) -> Any:
    most = max((value[field] or 0 for value in values), default=0)
    axis = alt.Axis(
        tickCount=3, format=",d", gridColor=RULE, tickMinStep=1, title=title, titleAngle=0, titleAlign="left",
        titleAnchor="end", titleY=-8, titleX=-_DAY_LABEL + 8, titleColor=INK, titleFontSize=12, titleFontWeight="normal",
    )  # fmt: skip
    return alt.Y(f"{field}:Q", axis=axis, stack=None, scale=alt.Scale(domain=[0, max(most, 4)], nice=True))


def _moment(day: Day) -> int:
    """Milliseconds of its midnight, as if the office were at Greenwich: a chart knows no other clock."""
    return int(datetime.combine(day.on, time(), UTC).timestamp()) * 1000


def _range(weight: Weight) -> str:
    if weight.most > weight.least:
        return f"{_signed(weight.least)}～{_signed(weight.most)}"
    return _signed(weight.least)


def _signed(bits: float) -> str:
    return "0" if round(bits, 1) == 0 else f"{round(bits, 1):+g}".replace("-", "−")


def _broken(text: str) -> str:
    """A long label in two lines."""
    if len(text) <= _LINE:
        return text
    comma = text.find("，")
    at = comma + 1 if 0 < comma < _LINE else (len(text) + 1) // 2
    return f"{text[:at]}|{text[at:]}"
