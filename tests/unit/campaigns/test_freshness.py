"""A list waits for rosters that are due and within their grace, says for whom, and goes on at an officer's word."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rosters import Office, document, person
from talentpool.__main__ import cli
from talentpool.campaigns import Drawn, draw, may_be_drawn
from talentpool.declare import Campaign
from talentpool.errors import RefusedError, UsageError, WaitingError
from talentpool.guard import add_officer
from talentpool.settings import INCLUDE

FIRST = date(2026, 12, 1)
"""A Tuesday: the day on which warm_winter is drawn and two monthly rosters are due."""


def _people(count: int = 3) -> list[dict[str, str]]:
    return [person(n, document_no=document(n, "1999-05-05")) for n in range(1, count + 1)]


@pytest.fixture
def on(office: Office, monkeypatch: pytest.MonkeyPatch) -> Callable[[date], Office]:
    """The office on another day."""

    def on(day: date) -> Office:
        monkeypatch.setenv("TALENTPOOL_TODAY", day.isoformat())
        changed = office.settings.model_copy(update={"today": day})
        return Office(office.engine, changed, office.folder)

    return on


@pytest.fixture
def run(on: Callable[[date], Office], warm_winter: Campaign) -> Callable[..., Drawn]:
    """Draw as of a day, on a day."""

    def run(day: date, as_of: date = FIRST, **more: Any) -> Drawn:
        return draw(on(day), warm_winter, as_of, **more)

    return run


def _passport(office: Office, list_id: int) -> dict[str, Any]:
    return office.one("select passport from target_list where list_id = :id", id=list_id)


def test_a_list_waits_for_a_roster_within_its_grace_and_no_longer(office: Office, run: Callable[..., Drawn]) -> None:
    office.deliver("2026-10-31", _people())
    with pytest.raises(
        WaitingError,
        match=r"暖冬行动：名单没有拟定，等待名册：网约车.*（2026-12-01 应到，宽限至 2026-12-08）.*--all-the-same",
    ):
        run(FIRST)
    with pytest.raises(WaitingError):
        run(date(2026, 12, 8))
    assert office.one("select count(*) from target_list") == 0
    late = run(date(2026, 12, 9))
    (missed,) = _passport(office, late.list_id)["freshness"]["missed"]
    assert (missed["partner"], missed["due_on"], missed["late"]) == ("didi", "2026-12-01", True)


def test_the_roster_comes_and_the_list_is_drawn(office: Office, run: Callable[..., Drawn]) -> None:
    office.deliver("2026-10-31", _people())
    office.deliver("2026-11-30", _people(4))
    drawn = run(FIRST)
    assert drawn.selected == 4
    assert "freshness" not in _passport(office, drawn.list_id)


def test_nobody_waits_for_what_is_not_due_or_not_connected_or_of_another_time(
    office: Office, run: Callable[..., Drawn]
) -> None:
    office.deliver("2026-10-31", _people())
    assert run(date(2026, 11, 30), date(2026, 11, 30)).selected == 3, "the next is due tomorrow"
    assert run(FIRST, date(2026, 10, 31)).selected == 3, "the pool of October has October's roster"


def test_a_list_waits_where_a_broken_declaration_cannot_say_whether_a_roster_is_due(
    office: Office, on: Callable[[date], Office], warm_winter: Campaign, tmp_path: Path
) -> None:
    office.deliver("2026-10-31", _people())
    shutil.copytree(INCLUDE / "partners/didi", tmp_path / "didi")
    (tmp_path / "didi/partner.yml").write_text("code: didi\ncadence: [", encoding="utf-8")
    day = date(2026, 12, 9)
    there = on(day)
    broken = Office(there.engine, there.settings.model_copy(update={"partners": str(tmp_path)}), office.folder)
    with pytest.raises(WaitingError, match="等待名册：didi（声明文件有误，无法判断名册是否应到；请先更正）"):
        draw(broken, warm_winter, FIRST)
    drawn = draw(broken, warm_winter, FIRST, by="李专员", all_the_same="电话问过，名册没有变化")
    assert _passport(office, drawn.list_id)["freshness"]["missed"][0]["partner"] == "didi"


def test_a_roster_that_came_and_is_held_is_said_to_be_held(office: Office, run: Callable[..., Drawn]) -> None:
    office.deliver("2026-10-31", _people(40))
    assert office.deliver("2026-11-30", _people(10)).status == "held"
    with pytest.raises(WaitingError, match="已收到但被搁置，等待决定"):
        run(FIRST)


def test_an_officer_draws_all_the_same_and_the_list_says_who_and_why(
    office: Office, run: Callable[..., Drawn], on: Callable[[date], Office], warm_winter: Campaign
) -> None:
    office.deliver("2026-10-31", _people())
    with office.engine.begin() as conn:
        add_officer(conn, "looker", "auditor", counties=["140403"], by="admin")
    with pytest.raises(RefusedError):
        run(FIRST, by="looker", all_the_same="着急")
    drawn = run(FIRST, by="李专员", all_the_same="采购合同今天签")
    said = _passport(office, drawn.list_id)["freshness"]
    assert said["all_the_same"] == {"by": "李专员", "reason": "采购合同今天签"}
    assert [missed["partner"] for missed in said["missed"]] == ["didi"]
    again = run(date(2026, 12, 2), by="王专员")
    assert again.list_id == drawn.list_id, "said once, it holds for these rosters"
    assert _passport(office, again.list_id)["freshness"] == said
    locked = run(date(2026, 12, 2), lock=True, by="李专员")
    assert (locked.list_id, locked.state) == (drawn.list_id, "locked")
    details = office.one("select details from audit_log where action = 'lock'")
    assert details["freshness"]["all_the_same"]["reason"] == "采购合同今天签"
    may_be_drawn(on(date(2026, 12, 2)), warm_winter, FIRST)


def test_a_word_covers_the_rosters_of_which_it_was_said(office: Office, run: Callable[..., Drawn]) -> None:
    others = [person(n, staff_no=f"M{n}") for n in range(6_001, 6_031)]
    office.deliver("2026-10-31", _people())
    office.deliver("2026-10-31", others, partner="meituan")
    office.deliver("2026-11-29", others, partner="meituan")
    run(FIRST, by="李专员", all_the_same="采购合同今天签")
    with office.engine.begin() as conn:
        conn.exec_driver_sql(
            "update delivery set as_of = '2026-11-01' where partner = 'meituan' and as_of = '2026-11-29'"
        )
    with pytest.raises(WaitingError, match=r"等待名册：网约车.*美团"):
        run(FIRST)


def test_the_command_waits_with_its_exit_code_and_asks_who_and_why(
    office: Office, on: Callable[[date], Office]
) -> None:
    office.deliver("2026-10-31", _people())
    on(FIRST)

    def command(*words: str) -> Any:
        return CliRunner().invoke(
            cli, ["target", "warm_winter", "--as-of", FIRST.isoformat(), *words], standalone_mode=False
        )

    with pytest.raises(WaitingError) as waiting:
        raise command().exception
    assert waiting.value.exit_code == 3
    for words in (["--all-the-same", "着急"], ["--all-the-same", " ", "--by", "李专员"]):
        with pytest.raises(UsageError, match="REASON --by NAME"):
            raise command(*words).exception
    done = command("--all-the-same", "采购合同今天签", "--by", "李专员")
    assert json.loads(done.stdout)["selected"] == 3
