"""A held delivery's way out: who decided what, what it covers, and what overtakes it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner

from rosters import Office, go_on, person, write_template
from talentpool import flow
from talentpool.__main__ import cli
from talentpool.acquire import acquire
from talentpool.decide import Decision, decide, record, show
from talentpool.errors import UsageError
from talentpool.load import digest

CITY = [person(n) for n in range(1, 101)]


def held(office: Office, as_of: str = "2026-10-31", left: int = 60) -> int:
    found = office.deliver(as_of, CITY[:left])
    assert (found.status, found.exit_code) == ("held", 3)
    assert found.delivery_id is not None
    return found.delivery_id


def run(*words: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(cli, list(words), standalone_mode=False)
    if isinstance(done.exception, UsageError):
        return 2, {}
    return done.exit_code, json.loads(done.stdout)


def decided(office: Office, delivery_id: int, choice: Any, reason: str = "与合作方核实") -> flow.Outcome:
    return decide(office, office.partner(), delivery_id, choice, by="王", reason=reason)


@pytest.fixture
def city(office: Office) -> Office:
    office.deliver("2026-09-30", CITY)
    return office


def test_nothing_is_decided_by_who_has_no_keys(city: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys are asked for before the decision is written down: else it would stand, and the next run carry it out."""
    number = held(city)
    monkeypatch.setenv("TALENTPOOL_KEY_SOURCE", "airflow")  # which no command line can ask
    assert run("delivery", "decide", str(number), "all", "--by", "王", "--reason", "已核实")[0] == 2
    assert run("delivery", "list", "--state", "held")[0] == 0, "who only reads needs none"
    assert city.one("select state from delivery where delivery_id = :d", d=number) == "held"
    assert city.one("select count(*) from delivery_decision") == 0


def test_the_command_lists_shows_and_decides(city: Office) -> None:
    number = str(held(city))
    code, listed = run("delivery", "list", "--state", "held")
    assert (code, [row["delivery_id"] for row in listed["deliveries"]]) == (0, [int(number)])
    code, shown = run("delivery", "show", number)
    assert shown["choices"] == ["all", "no-removals", "reject"]
    assert shown["findings"][0]["code"] == "removals_high"
    assert "减少" in shown["findings"][0]["text"]
    code, found = run("delivery", "decide", number, "no-removals", "--by", "王", "--reason", "名册不全")
    assert (code, found["status"], found["effect"]) == (0, "published", "live")
    assert city.one("select count(*) from source_record where status <> 'active'") == 0
    code, shown = run("delivery", "show", number)
    assert [(d["choice"], d["decided_by"], d["reason"]) for d in shown["decisions"]] == [
        ("no-removals", "王", "名册不全")
    ]
    assert shown["choices"] == []


def test_a_rejection_changes_nothing_and_exits_0(city: Office) -> None:
    number, before = held(city), digest(city.engine)
    code, found = run("delivery", "decide", str(number), "reject", "--by", "王", "--reason", "错发")
    assert (code, found["status"], found["effect"]) == (0, "rejected", "none")
    assert found["reasons"]["decided_reject"] == 1
    assert digest(city.engine) == before


@pytest.mark.parametrize(("by", "reason"), [("", "x"), ("王", " ")])
def test_a_decision_without_a_name_or_a_reason_is_none(city: Office, by: str, reason: str) -> None:
    number = held(city)
    with pytest.raises(UsageError, match="请写明决定人"):
        record(city.engine, city.partner(), number, Decision("all", by, reason))
    assert city.one("select state from delivery where delivery_id = :d", d=number) == "held"


def test_only_a_held_delivery_can_be_decided(city: Office) -> None:
    number = held(city)
    decided(city, number, "all")
    with pytest.raises(UsageError, match="已入库；只有搁置的名册可以决定"):
        decided(city, number, "reject")
    with pytest.raises(UsageError, match="没有交付 99999"):
        decided(city, 99999, "all")
    with pytest.raises(UsageError, match="合作单位 postal 没有交付"):
        record(city.engine, city.partner("postal"), number, Decision("all", "王", "x"))
    assert run("delivery", "decide", "99999", "all", "--by", "王", "--reason", "x")[0] == 2
    assert run("delivery", "show", "99999")[0] == 2


def test_a_later_good_delivery_supersedes_the_held_one(city: Office) -> None:
    number = held(city)
    assert city.deliver("2026-11-30", CITY[:98]).status == "published"
    shown = show(city.engine, number)
    assert (shown["state"], shown["decided"], shown["reasons"]["superseded"]) == ("rejected", "superseded", 1)
    assert shown["decisions"][0]["choice"] == "superseded"
    with pytest.raises(UsageError, match="已退回"):
        decided(city, number, "all")


def test_a_backfill_supersedes_nothing(city: Office) -> None:
    number = held(city)
    assert city.deliver("2026-08-31", CITY).effect == "history"
    assert show(city.engine, number)["state"] == "held"


def test_a_decision_covers_what_the_person_saw_and_no_more(city: Office) -> None:
    """Between the hold and the decision somebody else publishes: county 140404 now loses people too."""
    number = held(city)
    more = [person(n, county="140404") for n in range(201, 230)]
    record(city.engine, city.partner(), number, Decision("all", "王", "核实"))
    with city.engine.begin() as conn:  # what was published while the decided delivery had not got its turn
        go_on(conn, "staged", "held", delivery_id=number)
    assert city.deliver("2026-10-01", more, kind="delta", since="2026-09-01").status == "published"
    with city.engine.begin() as conn:
        conn.exec_driver_sql("update delivery set state = 'landed' where delivery_id = %s", (number,))
    flow.finish(city, city.partner(), number, count=city.count)
    shown = show(city.engine, number)
    assert shown["state"] == "held"
    assert {f.get("county") for f in shown["findings"]} >= {"140404"}
    assert decided(city, number, "all", "再次核实").status == "published"
    assert len(show(city.engine, number)["decisions"]) == 2


def test_a_decision_cut_off_before_it_was_carried_out_goes_on_by_itself(city: Office) -> None:
    number = held(city)
    record(city.engine, city.partner(), number, Decision("all", "王", "核实"))
    assert decided(city, number, "all").status == "published"
    assert len(show(city.engine, number)["decisions"]) == 1


def test_bytes_rejected_by_a_person_and_sent_again_are_judged_anew(city: Office) -> None:
    number = held(city)
    decided(city, number, "reject")
    assert city.deliver("2026-10-31", CITY[:60]).status == "held"
    assert show(city.engine, number)["decided"] is None


def test_an_undecided_delivery_does_not_stand_in_the_way(city: Office) -> None:
    held(city)
    path = city.folder / "roster_didi_20261101_01.csv"
    write_template(path, CITY)
    landed = acquire(city, city.partner(), file=path, as_of=date(2026, 11, 1))
    assert landed is not None
    assert not landed.duplicate
