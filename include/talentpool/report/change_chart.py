"""Draw what changes: two bars a group, before above after, each with its number."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from talentpool.report.charts import INK, OTHER, WIDTH, YOUTH, amount, svg

_ROW, _BAR = 40, 13
_LABEL = 92


def change_chart(
    groups: Sequence[tuple[str, int, int]], *, names: tuple[str, str] = ("之前", "之后"), label: str
) -> Markup:
    """Horizontal bars, two a group (name, people before, people after), in the given order. `names`: of the two in the legend."""
    import altair as alt

    values = [
        {"name": name, "side": side, "n": n}
        for name, before, after in groups
        for side, n in zip(names, (before, after), strict=True)
    ]
    most = max((max(before, after) for _, before, after in groups), default=0)
    order = list(names)
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("name:N", sort=[name for name, *_ in groups], title=None, scale=alt.Scale(paddingInner=0.3)),
        yOffset=alt.YOffset("side:N", sort=order),
    )
    bars = base.mark_bar(height=_BAR).encode(
        x=amount(alt, most),
        color=alt.Color("side:N", title=None, scale=alt.Scale(domain=order, range=[OTHER, YOUTH])),
    )
    words = base.mark_text(align="left", dx=4, color=INK).encode(
        x=alt.X("n:Q", stack=None), text=alt.Text("n:Q", format=",")
    )
    chart = alt.layer(bars, words).properties(width=WIDTH - _LABEL - 16, height=_ROW * len(groups))
    return svg(chart, label, _LABEL)
