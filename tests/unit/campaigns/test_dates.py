"""Days that officers move, add and withdraw: what stands on record, what is refused in words, which runs are due."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from rosters import TODAY, Office, person
from talentpool.__main__ import cli
from talentpool.campaigns import draw
from talentpool.campaigns.planning.dates import add, begun, dates, due, move, with_dates, withdraw
from talentpool.declare import Campaign, load_campaign
from talentpool.errors import RefusedError, UsageError
from talentpool.guard import add_officer, verify
from talentpool.model import officer, target_list

SIGNED: dict[str, Any] = {"by": "李专员", "reason": "与厂家商定", "today": TODAY}
SPRING = date(2027, 3, 8)
NEXT = date(2027, 12, 22)


@pytest.fixture
def winter(office: Office) -> Campaign:
    return load_campaign(office.settings.campaign_dirs, "warm_winter")


@pytest.fixture
def conn(office: Office) -> Iterator[sa.Connection]:
    with office.engine.begin() as conn:
        yield conn


def test_an_extra_round_is_on_record_with_its_author_and_holds(conn: sa.Connection, winter: Campaign) -> None:
    made = add(conn, winter, (SPRING, SPRING), **SIGNED)
    assert (made.cycle, made.replaces, made.first_day, made.made_by, made.reason) == (
        "2027-X0308", None, SPRING, "李专员", "与厂家商定",
    )  # fmt: skip
    assert dates(conn) == [made] and with_dates(conn, winter).dates[0].turn == made.turn
    assert conn.execute(sa.text("select subject, actor, reason, details->>'day' from audit_log")).all() == [
        ("campaign:warm_winter", "李专员", "与厂家商定", "added")
    ]
    back = withdraw(conn, [winter], made.date_id, **SIGNED)
    assert back.withdrawn_by == "李专员" and dates(conn) == [] and with_dates(conn, winter).dates == ()
    assert dates(conn, withdrawn=True) == [back], "nothing is deleted"
    again = add(conn, winter, (SPRING, SPRING), **SIGNED)
    assert again.cycle == made.cycle and again.date_id != made.date_id


def test_a_round_is_moved_again_and_comes_back_to_its_declared_day(conn: sa.Connection, winter: Campaign) -> None:
    first = move(conn, winter, "2027", NEXT + timedelta(days=6), **SIGNED)
    second = move(conn, winter, "2027", NEXT - timedelta(days=2), **SIGNED)
    assert (first.replaces, second.replaces) == (NEXT, NEXT), "what it replaces is the declared day"
    assert dates(conn) == [second]
    (old,) = [one for one in dates(conn, withdrawn=True) if one.date_id == first.date_id]
    assert old.withdrawn_for == "再次改期：与厂家商定"
    withdraw(conn, [winter], second.date_id, **SIGNED)
    assert with_dates(conn, winter).dates == ()


def test_a_season_that_is_moved_keeps_its_length(conn: sa.Connection, office: Office) -> None:
    summer = load_campaign(office.settings.campaign_dirs, "summer_cooling")
    (turn,) = summer.occasion.turns(2027)
    made = move(conn, summer, "2027", turn.first + timedelta(days=3), **SIGNED)
    assert turn.last > turn.first and made.last_day == turn.last + timedelta(days=3)


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (TODAY, "已到或已过"),
        (TODAY - timedelta(days=30), "已到或已过"),
        (TODAY + timedelta(days=21), r"拟定日 2026-12-31 已到或已过；最早可定在 2027-01-22"),
        (date(2072, 3, 8), "太远"),
        (NEXT, "重叠"),
    ],
)
def test_a_day_that_cannot_be_is_refused_with_one_that_can(
    conn: sa.Connection, winter: Campaign, first: date, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        add(conn, winter, (first, first), **SIGNED)
    assert dates(conn, withdrawn=True) == []
    earliest = TODAY + timedelta(days=22)
    assert add(conn, winter, (earliest, earliest), **SIGNED).first_day == earliest


def test_the_same_day_twice_and_a_day_inside_another_round_are_refused(conn: sa.Connection, winter: Campaign) -> None:
    add(conn, winter, (SPRING, SPRING + timedelta(days=3)), **SIGNED)
    for first in (SPRING, SPRING + timedelta(days=2)):
        with pytest.raises(UsageError, match="2027 年 3 月 8 日加办已在 2027-03-08 至 2027-03-11"):
            add(conn, winter, (first, first), **SIGNED)
    with pytest.raises(UsageError, match="早于第一天"):
        add(conn, winter, (date(2027, 5, 2), date(2027, 5, 1)), **SIGNED)


def test_a_move_that_makes_no_sense_is_refused(conn: sa.Connection, office: Office, winter: Campaign) -> None:
    letters = load_campaign(office.settings.campaign_dirs, "courier_letter")
    for campaign, cycle, first, words in (
        (winter, "2026", date(2027, 2, 1), "已经结束"),
        (winter, "2031", SPRING, "没有可以改期的轮次 2031"),
        (winter, "2027-X0308", SPRING, "没有可以改期的轮次"),
        (winter, "2027", NEXT, "本来就在"),
        (winter, "2027", date(2027, 1, 10), "拟定日 2026-12-20 已到或已过"),
        (letters, "2027-Q2", date(2027, 7, 15), "重叠"),
        (letters, "2027-Q2", date(2027, 7, 20), "越过了2027 年第 3 季度"),
    ):
        with pytest.raises(UsageError, match=words):
            move(conn, campaign, cycle, first, **SIGNED)
    assert dates(conn, withdrawn=True) == []


def test_only_who_plans_may_and_says_why(conn: sa.Connection, office: Office, winter: Campaign) -> None:
    add_officer(conn, "zhao", "city_approver", counties=["140403"], by="admin")
    with pytest.raises(RefusedError, match="plan a campaign"):
        add(conn, winter, (SPRING, SPRING), by="zhao", reason="x", today=TODAY)
    for by, reason in (("", "x"), ("李专员", "  ")):
        with pytest.raises(UsageError, match="写明"):
            add(conn, winter, (SPRING, SPRING), by=by, reason=reason, today=TODAY)
    with pytest.raises(UsageError, match="没有第 7 号"):
        withdraw(conn, [winter], 7, **SIGNED)


def test_an_extra_round_is_drawn_as_a_cycle_and_once_locked_is_not_withdrawn(office: Office, winter: Campaign) -> None:
    """The declared round of the year has a list of its own beside it; in each cycle everybody is served once."""
    winter = winter.model_copy(update={"approvals": ()})
    young = {"document_no": "", "birth_date": "2000-05-05"}
    office.deliver("2026-10-25", [person(n, **young) for n in range(1, 31)])
    with office.engine.begin() as conn:
        made = add(conn, winter, (date(2026, 11, 20),) * 2, by="李专员", reason="降温早", today=date(2026, 10, 1))
    extra = draw(office, winter, date(2026, 10, 30), lock=True, by="李专员")
    year = draw(office, winter, date(2026, 12, 1), lock=True, by="李专员")
    assert extra.state == year.state == "locked" and extra.selected == year.selected > 20
    assert office.ask("select cycle from target_list order by list_id") == [("2026-X1120",), ("2026",)]
    withdrawn = {"by": "李专员", "reason": "x", "today": date(2026, 11, 1)}
    with office.engine.begin() as conn, pytest.raises(UsageError, match="名单已锁定，不能撤销"):
        withdraw(conn, [winter], made.date_id, **withdrawn)
    assert draw(office, winter, date(2026, 10, 30), lock=True, by="李专员").content_hash == extra.content_hash
    with pytest.raises(UsageError, match="already locked"):
        draw(office, winter, date(2026, 10, 31), lock=True, by="李专员")


def test_a_locked_round_is_moved_without_being_drawn_again(
    conn: sa.Connection, office: Office, winter: Campaign
) -> None:
    """A postponed hand-out: its draw day is long gone, and the list is there."""
    conn.execute(sa.text("insert into pool_snapshot (as_of, version, area, people, content_hash, partners)"
                         " values ('2026-12-01', 1, '140400', 0, 'x', '{}')"))  # fmt: skip
    facts = {"campaign": "warm_winter", "cycle": "2026", "as_of": date(2026, 12, 1), "snapshot_id": 1, "declaration_hash": "",
             "content_hash": "", "eligible": 0, "selected": 0, "excluded": {}, "passport": {}, "state": "locked"}  # fmt: skip
    conn.execute(target_list.insert().values(**facts, locked_at=sa.func.now()))
    before = date(2026, 12, 15)
    made = move(conn, winter, "2026", date(2026, 12, 28), by="李专员", reason="下雪", today=before)
    assert made.replaces == date(2026, 12, 22)
    assert due(conn, [winter], date(2026, 12, 20)) == []
    conn.execute(target_list.update().values(state="void"))
    assert [one.date_id for one, _ in due(conn, [winter], date(2026, 12, 20))] == [made.date_id]


def test_a_move_is_not_withdrawn_when_nothing_would_draw_for_its_declared_day(
    conn: sa.Connection, winter: Campaign
) -> None:
    made = move(conn, winter, "2027", date(2028, 1, 5), **SIGNED)
    with pytest.raises(UsageError, match="拟定日 2027-12-01 已到或已过"):
        withdraw(conn, [winter], made.date_id, by="李专员", reason="x", today=date(2027, 12, 1))
    withdraw(conn, [winter], made.date_id, by="李专员", reason="x", today=date(2027, 11, 30))
    with pytest.raises(UsageError, match="已由 李专员 撤销"):
        withdraw(conn, [winter], made.date_id, by="李专员", reason="x", today=date(2027, 11, 30))


def test_a_day_is_due_from_its_draw_to_its_end_until_its_run_began(conn: sa.Connection, winter: Campaign) -> None:
    made = add(conn, winter, (SPRING, SPRING), **SIGNED)
    drawn = SPRING - timedelta(days=21)
    found = {day: [(one.date_id, on) for one, on in due(conn, [winter], day)] for day in (
        drawn - timedelta(days=1), drawn, SPRING, SPRING + timedelta(days=1))}  # fmt: skip
    assert list(found.values()) == [[], [(made.date_id, drawn)], [(made.date_id, drawn)], []]
    assert due(conn, [], drawn) == [], "a campaign that is declared no more"
    assert not begun(conn, "dragon_boat", made.date_id) and due(conn, [winter], drawn) != []
    assert begun(conn, "warm_winter", made.date_id) and due(conn, [winter], drawn) == []
    assert begun(conn, "warm_winter", made.date_id), "the run tried again is the same run"


def test_the_command_adds_moves_withdraws_and_lists(office: Office) -> None:
    signed = ("--by", "sun", "--reason", "商定")
    with office.engine.begin() as conn:
        for name, role in (("sun", "city_officer"), ("qian", "city_approver")):
            conn.execute(
                officer.insert(), {"name": name, "login": f"officer_{name}", "role": role, "added_by": "admin"}
            )
    for by, words in (("谁也不是", "不在职务登记表中"), ("qian", "plan a campaign")):
        refused = CliRunner().invoke(
            cli, ["calendar", "add", "warm_winter", "2027-03-08", "--by", by, "--reason", "商定"]
        )
        assert isinstance(refused.exception, RefusedError) and words in str(refused.exception)

    def run(*words: str) -> dict[str, Any]:
        done = CliRunner().invoke(cli, ["calendar", *words])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    made = run("add", "warm_winter", "2027-03-08", *signed)
    assert (made["cycle"], made["made_by"]) == ("2027-X0308", "sun")
    moved = run("move", "dragon_boat", "2027", "2027-06-11", *signed)
    assert moved["replaces"] == "2027-06-09"
    days = {(row["campaign"], row["cycle"]): row["first"] for row in run("--from", "2027-01-01")["rows"]}
    assert days["warm_winter", "2027-X0308"] == "2027-03-08" and days["dragon_boat", "2027"] == "2027-06-11"
    assert run("withdraw", str(made["date_id"]), *signed)["withdrawn_by"] == "sun"
    listed = [(one["campaign"], one["withdrawn_for"]) for one in run("dates")["dates"]]
    assert listed == [("warm_winter", "商定"), ("dragon_boat", None)]
    refused = CliRunner().invoke(cli, ["calendar", "add", "warm_winter", "2020-01-01", *signed])
    assert isinstance(refused.exception, UsageError) and "已到或已过" in str(refused.exception)
    with office.engine.connect() as conn:
        assert verify(conn, office.keys, office.settings.audit_heads_file).whole
