"""What a run is given: dates, numbers, what one task hands to the next. A bad one ends the run in Chinese, unrepeated."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from approvals import approve_open, unapproved
from rosters import TODAY, Office, document, person, write_template
from talentpool.acquire import acquire

MONTH_END = date(2026, 10, 31)
GOOD = {"partner": "didi", "delivery_id": 1, "as_of": "2026-10-31", "kind": "full", "declaration": "a" * 64,
        "more": False, "share": 0, "of": 1}  # fmt: skip


def run(**facts: Any) -> Any:
    known = {"dag_id": "campaign__warm_winter", "run_id": "manual__1", "run_type": "manual", "partition_key": None,
             "logical_date": None, "triggering_user_name": None}  # fmt: skip
    return SimpleNamespace(**known | facts)


@pytest.mark.parametrize(
    "value", [10**30, 2**63, 0, -1, True, 1.0, "7", None, [7], {"delivery_id": 7}, "1; drop table delivery"]
)
def test_a_number_of_a_delivery_is_one_that_the_database_can_hold(value: Any) -> None:
    from talentpool_airflow import given

    with pytest.raises(AirflowFailException, match=r"交付编号.*未执行任何操作") as caught:
        given.number(value, "交付编号")
    assert value is None or str(value) not in str(caught.value).replace("1 以上", "")
    assert given.number(2**63 - 1, "交付编号") == 2**63 - 1


@pytest.mark.parametrize(
    "value",
    ["9999-12-31", "2027-01-01", "0001-01-01", "1999-12-31", "20261031", "2026-W44-6", "2026-10-32", "2026-13-01", " ",
     "", "2026-10-31\n", "２０２６-１０-３１", 20261031, 10**30, ["2026-10-31"], {"as_of": 1}, True, "2026-10-31T00:00:00"],
)  # fmt: skip
@pytest.mark.usefixtures("settings")
def test_a_date_by_hand_is_a_day_that_somebody_can_know(value: Any) -> None:
    from talentpool_airflow import people, rosters

    for asked in (
        lambda: people.as_of_of({"as_of": value}, run()),
        lambda: people.campaign_as_of("warm_winter", {"as_of": value}, run(), TODAY),
    ):
        with pytest.raises(AirflowFailException, match="未执行任何操作") as caught:
            asked()
        assert len(str(value)) < 3 or str(value) not in str(caught.value)
    if value != "2027-01-01":
        with pytest.raises(AirflowFailException, match="未执行任何操作"):
            rosters.wanted_as_of({"as_of": value}, run())


@pytest.mark.usefixtures("settings")
def test_a_roster_may_be_dated_as_far_ahead_as_a_person_may_confirm() -> None:
    from talentpool_airflow import people, rosters

    ahead = (TODAY + timedelta(days=5)).isoformat()
    assert rosters.wanted_as_of({"as_of": ahead}, run()) == ahead
    assert people.as_of_of({"as_of": TODAY.isoformat()}, run()) == TODAY.isoformat()
    with pytest.raises(AirflowFailException, match="晚于今天"):
        rosters.wanted_as_of({"as_of": (TODAY + timedelta(days=6)).isoformat()}, run())


@pytest.mark.usefixtures("settings")
def test_a_partition_key_makes_no_pool_of_a_day_to_come() -> None:
    from talentpool_airflow import people

    nothing = {"as_of": None}
    assert people.as_of_of(nothing, run(partition_key="2026-10-31")) == "2026-10-31"
    with pytest.raises(AirflowSkipException, match="尚未到来"):
        people.as_of_of(nothing, run(partition_key="9999-12-31"))
    for key in ("", "x", "2026-10", "0001-01-01"):
        with pytest.raises(AirflowFailException, match="未执行任何操作"):
            people.as_of_of(nothing, run(partition_key=key))


@pytest.mark.parametrize(
    "moment", ["9999-12-31T23:59:59+00:00", "9999-12-31T00:00:00+00:00", "0001-01-01T00:00:00+00:00"]
)
@pytest.mark.usefixtures("settings")
def test_a_moment_that_no_calendar_here_knows_ends_the_run(moment: str) -> None:
    from talentpool_airflow import people, rosters

    at = run(logical_date=datetime.fromisoformat(moment), run_type="backfill")
    for asked in (
        lambda: rosters.wanted_as_of({"as_of": None}, at),
        lambda: people.campaign_as_of("warm_winter", {"as_of": None}, at, TODAY),
    ):
        with pytest.raises(AirflowFailException, match="未执行任何操作"):
            asked()


@pytest.mark.parametrize(
    "change",
    [{"delivery_id": 10**30}, {"delivery_id": "1"}, {"delivery_id": True}, {"partner": "sf"}, {"share": 1}, {"of": 10**30},
     {"of": 0}, {"share": -1}, {"kind": "x"}, {"as_of": 10**30}, {"declaration": "a" * 1000}, {"more": "yes"},
     {"delivery_id": None}],
)  # fmt: skip
def test_what_one_task_hands_to_the_next_is_of_one_form(change: dict[str, Any]) -> None:
    from talentpool_airflow import given

    assert given.share("didi", GOOD).delivery_id == 1
    for value in (GOOD | change, None, [], "x", 10**30):
        with pytest.raises(AirflowFailException, match="被改动过"):
            given.share("didi", value)


def test_forged_counts_of_shares_are_not_read(office: Office) -> None:
    """The findings, sums and base of a delivery are those that staging kept, whatever a task was handed."""
    from talentpool import flow
    from talentpool_airflow import rosters

    number, declaration = landed(office)
    handed = GOOD | {"delivery_id": number, "declaration": declaration}
    assert flow.divide(office, office.partner(), number) == 1
    staged = rosters.conform("didi", handed)
    part = {"share": 0, "of": 1, "rows": 1, "changed": 10**30, "findings": [], "base_seq": 99, "dropped": ["x" * 99]}
    audited = rosters.expect("didi", [staged | {"part": part, "rows": 10**30}])
    assert rosters.publish("didi", audited)["accepted"] == 30
    assert office.one("select dropped_columns::text from delivery") == "[]"


def test_a_share_of_another_partners_delivery_is_touched_by_none_of_the_tasks(office: Office) -> None:
    from talentpool_airflow import rosters

    number, _ = landed(office)
    handed = GOOD | {"partner": "postal", "delivery_id": number, "declaration": office.partner("postal").hash}
    before = office.ask("select * from delivery")
    for task in (
        lambda: rosters.conform("postal", handed),
        lambda: rosters.expect("postal", [handed]),
        lambda: rosters.publish("postal", handed),
        lambda: rosters.held("postal", [handed]),
    ):
        with pytest.raises(AirflowFailException, match="不是本合作方的"):
            task()
    with pytest.raises(AirflowFailException, match="没有交付"):
        rosters.conform("didi", GOOD | {"delivery_id": 2**63 - 1, "declaration": office.partner().hash})
    assert office.ask("select * from delivery") == before


def test_a_task_tried_again_names_the_same_run(office: Office) -> None:
    from talentpool_airflow import rosters

    number, declaration = landed(office)
    handed = GOOD | {"delivery_id": number, "declaration": declaration, "more": True}
    first, other = run(run_id="manual__1"), run(run_id="manual__2")
    assert rosters.next_run("didi", first, [handed]) == rosters.next_run("didi", first, [handed])
    assert rosters.next_run("didi", first, [handed]) != rosters.next_run("didi", other, [handed])
    with pytest.raises(AirflowSkipException, match="没有其他名册"):
        rosters.next_run("didi", first, [handed | {"more": False}])
    with pytest.raises(AirflowSkipException, match="没有被搁置"):
        rosters.held("didi", [handed])
    held = "update delivery set state = 'staged'; update delivery set state = 'audited'; update delivery set state = 'held'"
    with office.engine.begin() as conn:
        for step in held.split("; "):
            conn.exec_driver_sql(step)
    asked = rosters.held("didi", [handed])
    assert asked == rosters.held("didi", [handed])
    assert asked["conf"] == {"delivery_id": number} and asked["run_id"].startswith(f"delivery_{number}_")


def landed(office: Office) -> tuple[int, str]:
    """A roster that lies here and is not staged yet; its number and its declaration's hash."""

    path = write_template(office.folder / "roster.csv", [person(n) for n in range(1, 31)])
    found = acquire(office, office.partner(), file=path, as_of=MONTH_END, kind="full")
    assert found is not None
    return found.delivery_id, office.partner().hash


def test_whoever_started_a_run_drafts_and_locks_its_list(office: Office) -> None:
    """What the server put on record counts; what stands in conf does not. A role that does not draft is refused."""
    from talentpool.guard import add_officer
    from talentpool_airflow import people

    office.deliver("2026-10-31", [person(n) for n in range(5001, 5031)])
    by_hand = {"as_of": "2026-10-31", "triggering_user_name": "somebody_else"}
    started = run(triggering_user_name="zhao", conf=by_hand)
    due = people.campaign_as_of("warm_winter", by_hand, started, TODAY)
    drawn = people.draw("warm_winter", due, by_hand, started)
    drafted = "select passport->'drafted_by' from target_list where list_id = :id"
    assert office.one(drafted, id=drawn["list_id"]) == ["zhao"]
    with pytest.raises(AirflowFailException, match="被改动过"):
        people.draw("warm_winter", due | {"as_of": "2026-09-30"}, by_hand, started)
    with office.engine.begin() as conn:
        add_officer(conn, "given_auditor", "auditor", counties=["140403"], by="admin")
    with pytest.raises(AirflowFailException, match="may draft"):
        people.lock("warm_winter", due, by_hand, run(triggering_user_name="given_auditor"))
    assert people.approved("warm_winter", due, by_hand, started) is False
    with pytest.raises(AirflowException, match="等待审批"):
        people.lock("warm_winter", due, by_hand, started)
    assert approve_open(office) == 2
    assert people.approved("warm_winter", due, by_hand, started) is True
    assert people.lock("warm_winter", due, by_hand, started)["state"] == "locked"
    assert office.ask("select distinct actor from audit_log where action in ('lock', 'export')") == [("zhao",)]


def test_a_lock_waits_until_somebody_was_asked_about_two_numbers_under_one_name(office: Office) -> None:
    """The sensor asks again and again; its log says for what."""
    from talentpool.review import judge, pending
    from talentpool_airflow import people

    one = person(5001)
    office.deliver("2026-10-31", [one, person(5003)], partner="didi")
    office.deliver("2026-10-31", [one | {"document_no": document(5, "1996-05-05")}, person(5004)], partner="meituan")
    by_hand = {"as_of": "2026-10-31"}
    started = run(triggering_user_name="zhao")
    due = people.campaign_as_of("warm_winter", by_hand, started, TODAY)
    people.draw("warm_winter", due, by_hand, started)
    approve_open(office)
    assert people.approved("warm_winter", due, by_hand, started) is False
    with pytest.raises(AirflowException, match="证件号不同"):
        people.lock("warm_winter", due, by_hand, started)
    with office.engine.begin() as conn:
        (pair,) = pending(conn, office.keys)
    judge(office, pair["pair_id"], "different", by="李专员", note="核对证件原件")
    assert people.approved("warm_winter", due, by_hand, started) is True
    assert people.lock("warm_winter", due, by_hand, started)["state"] == "locked"


def test_a_run_waits_for_a_roster_within_its_grace_until_an_officer_says_to_go_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The word is read from the list, where the command line put it: conf and params decide nothing."""
    from talentpool.campaigns import draw
    from talentpool_airflow import people

    first = date(2026, 12, 1)
    monkeypatch.setenv("TALENTPOOL_TODAY", first.isoformat())
    office = Office(office.engine, office.settings.model_copy(update={"today": first}), office.folder)
    office.deliver("2026-10-31", [person(n) for n in range(1, 31)])
    hurried = {"as_of": "2026-12-01", "all_the_same": "着急"}
    started = run(triggering_user_name="zhao", conf=hurried)
    due = people.campaign_as_of("warm_winter", hurried, started, first)
    assert people.fresh("warm_winter", due, hurried, started) is False
    with pytest.raises(AirflowException, match="等待名册：网约车"):
        people.draw("warm_winter", due, hurried, started)
    with pytest.raises(AirflowFailException, match="草稿已不在"):
        people.approved("warm_winter", due, hurried, started)
    assert office.one("select count(*) from target_list") == 0
    with pytest.raises(AirflowFailException, match="被改动过"):
        people.fresh("warm_winter", due | {"as_of": "2026-10-31"}, hurried, started)
    campaign = unapproved(office.settings)
    draw(office, campaign, first, by="李专员", all_the_same="采购合同今天签")
    assert people.fresh("warm_winter", due, hurried, started) is True
    assert people.draw("warm_winter", due, hurried, started)["state"] == "draft"


def test_json_with_numbers_beyond_64_bits_is_told_from_other_json() -> None:
    from talentpool_airflow.bodies import bounded

    for text in (
        str(2**63 - 1),
        str(-(2**63)),
        '{"a": [1, 2.5, null, "1000000000000000000000"]}',
        "",
        "no json",
        "[" * 40 + "]" * 40,
        "1e300",
    ):
        assert bounded(text.encode()), text
    for text in (str(2**63), str(-(2**63) - 1), "1" * 5000, '{"a": [{"b": 1000000000000000000000000000000}]}', "NaN",
                 "[Infinity]", "1e999", "[" * 100_000, "[" * 60 + "]" * 60, '{"a":' * 300 + "1" + "}" * 300):  # fmt: skip
        assert not bounded(text.encode()), text[:40]


@pytest.mark.usefixtures("office")
def test_a_campaign_that_no_notice_covers_is_not_yet_lawful_and_its_run_says_so(office: Office) -> None:
    from talentpool.model import notice
    from talentpool_airflow import people

    by_hand = {"as_of": MONTH_END.isoformat()}
    with pytest.raises(AirflowSkipException, match=r"中秋慰问尚不合法.*mid_autumn.*告知书"):
        people.campaign_as_of("mid_autumn", by_hand, run(), TODAY)
    with office.engine.begin() as conn:
        conn.execute(notice.insert(), {"version": "v2", "purpose": "mid_autumn", "published_on": TODAY})
    assert people.campaign_as_of("mid_autumn", by_hand, run(), TODAY)["as_of"] == "2026-10-31"
