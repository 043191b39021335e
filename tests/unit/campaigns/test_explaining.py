"""A person asks why: the answer names the reason, since when it holds and what would change it, and the funnel adds up."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from approvals import approve_open
from rosters import TODAY, Office, document, person
from talentpool.__main__ import cli
from talentpool.campaigns.funnel import funnel
from talentpool.declare.rules import STEPS, list_reasons
from talentpool.errors import UsageError
from talentpool.model import notice
from talentpool.pool import snapshot
from talentpool.services.rights import register
from talentpool.settings import INCLUDE

OLD, MIDDLE, NEW = "2026-08-31", "2026-09-30", "2026-10-31"


def _young(number: int, **changes: Any) -> dict[str, str]:
    return person(number, document_no=document(number, "1999-05-05"), **changes)


@pytest.fixture
def campaigns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a warm_winter that may be changed; the commands read it."""
    folder = tmp_path / "campaigns"
    folder.mkdir()
    monkeypatch.setenv("TALENTPOOL_CAMPAIGNS", str(folder))
    _declare(folder)
    return folder


def _declare(folder: Path, **changes: Any) -> None:
    facts = yaml.safe_load((INCLUDE / "campaigns/warm_winter.yml").read_text(encoding="utf-8"))
    text = yaml.safe_dump(facts | changes, allow_unicode=True)
    (folder / "warm_winter.yml").write_text(text, encoding="utf-8")


@pytest.fixture
def city(office: Office, campaigns: Path) -> Office:
    """Three months: number 2 leaves in September, number 3 is too old, number 4 agreed to a notice that names no winter."""
    with office.engine.begin() as conn:
        conn.execute(notice.insert(), {"version": "v2", "purpose": "registry"})
    there = [
        _young(1),
        person(3, document_no=document(3, "1980-05-05")),
        _young(4, notice_version="v2"),
        _young(5),
        _young(6),
    ]
    for as_of in (OLD, MIDDLE, NEW):
        left = {} if as_of == OLD else {"left_on": "2026-09-10"}
        office.deliver(as_of, [*there, _young(2, **left)])
        snapshot(office, date.fromisoformat(as_of))
    return office


def _run(*words: str) -> dict[str, Any]:
    done = CliRunner().invoke(cli, list(words), standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return json.loads(done.stdout)


def _explain(number: int, *more: str) -> dict[str, Any]:
    return _run("explain", "target", "warm_winter", f"didi:T{number:05d}", *more)


def test_each_person_is_told_why_since_when_and_what_would_change_it(city: Office) -> None:
    drawn = _run("target", "warm_winter", "--as-of", NEW)
    told = {number: _explain(number) for number in range(1, 7)}
    assert {number: (one["reason"], one["step"], str(one["since"])) for number, one in told.items()} == {
        1: ("eligible", "selected", OLD),
        2: ("not_active", "eligible", MIDDLE),
        3: ("age_outside", "eligible", OLD),
        4: ("no_notice", "lawful", OLD),
        5: ("eligible", "selected", OLD),
        6: ("eligible", "selected", OLD),
    }
    assert told[1]["answer"] == (
        f"暖冬行动（数据日期 2026-10-31，名单 {drawn['list_id']}）：在名单上。原因：符合全部条件。自 2026-08-31 起如此。"
    )
    assert told[2]["answer"] == (
        f"暖冬行动（数据日期 2026-10-31，名单 {drawn['list_id']}）：不在名单上。原因：已离职或不在岗。自 2026-09-30 起如此。"
        "怎样改变：重新在册。"
    )
    assert "按包含此用途的告知书重新授权" in told[4]["answer"]
    for one in told.values():
        assert one["funnel"] == drawn["funnel"]
        assert one["rule"] == drawn["rule"]
        assert "T0000" not in json.dumps(one) and "1999" not in json.dumps(one), "no value of a person"


def test_several_things_stand_in_the_way_and_all_are_told(city: Office, campaigns: Path) -> None:
    _declare(campaigns, eligibility={"age": {"min": 16, "max": 35}, "active": True, "joined": {"months": 120}})
    _run("target", "warm_winter", "--as-of", NEW)
    told = _explain(3)
    assert (told["reason"], told["reasons"]) == ("age_outside", ["age_outside", "joined_later"])
    assert "怎样改变：不能改变，登记有误时更正出生日期；并且等到从业时间满足要求。" in told["answer"]


def test_who_asked_not_to_be_used_is_told_since_when(city: Office) -> None:
    register(city, "withdraw", "didi:T00005", by="王主任", reason="本人书面申请", received_on=TODAY)
    _run("target", "warm_winter", "--as-of", NEW)
    told = _explain(5)
    assert (told["reason"], told["step"], told["fix"]) == ("use_stopped", "lawful", "本人撤销申请")
    assert told["since"] is not None and told["since"] > NEW, "since the request, however old the pool"


def test_a_reason_that_is_no_more_says_so(city: Office) -> None:
    _run("target", "warm_winter", "--as-of", NEW)
    with city.engine.begin() as conn:
        conn.execute(notice.insert(), {"version": "v2", "purpose": "warm_winter"})
    told = _explain(4)
    assert (told["reason"], told["reasons"]) == ("no_notice", [])
    assert "这一原因现已消除" in told["answer"]


def test_whoever_goes_short_is_told_how_many_kits_it_would_take(city: Office, campaigns: Path) -> None:
    _declare(campaigns, stock=1)
    short = _run("target", "warm_winter", "--as-of", NEW)
    told = [_explain(number) for number in (1, 5, 6)]
    last = next(one for one in told if one["place"]["place"] == 3)
    assert (last["reason"], last["step"], last["fix"]) == ("stock_short", "selected", "增加物资或名额")
    assert last["place"] | {"place": 0} == {
        "county": "140403", "county_name": "潞州区", "partner": "didi", "eligible": 3, "seats": 1, "place": 0,
    }  # fmt: skip
    assert "全市再多分配 2 份即轮到" in last["answer"]
    assert [step["people"] for step in short["funnel"]] == [6, 5, 3, 1]
    _declare(campaigns, stock=3)
    _run("target", "warm_winter", "--as-of", NEW)
    assert all(_explain(number)["selected"] for number in (1, 5, 6)), "as it was said"


def test_a_list_of_an_earlier_release_is_explained_too(city: Office, campaigns: Path) -> None:
    """Its age could begin at 14, and of a short stock it kept neither groups nor places."""
    _declare(campaigns, stock=1)
    _run("target", "warm_winter", "--as-of", NEW)
    approve_open(city)
    _run("target", "warm_winter", "--as-of", NEW, "--lock")
    with city.engine.begin() as conn:
        conn.exec_driver_sql("set local session_replication_role = replica")  # past the lock of a list
        conn.execute(sa.text(
            "update target_list set passport = jsonb_set(passport - 'groups' - 'stock_declared' - 'rule' - 'seed',"
            " '{rules,age,min}', '14')"))  # fmt: skip
        conn.execute(sa.text("update target_row set facts = facts - 'place'"))
    told = {number: _explain(number) for number in range(1, 7)}
    assert {number: told[number]["reason"] for number in (2, 3, 4)} == {
        2: "not_active", 3: "age_outside", 4: "no_notice",
    }  # fmt: skip
    assert told[3]["reasons"] == ["age_outside"]
    short = [told[number] for number in (1, 5, 6) if told[number]["reason"] == "stock_short"]
    assert len(short) == 2 and all("怎样改变：增加物资或名额。" in one["answer"] for one in short)


def test_who_is_in_no_pool_and_a_campaign_without_a_list(city: Office) -> None:
    with pytest.raises(UsageError, match="no list of warm_winter yet"):
        _explain(1)
    first = _run("target", "warm_winter", "--as-of", OLD)
    city.deliver("2026-11-30", [_young(1), _young(9)])
    snapshot(city, date(2026, 11, 30))
    late = _explain(9)
    assert (late["list_id"], late["reason"], late["since"]) == (first["list_id"], "not_in_pool", None)
    assert "名册收录此人之后重新拟定" in late["answer"]
    with pytest.raises(UsageError, match="names that staff number"):
        _explain(77)
    newer = _run("target", "warm_winter", "--as-of", "2026-11-30")
    assert _explain(9)["list_id"] == newer["list_id"]
    assert _explain(9, "--list", str(first["list_id"]))["reason"] == "not_in_pool"


@given(
    st.integers(0, 50),
    st.dictionaries(st.sampled_from([*sorted(list_reasons()), "of_an_old_rule"]), st.integers(1, 50)),
)
def test_the_sum_of_reasons_is_the_pool(selected: int, excluded: dict[str, int]) -> None:
    excluded.pop("eligible", None)
    steps = funnel(selected, excluded)
    assert [step["step"] for step in steps] == list(STEPS)
    pool = steps[0]["people"]
    assert pool == selected + sum(excluded.values())
    for before, after in pairwise(steps):
        assert before["people"] - sum(after["left_out"].values()) == after["people"]
    assert steps[-1]["people"] == selected
    assert {reason: people for step in steps for reason, people in step["left_out"].items()} == excluded
