"""A simulated year by command line: twelve monthly rosters, every campaign that ships, each at the days of its own calendar.

The office starts with the notice that ships, which covers five of the nine purposes. In July it publishes another one; half of
the people agree to it in their next roster. What the notices never cover says so all year.
"""

from __future__ import annotations

import csv
import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from talentpool.__main__ import cli
from talentpool.area import current_counties
from talentpool.campaigns.planning.calendar import calendar_of
from talentpool.declare import TEMPLATE_V1, Campaign, campaign_files, load_campaign
from talentpool.declare.rules import STEPS, every_why
from talentpool.errors import TalentpoolError
from talentpool.guard import add_officer, remove_officer
from talentpool.reference import working_days
from talentpool.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PEOPLE, MONTHS, END = 700, 12, date(2026, 11, 30)
YEAR_ENDS, LATE_NAMES = date(2026, 12, 31), date(2026, 5, 31)
AGREED = date(2026, 7, 15)
"""The day of the second notice, and on which half of the people agreed to it."""
ADDED = ("mid_autumn", "courier_letter", "traffic_safety")
"""Purposes of the second notice that the first one does not cover."""
NEVER = "spring_festival"
POOL = """
    select p.person_id, p.home_county as county, p.active, p.birth_date, n.purpose is not null as covered
    from target_list l join pool_person p using (snapshot_id) left join source_record r on r.record_id = p.home_record
    left join notice n on n.version = r.notice_version and n.purpose = l.passport ->> 'purpose'
        and (n.published_on is null or n.published_on <= r.consented_on)
    where l.list_id = :list
"""
"""The pool of a list, read beside the product's own rules while its as-of is the newest roster's."""
SERVED = """
    select l.passport ->> 'purpose' as purpose, l.cycle, coalesce(r.new_id, t.person_id) as person from target_row t
    join target_list l using (list_id) left join person_redirect r on r.old_id = t.person_id
    where t.selected and l.state in ('locked', 'released', 'receipts_open', 'closed')
"""


@dataclass
class Year:
    """`clock`: the day by the office's clock is set. `locked`: list id -> the words that draw it, what locking answered;
    `refused`: campaign and cycle -> what the office was told instead."""

    settings: Settings
    engine: sa.Engine
    files: list[dict[str, Any]]
    clock: Callable[[date], None]
    tag: str
    locked: dict[int, tuple[tuple[str, ...], dict[str, Any]]] = field(default_factory=dict)
    refused: dict[tuple[str, str], str] = field(default_factory=dict)

    def ask(self, query: str, **given: Any) -> list[sa.Row]:
        with self.engine.connect() as conn:
            return list(conn.execute(sa.text(query), given))


def talentpool(*words: object) -> tuple[int, dict[str, Any]]:
    """(exit code, the JSON object; of an error its message under `error`). Anything unforeseen is raised."""
    done = CliRunner().invoke(cli, [*map(str, words)])
    if isinstance(done.exception, TalentpoolError):
        return done.exception.exit_code, {"error": str(done.exception)}
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, json.loads(done.stdout) if done.stdout.strip() else {"error": done.stderr}


@pytest.fixture
def year(settings: Settings, engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Year]:
    """Rosters on disk, officers on the office's table, nothing delivered yet."""
    words = ("--people", PEOPLE, "--months", MONTHS, "--end", END, "--seed", 11, "--out", tmp_path / "city")
    code, told = talentpool("demo-data", *words)
    assert code == 0

    def clock(day: date) -> None:
        monkeypatch.setenv("TALENTPOOL_TODAY", day.isoformat())

    year = Year(settings, engine, told["files"], clock, f"t{uuid.uuid4().hex[:6]}")
    with engine.begin() as conn:
        counties = sorted(current_counties(conn, settings.area))
        roles = ("city_officer", "city_approver", *(f"county_officer_{county}" for county in counties))
        for role in roles:
            add_officer(conn, _name(year, role), role, counties=counties, by="admin")
    yield year
    with engine.begin() as conn:
        for role in roles:
            remove_officer(conn, _name(year, role), by="admin")


def _name(year: Year, role: str) -> str:
    return f"{year.tag}_{role}"


def test_every_campaign_that_ships_over_a_year_of_rosters(year: Year) -> None:
    campaigns = {
        code: load_campaign(year.settings.campaign_dirs, code) for code in campaign_files(year.settings.campaign_dirs)
    }
    assert len(campaigns) == 9
    _play(year, campaigns)
    drawn = {told["campaign"] for _, told in year.locked.values()}
    assert drawn == set(campaigns) - {NEVER}, "each that is lawful was locked in the year"
    assert {code for code, _ in year.refused} == {NEVER, "courier_letter"}, "and the others said so"
    assert all("尚不合法" in said and "reference set notice" in said for said in year.refused.values())
    served = year.ask(SERVED)
    twice = [who for who, times in Counter((row.purpose, row.cycle, row.person) for row in served).items() if times > 1]
    assert not twice, f"{len(twice)} people are served twice for one purpose and cycle"
    letters = Counter(row.person for row in served if row.purpose == "courier_letter")
    assert set(letters.values()) == {1}, "a letter that is sent once in ten years"
    for list_id, (words, told) in year.locked.items():
        code, again = talentpool("target", *words, "--lock")
        assert (code, again["list_id"], again["content_hash"]) == (0, list_id, told["content_hash"]), words
        code, verified = talentpool("target", list_id, "--verify")
        assert (code, verified["equal"], verified["hash"]) == (0, True, "equal"), (words, verified)


def _play(year: Year, campaigns: dict[str, Campaign]) -> None:
    """Month by month: rosters come in, are matched, and what the calendar wants before the next ones is drawn."""
    with year.engine.connect() as conn:
        working = working_days(conn)
    days = sorted({date.fromisoformat(file["as_of"]) for file in year.files})
    assert len(days) == MONTHS
    for day, until in zip(days, [*days[1:], YEAR_ENDS], strict=True):
        year.clock(day)
        if day > AGREED and not year.ask("select from notice where version = 'v2'"):
            _publish_second_notice(year)
        for file in year.files:
            if file["as_of"] == day.isoformat():
                _deliver(file)
        assert talentpool("match")[0] == 0
        for planned in calendar_of(campaigns.values(), day, until, working):
            if day < planned.days["draw"] <= until:
                year.clock(planned.days["draw"])
                _run(year, campaigns[planned.campaign], planned.cycle, day)
        if day == LATE_NAMES:
            _run(year, campaigns["dragon_boat"], "2026", day, "--supplement")


def _deliver(file: dict[str, Any]) -> None:
    roster, as_of = Path(file["path"]).parent / "template.csv", date.fromisoformat(file["as_of"])
    if as_of > AGREED:
        _agree(roster)
    since = ("--since", file["since"]) if file["since"] else ()
    words = ("--file", roster, "--as-of", as_of, "--kind", file["kind"], *since)
    code, told = talentpool("ingest", file["partner"], *words)
    if code == 3:
        words = ("all", "--by", "王专员", "--reason", "已与合作方核实")
        assert "delivery_id" in told, (file, told)
        code, told = talentpool("delivery", "decide", told["delivery_id"], *words)
    assert (code, told["status"]) == (0, "published"), told


def _agree(roster: Path) -> None:
    """Every other one has agreed to the second notice."""
    with roster.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        if row["告知版本"] == "v1" and sum(row["工号"].encode()) % 2:
            row |= {"告知版本": "v2", "授权日期": AGREED.isoformat()}
    with roster.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, list(TEMPLATE_V1))
        writer.writeheader()
        writer.writerows(rows)


def _publish_second_notice(year: Year) -> None:
    first = [row.purpose for row in year.ask("select purpose from notice where version = 'v1'")]
    for purpose in (*first, *ADDED):
        words = ("version=v2", f"purpose={purpose}", f"published_on={AGREED}", "--by", "王干事", "--reason", "新告知书")
        code, told = talentpool("reference", "set", "notice", *words)
        assert code == 0, told


def _run(year: Year, campaign: Campaign, cycle: str, as_of: date, *more: str) -> None:
    """Draft, draft again, approve by everybody who has to, lock; or be told why not."""
    words = (campaign.code, "--as-of", as_of.isoformat(), *more)
    code, draft = talentpool("target", *words)
    assert (code, draft.get("state")) == (0, "draft"), draft
    again = talentpool("target", *words)[1]
    assert (again["list_id"], again["content_hash"]) == (draft["list_id"], draft["content_hash"])
    _reconciles(year, campaign, as_of, draft)
    code, told = talentpool("target", *words, "--lock")
    if code == 2:
        assert draft["selected"] == 0 and draft["funnel"][1]["people"] == 0, "nobody may be used for it"
        year.refused[campaign.code, cycle] = told["error"]
        return
    assert code == 3 and "等待审批" in told["error"], told
    steps = year.ask("select role, county from list_step where list_id = :list order by number", list=draft["list_id"])
    for role, county in steps:
        name = _name(year, f"{role}_{county}" if county else role)
        code, told = talentpool("target", "approve", draft["list_id"], "--by", name)
        assert code == 0, told
    code, locked = talentpool("target", *words, "--lock")
    if code == 3 and "证件号不同" in locked["error"]:
        _judge(year)
        code, locked = talentpool("target", *words, "--lock")
    assert (code, locked.get("state"), locked.get("content_hash")) == (0, "locked", draft["content_hash"]), locked
    assert locked["selected"] > 0 and locked["funnel"] == draft["funnel"]
    year.locked[locked["list_id"]] = (words, locked | {"campaign": campaign.code})


def _judge(year: Year) -> None:
    """Pairs of two document numbers that stand on a list: the office has asked, they are two people each."""
    for (pair,) in year.ask("select pair_id from review_pair where urgent order by pair_id"):
        code, told = talentpool("review", "different", pair, "--by", "李专员", "--note", "电话核实")
        assert code == 0, told


def _reconciles(year: Year, campaign: Campaign, as_of: date, told: dict[str, Any]) -> None:
    """Every figure that is told follows from the rows, everybody of the pool has one of them, city and counties alike."""
    pool = {row.person_id: row for row in year.ask(POOL, list=told["list_id"])}
    rows = year.ask(
        "select person_id, county, selected, reason from target_row where list_id = :list", list=told["list_id"]
    )
    assert len(rows) == len(pool) and {row.person_id for row in rows} == set(pool)
    assert {row.person_id: row.county for row in rows} == {who: one.county for who, one in pool.items()}
    reasons = Counter(row.reason for row in rows)
    assert told["selected"] == reasons.pop("eligible", 0) == sum(row.selected for row in rows)
    assert told["excluded"] == reasons and told["selected"] + sum(reasons.values()) == len(pool)
    left = {step: {row.person_id for row in rows if _passes(row.reason, step)} for step in STEPS}
    assert left["pool"] == set(pool) and left["lawful"] >= left["eligible"] >= left["selected"]
    assert left["selected"] == {row.person_id for row in rows if row.selected}
    assert [step["people"] for step in told["funnel"]] == [len(people) for people in left.values()]
    assert told["eligible"] == len(left["eligible"])
    for county in {one.county for one in pool.values()}:
        counted = [sum(pool[who].county == county for who in people) for people in left.values()]
        out = Counter(row.reason for row in rows if row.county == county and not row.selected)
        assert counted == sorted(counted, reverse=True) and counted[0] == counted[-1] + out.total()
    _lawful(campaign, as_of, [pool[who] for who in left["lawful"]], [pool[who] for who in left["selected"]])
    assert all(not pool[row.person_id].covered for row in rows if row.reason == "no_notice")


def _passes(reason: str, step: str) -> bool:
    """Whether who has the reason is still there after the step."""
    order = list(STEPS)
    return reason == "eligible" or order.index(every_why()[reason].step) > order.index(step)


def _lawful(campaign: Campaign, as_of: date, lawful: list[sa.Row], selected: list[sa.Row]) -> None:
    """By the pool's own facts, not by the reasons."""
    assert all(one.covered for one in lawful)
    sixteen = as_of.replace(year=as_of.year - 16, day=min(as_of.day, 28))
    assert all(one.active and (one.birth_date is None or one.birth_date <= as_of) for one in selected)
    assert not any(
        one.birth_date and one.birth_date > sixteen.replace(day=1) and one.birth_date > sixteen for one in lawful
    )
    if "age" in campaign.eligibility:
        assert all(one.birth_date and one.birth_date > date(as_of.year - 37, as_of.month, 1) for one in selected)
