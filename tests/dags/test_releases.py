"""The last task of a campaign's run, where nothing leaves in plain: who is on record gets theirs, by the rules of exports."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyrage
import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from click.testing import CliRunner

from approvals import unapproved, unapproved_folder
from releases import OURS, THEIRS, declare, run, young
from rosters import Office
from talentpool.__main__ import cli
from talentpool.campaigns import Approver
from talentpool.campaigns.following.drafting import follow_up
from talentpool.campaigns.life.as_seen import lock_as_seen
from talentpool.campaigns.receipts.outcomes import Outcome
from talentpool.campaigns.receipts.taking import correct
from talentpool.campaigns.release.provisions import approve_export
from talentpool.match import match
from talentpool.model import officer
from talentpool_airflow import defaults

AS_OF = date(2026, 10, 31)
DUE = {"as_of": str(AS_OF)}


def started(by: str | None = None) -> Any:
    at = defaults.at_eight(AS_OF)
    return SimpleNamespace(
        dag_id="campaign__warm_winter", run_type="scheduled", run_id="scheduled__1", logical_date=at, run_after=at,
        partition_key=None, triggering_user_name=by,
    )  # fmt: skip


@pytest.fixture
def deployed(office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Office:
    """Thirty people of two counties on a locked list, of a deployment that is no demo."""
    office.deliver("2026-10-31", [young(n, county=OURS if n < 20 else THEIRS) for n in range(30)])
    match(office.engine, office.keys)
    run(office, lock=True)
    folder = unapproved_folder(office.settings, tmp_path / "campaigns")
    for name, value in {
        "DATABASE_URL": office.engine.url.render_as_string(hide_password=False), "KEYS": office.settings.keys_dir,
        "HOME": office.settings.home, "PROFILE": "production", "CAMPAIGNS": folder,
    }.items():  # fmt: skip
        monkeypatch.setenv(f"TALENTPOOL_{name}", str(value))
    return office


def look(by: str | None = None) -> tuple[bool, dict[str, Any]]:
    from talentpool_airflow import releases

    return releases.write_sheets("warm_winter", DUE, {"as_of": None}, started(by))


def on_record(office: Office, code: str, division: str) -> None:
    declare(office, code, "age", division, public_key=str(pyrage.x25519.Identity.generate().to_public()))


def test_whoever_is_on_record_gets_theirs_and_the_counts_say_what_waits_for_a_key(deployed: Office) -> None:
    on_record(deployed, "ours", OURS)
    done, counts = look()
    assert done and (counts["released"], counts["counties_without"], counts["stations_without_key"]) == (1, 1, 2)
    assert "1 个区县没有登记接收方" in counts["told"] and "2 个站点没有密钥" in counts["told"]
    assert deployed.ask("select recipient, made_by, state from provision") == [("ours", "talentpool target", "made")]
    left = {path.suffix for path in Path(deployed.settings.lists_dir).glob("export-*")}
    assert left == {".age"} and counts["files"] == 4, "the county's and its station's, each to fill in and to print"
    assert look()[1]["released"] == 0, "tried again, nothing leaves twice"


def test_many_people_wait_for_a_second_person_and_leave_at_the_next_look(
    deployed: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALENTPOOL_EXPORT_APPROVAL_ABOVE", "15")
    on_record(deployed, "ours", OURS)
    on_record(deployed, "theirs", THEIRS)
    done, counts = look()
    assert not done and (counts["released"], len(counts["approve"])) == (1, 1)
    assert not look()[0] and deployed.one("select count(*) from provision where state = 'made'") == 1
    approve_export(deployed.engine, counts["approve"][0], "赵审批")
    done, counts = look()
    assert done and (counts["released"], counts["before"]) == (1, 1)


def test_a_list_that_follows_leaves_with_the_others_of_its_round_and_by_its_number(
    deployed: Office, tmp_path: Path
) -> None:
    on_record(deployed, "ours", OURS)
    first = deployed.one("select list_id from target_list")
    look()
    today, sun = date(2026, 12, 31), Approver("sun", frozenset({"city_officer"}))
    for (row,) in deployed.ask("select row_id from target_row where selected and county = :c limit 2", c=OURS):
        correct(deployed, first, row, Outcome.NONE, sun, reason="电话核对", today=today)
    winter = unapproved(deployed.settings)
    draft = follow_up(deployed, winter, first, sun)
    follow = lock_as_seen(deployed, winter, draft.list_id, sun, seen=draft.content_hash)
    done, counts = look()
    assert done and counts["lists"] == [first, follow.list_id] and (counts["released"], counts["before"]) == (1, 1)
    assert deployed.one("select state from target_list where list_id = :l", l=follow.list_id) == "released"
    words = ["target", str(follow.list_id), "--recipient", "ours", "--by", "sun", "--out", str(tmp_path / "again")]
    told = CliRunner().invoke(cli, words)
    assert told.exit_code == 0, told.output
    (export,) = json.loads(told.stdout)["exports"]
    assert export["recipient"] == "ours" and export["people"] == 2


def test_nobody_on_record_is_said_and_nothing_is_written(deployed: Office) -> None:
    with pytest.raises(AirflowSkipException, match="没有登记任何区县接收方或站点密钥"):
        look()
    assert deployed.one("select count(*) from provision") == 0


def test_a_starter_who_may_not_export_releases_nothing(deployed: Office) -> None:
    on_record(deployed, "ours", OURS)
    with deployed.engine.begin() as conn:
        conn.execute(
            officer.insert(),
            {"name": "钱审批", "login": "qian", "role": "city_approver", "counties": [], "added_by": "王主任"},
        )
    with pytest.raises(AirflowFailException, match="不能导出名单"):
        look("钱审批")
    assert deployed.one("select count(*) from provision") == 0


def test_a_task_marked_done_locks_nothing_and_releases_nothing(deployed: Office) -> None:
    with deployed.engine.begin() as conn:
        conn.exec_driver_sql("set local session_replication_role = replica")
        conn.exec_driver_sql("update target_list set state = 'draft'")
    with pytest.raises(AirflowFailException, match="名单没有锁定"):
        look()
