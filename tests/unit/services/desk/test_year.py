"""What 年度活动日历 is made of: rounds and their lists, what comes soon, what is to be looked at; with nothing there, too."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from rosters import Office, person
from talentpool.campaigns.planning.calendar import calendar_of
from talentpool.campaigns.planning.cautions import unchecked_years
from talentpool.campaigns.planning.dates import add, move
from talentpool.declare import Campaign, load_campaign, readable_campaigns
from talentpool.declare.occasion import WorkingDays
from talentpool.model import notice
from talentpool.pool import snapshot
from talentpool.services.desk.year import Year, year_of

DAY = date(2026, 11, 20)
SIGNED: dict[str, Any] = {"by": "李专员", "reason": "商定", "today": DAY}


@pytest.fixture
def nine(office: Office) -> list[Campaign]:
    return readable_campaigns(office.settings.campaign_dirs)[0]


def year(office: Office, campaigns: list[Campaign], day: date = DAY, counties: list[str] | None = None) -> Year:
    with office.engine.connect() as conn:
        return year_of(conn, campaigns, day, counties)


def test_without_campaigns_or_a_pool_there_is_nothing_and_no_fault(office: Office, nine: list[Campaign]) -> None:
    empty = year(office, [])
    assert (empty.entries, empty.soon, empty.missing, empty.unlawful, empty.cautions, empty.made) == (
        [],
        [],
        [],
        [],
        [],
        [],
    )
    found = year(office, nine)
    assert (found.start, found.end) == (DAY, date(2027, 11, 19))
    assert {entry.planned.campaign for entry in found.entries} == {campaign.code for campaign in nine}
    assert found.missing == [2027], "steps of January count, too; 2026 is shipped"
    assert [one.reach for one in found.unlawful] == [None] * 4


def test_what_is_to_be_done_comes_by_its_day_with_how_long_is_left(office: Office, nine: list[Campaign]) -> None:
    soon = year(office, nine).soon
    assert soon and [step.left for step in soon] == sorted(step.left for step in soon)
    assert all(0 <= step.left <= 30 and step.day == DAY + timedelta(days=step.left) for step in soon)
    winter = [(str(step.day), step.what) for step in soon if step.name == "暖冬行动"]
    assert winter == [
        ("2026-12-01", "拟定名单"),
        ("2026-12-08", "锁定名单"),
        ("2026-12-10", "采购"),
        ("2026-12-18", "发放"),
    ]
    assert ("2026-12-02", "活动日") not in [(str(step.day), step.what) for step in soon], "held on the day: said once"


def test_a_round_without_a_list_is_planned_then_overdue_then_missed(office: Office) -> None:
    winter = [load_campaign(office.settings.campaign_dirs, "warm_winter")]
    states = {
        day: year(office, winter, day).entries[0]
        for day in (date(2026, 12, 1), date(2026, 12, 2), date(2026, 12, 22), date(2026, 12, 23))
    }
    assert [(entry.state, entry.may_move) for entry in states.values()] == [
        ("planned", True), ("overdue", True), ("overdue", True), ("missed", False),
    ]  # fmt: skip


def test_moved_and_added_rounds_stand_where_they_are_and_overlaps_are_said(office: Office) -> None:
    winter = load_campaign(office.settings.campaign_dirs, "warm_winter")
    with office.engine.begin() as conn:
        move(conn, winter, "2026", date(2026, 12, 28), **SIGNED)
        add(conn, winter, (date(2026, 12, 20),) * 2, **SIGNED)
    found = year(office, [winter])
    shown = [(one.planned.cycle, str(one.planned.first), one.made is not None and one.made.replaces is None, one.may_move)
             for one in found.entries]  # fmt: skip
    assert shown == [("2026-X1220", "2026-12-20", True, False), ("2026", "2026-12-28", False, True)]
    assert [str(one.draws_on) for one in found.entries] == ["2026-11-29", "2026-12-07"]
    (caution,) = found.cautions
    assert "2026 年在 2026-12-07 拟定时，2026 年 12 月 20 日加办（到 2026-12-20）还没有结束" in caution
    assert [one.cycle for one in found.made] == ["2026-X1220", "2026"][::-1]


def test_the_reach_is_what_the_list_has_once_a_notice_is_there(office: Office, nine: list[Campaign]) -> None:
    """Counted as of the newest pool; opt-outs, ages and everything else the campaign asks still count."""
    from talentpool.campaigns import draw

    young = {"document_no": "", "birth_date": "2000-05-05"}
    people = [person(n, **(young if n % 2 else {}), county="140403" if n % 3 else "140425") for n in range(1, 31)]
    office.deliver("2026-10-01", people)
    snapshot(office, date(2026, 10, 31))
    found = {one.purpose: one.reach for one in year(office, nine, date(2026, 12, 31)).unlawful}
    counties = {one.purpose: one.reach for one in year(office, nine, date(2026, 12, 31), ["140425"]).unlawful}
    autumn = found["mid_autumn"]
    assert autumn is not None and (autumn.people, autumn.as_of) == (15, date(2026, 10, 31))
    assert counties["mid_autumn"].people == 5 and year(office, nine, counties=[]).unlawful[0].reach.people == 0
    with office.engine.begin() as conn:
        conn.execute(notice.insert().values(version="v1", purpose="mid_autumn", published_on=None))
    drawn = draw(office, load_campaign(office.settings.campaign_dirs, "mid_autumn"), date(2026, 10, 31))
    assert drawn.eligible == autumn.people
    assert "mid_autumn" not in {one.purpose for one in year(office, nine).unlawful}
    with office.engine.begin() as conn:
        conn.execute(sa.text("update pool_snapshot set void = true"))
    assert {one.reach for one in year(office, nine).unlawful} == {None}


def test_a_festival_beyond_the_years_that_were_compared_is_said(nine: list[Campaign]) -> None:
    days = WorkingDays(frozenset(), frozenset())
    for start, names in ((2098, set()), (2101, {"端午送粽子", "中秋慰问", "春节慰问", "送清凉"})):
        rows = calendar_of(nine, date(start, 1, 1), date(start, 12, 31), days)
        said = unchecked_years(nine, rows)
        assert {words.partition("：")[0] for words in said if f"{start} 年" in words} == names
