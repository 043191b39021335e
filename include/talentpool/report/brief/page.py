"""Show 活动小结 as a page: self-contained, no script, each number with the query that gives it."""

from __future__ import annotations

from datetime import date

from markupsafe import Markup

from talentpool.campaigns.life.states import ListState
from talentpool.campaigns.receipts.outcomes import OUTCOME_WORDS
from talentpool.campaigns.receipts.standing import Tally
from talentpool.declare.occasion import say_cycle
from talentpool.report.brief.facts import Brief, Step
from talentpool.report.brief.queries import COMPLAINTS, COUNTIES, DAYS, ON_THE_LIST, OUTCOMES, SAMPLE, UNITS, shown
from talentpool.report.charts import bars_chart
from talentpool.report.hand_out_days import HAND_OUT_DAYS
from talentpool.report.page import environment, style
from talentpool.report.tile_map import tile_map

_LABEL = 90
QUERIES = {
    "outcomes": OUTCOMES, "days": DAYS, "hand_out": HAND_OUT_DAYS, "counties": COUNTIES, "units": UNITS,
    "left_out": ON_THE_LIST, "sample": SAMPLE, "complaints": COMPLAINTS,
}  # fmt: skip
"""What gives the numbers of each table."""


def render_brief(found: Brief, today: date) -> str:
    """The page: self-contained, no script."""
    return str(
        environment().get_template("brief.html").render(
            brief=found, stored=found.stored, by=QUERIES,
            passport=found.stored.passport, today=today, WORDS=OUTCOME_WORDS,
            closed=found.stored.state == ListState.CLOSED, say_cycle=say_cycle, chart=_chart(found.steps), shown=shown,
            counties=_coverage(found.counties) if len(found.counties) > 1 else "", style=Markup(style()),  # noqa: S704
        )
    )  # fmt: skip


def _chart(steps: list[Step]) -> Markup:
    return bars_chart(
        [(step.name, step.people, f"{step.people:,}") for step in steps], label="从人才库到名单与领取", room=_LABEL
    )


def _coverage(counties: list[tuple[str, Tally]]) -> Markup:
    return tile_map([(name, one.received, one.people) for name, one in counties], label="各区县已领人数占名单人数")
