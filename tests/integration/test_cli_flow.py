"""The whole flow by command line, without Airflow and without simulators, on an empty database.

What a process is proved by is a process (`talentpool`); what only the words of a command are about runs in this one (`here`).
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from command_line import here
from databases import fresh
from talentpool.area import current_counties
from talentpool.database import connect
from talentpool.guard import add_officer, remove_officer
from talentpool.settings import Settings


def talentpool(*words: str | Path, env: dict[str, str] | None = None) -> tuple[int, dict[str, Any], str]:
    """Run the command; (exit code, the one JSON object on stdout, stderr)."""
    done = subprocess.run(
        [sys.executable, "-m", "talentpool", *map(str, words)],
        capture_output=True,
        text=True,
        env={**os.environ, **(env or {})},
        check=False,
    )
    lines = done.stdout.strip().splitlines()
    assert len(lines) == 1, f"stdout holds one JSON object, not {lines}; stderr: {done.stderr[-2000:]}"
    return done.returncode, json.loads(lines[0]), done.stderr


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small city: a month of rosters of every partner."""
    out = tmp_path_factory.mktemp("demo")
    code, made, _ = talentpool("demo-data", "--people", "600", "--months", "2", "--seed", "5", "--out", out)
    assert code == 0
    assert {file["partner"] for file in made["files"]} >= {"postal", "didi"}
    return out


def _approve(settings: Settings, list_id: str) -> None:
    """By an officer of every county and the city's approver, whom the office's table knows; nobody else may."""
    code, refused = here("target", "approve", list_id, "--by", "王主任")
    assert (code, "不在职务登记表" in refused["error"]) == (2, True), refused
    engine = connect(settings)
    with engine.connect() as conn:
        counties = sorted(current_counties(conn, settings.area))
    roles = [*(f"county_officer_{county}" for county in counties), "city_approver"]
    names = [f"t{uuid.uuid4().hex[:12]}" for _ in roles]
    with engine.begin() as conn:
        for name, role in zip(names, roles, strict=True):
            add_officer(conn, name, role, counties=counties, by="admin")
    said = [here("target", "approve", list_id, "--by", name) for name in names]
    with engine.begin() as conn:
        for name in names:
            remove_officer(conn, name, by="admin")
    engine.dispose()
    assert said[-1][1]["state"] == "city_approved", said


def test_a_roster_file_becomes_a_locked_list(demo: Path, settings: Settings, tmp_path: Path) -> None:
    roster = demo / "didi/2026-10-31/template.csv"
    code, ingested, _ = talentpool("ingest", "didi", "--file", roster, "--as-of", "2026-10-31")
    assert code == 0, ingested
    assert (ingested["status"], ingested["effect"]) == ("published", "live")
    assert ingested["rows"] == ingested["accepted"] + ingested["quarantined"] + ingested["refused"] > 0
    lines = sum(1 for _ in csv.DictReader(roster.open(encoding="utf-8-sig", newline="")))
    assert ingested["rows"] == lines

    _, before = here("digest")
    code, again = here("ingest", "didi", "--file", roster, "--as-of", "2026-10-31")
    assert (code, again["status"], again["effect"], again["rows"]) == (0, "duplicate", "none", 0)
    assert here("digest")[1] == before

    code, matched, _ = talentpool("match")
    assert code == 0
    assert 0 < matched["persons"] <= matched["records"] == ingested["accepted"]

    code, linked = here("links", "--out", tmp_path / "links.csv")
    assert (code, linked["rows"]) == (0, ingested["accepted"])
    rows = list(csv.DictReader((tmp_path / "links.csv").open(newline="")))
    assert set(rows[0]) == {"partner", "staff_no", "person_id"}

    lists = tmp_path / "lists"
    words = ("target", "warm_winter", "--as-of", "2026-10-31", "--lock", "--out", lists)
    code, waits = here(*words)
    assert (code, "more approval(s)" in waits["error"]) == (3, True), waits
    _approve(settings, waits["error"].split()[1])
    code, drawn, _ = talentpool(*words)
    assert code == 0, drawn
    assert drawn["state"] == "locked"
    assert drawn["selected"] == drawn["eligible"] > 0
    assert drawn["selected"] + sum(drawn["excluded"].values()) == matched["persons"]
    assert drawn["files"]
    assert all((lists / Path(name).name).exists() for name in drawn["files"])

    code, redrawn = here("target", "warm_winter", "--as-of", "2026-10-31", "--lock", "--out", lists)
    assert (code, redrawn["list_id"]) == (0, drawn["list_id"])

    code, written, _ = talentpool("report", "quality", "--out", tmp_path / "quality.html")
    assert (code, written["deliveries"]) == (0, 1)
    assert "网约车" in (tmp_path / "quality.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_two_months_of_a_hand_dropped_roster_keep_staff_and_ids(demo: Path, settings: Settings, tmp_path: Path) -> None:
    ids = []
    for as_of in ("2026-09-30", "2026-10-31"):
        code, ingested, _ = talentpool(
            "ingest", "didi", "--file", demo / f"didi/{as_of}/template.csv", "--as-of", as_of
        )
        assert code == 0, ingested
        assert talentpool("match")[0] == 0
        talentpool("links", "--out", tmp_path / "links.csv")
        ids.append({r["staff_no"]: r["person_id"] for r in csv.DictReader((tmp_path / "links.csv").open(newline=""))})
    both = ids[0].keys() & ids[1].keys()
    assert len(both) == len(ids[0])
    changed = [staff_no for staff_no in both if ids[0][staff_no] != ids[1][staff_no]]
    assert len(changed) <= len(both) * 0.01


@pytest.mark.slow
def test_an_older_roster_writes_history_only(demo: Path, settings: Settings) -> None:
    newer, older = demo / "postal/2026-10-31/template.csv", demo / "postal/2026-09-30/template.csv"
    assert talentpool("ingest", "didi", "--file", newer, "--as-of", "2026-10-31", "--kind", "full")[0] == 0
    before = talentpool("digest")[1]
    code, ingested, _ = talentpool("ingest", "didi", "--file", older, "--as-of", "2026-09-30", "--kind", "full")
    assert (code, ingested["status"], ingested["effect"]) == (0, "published", "history")
    assert talentpool("digest")[1] == before


def test_a_person_asks_for_their_file_and_withdraws_and_all_of_it_is_on_record(
    demo: Path, settings: Settings, tmp_path: Path
) -> None:
    roster = demo / "didi/2026-10-31/template.csv"
    assert here("ingest", "didi", "--file", roster, "--as-of", "2026-10-31", "--kind", "full")[0] == 0
    assert here("match")[0] == 0
    here("links", "--out", tmp_path / "links.csv")
    (first, *_) = csv.DictReader((tmp_path / "links.csv").open(newline=""))
    who = f"didi:{first['staff_no']}"
    own = ("access", first["person_id"], "--out", tmp_path / "own.xlsx")
    assert here(*own)[0] == 2 and not (tmp_path / "own.xlsx").exists(), "nobody verified who asks"
    code, said = here(*own, "--identity", "in_person")
    assert (code, said["file"], len(said["password"])) == (0, str(tmp_path / "own.xlsx"), 19), said
    assert oct((tmp_path / "own.xlsx").stat().st_mode)[-3:] == "600"
    code, said = here("erase", who)
    assert code == 2, "still on a roster"
    assert first["staff_no"] not in said["error"]
    code, said = here("withdraw", who, "--by", "王主任", "--reason", "本人书面申请")
    assert (code, said["kind"], said["subject"]) == (0, "withdraw", f"person:{first['person_id']}"), said
    number = said["request_id"]
    assert (said["state"], here("request", "confirm", number, "--by", "李主任")[0]) == ("registered", 2)
    assert here("request", "identity", number, "--how", "written", "--by", "王主任")[1]["state"] == "verified"
    assert here("request", "confirm", number, "--by", "王主任")[0] == 2, "the same person"
    code, said = here("request", "confirm", number, "--by", "李主任")
    assert (code, said["records"]) == (0, 1), said
    assert [one["state"] for one in here("request", "list")[1]["requests"]] == ["done", "done"]
    assert here("withdraw", who)[0] == 2, "nobody is known by that number any more"
    rows = here("audit", "head")[1]["head"]["seq"]
    assert here("audit", "verify")[1] == {"rows": rows, "heads": 1, "whole": True, "broken": [], "trusted": rows}
    code, said = here("audit", "anomalies")
    assert code == 0 and said["days"] == 30 and {one["what"] for one in said["anomalies"]} <= {"night"}
    code, said = here("audit", "list", "--subject", f"person:{first['person_id']}")
    assert [entry["action"] for entry in said["entries"]] == [
        "access", "decision", "access", "withdrawal", "decision", "approval", "withdrawal"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "exit_code"),
    [
        (["ingest", "nobody"], 2),
        (["ingest", "didi", "--file", "missing.csv", "--as-of", "2026-10-31"], 2),
        (["ingest", "didi", "--as-of", "31.10.2026"], 2),
        (["target", "warm_winter"], 2),
        (["nonsense"], 2),
        (["ingest", "postal"], 5),
        (["receipt", "1", "F.xlsx"], 2),
        (["backup"], 2),
        (["restore", "--from", "nowhere"], 2),
        (["links", "--out", "/proc/none/links.csv"], 2),
    ],
)
def test_an_exit_code_says_what_kind_of_no_it_is(settings: Settings, words: list[str], exit_code: int) -> None:
    code, said = here(*words)
    assert code == exit_code
    assert said["error"]


@pytest.mark.parametrize(("words", "exit_code"), [(["nonsense"], 2), (["ingest", "postal"], 5)])
def test_a_process_ends_with_that_code(settings: Settings, words: list[str], exit_code: int) -> None:
    code, said, _ = talentpool(*words)
    assert (code, said) == here(*words) and code == exit_code


@pytest.mark.slow  # the documented restore runs in every run: tests/deploy/test_documents.py
def test_a_deployment_is_backed_up_and_restored_elsewhere(
    demo: Path, settings: Settings, server_url: str, tmp_path: Path
) -> None:
    """As production does it: a recipient that is named, an identity under a passphrase, keys in another place."""
    roster = demo / "didi/2026-10-31/template.csv"
    assert talentpool("ingest", "didi", "--file", roster, "--as-of", "2026-10-31")[0] == 0
    (tmp_path / "phrase").write_text("correct horse\n", encoding="utf-8")
    guarded = ["--passphrase-file", tmp_path / "phrase"]
    code, made, _ = talentpool("backup", "--new-identity", tmp_path / "safe.age", *guarded)
    assert code == 0
    code, taken, _ = talentpool("backup", "--out", tmp_path / "b", "--recipient", made["recipient"])
    assert code == 0
    assert taken["digest"] == talentpool("digest")[1]["digest"]
    opening = ["--identity", tmp_path / "safe.age", *guarded]
    with fresh(server_url) as url:
        there = {"TALENTPOOL_DATABASE_URL": url, "TALENTPOOL_HOME": str(tmp_path / "there")}
        code, refused, _ = talentpool("restore", "--from", tmp_path / "b", env=there)
        assert (code, "--identity" in refused["error"]) == (2, True)
        code, restored, said = talentpool("restore", "--from", tmp_path / "b", *opening, env=there)
        assert code == 0, said
        assert restored["digest"] == talentpool("digest", env=there)[1]["digest"] == taken["digest"]
    code, refused, _ = talentpool("restore", "--from", tmp_path / "b", *opening)
    assert (code, "--replace" in refused["error"]) == (2, True)


def test_an_unreachable_database_is_unavailable(settings: Settings) -> None:
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    code, said, _ = talentpool("digest", env={"TALENTPOOL_DATABASE_URL": nowhere})
    assert code == 5
    assert "database" in said["error"]


def test_a_file_without_staff_numbers_is_rejected_and_nothing_is_kept(settings: Settings, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("姓名,工作区县\n欧阳试验,潞州区\n", encoding="utf-8")
    before = here("digest")
    code, said, _ = talentpool("ingest", "didi", "--file", roster, "--as-of", "2026-10-31")
    assert (code, said["status"], said["reasons"]) == (4, "rejected", {"header_missing": 1})
    assert "欧阳试验" not in json.dumps(said, ensure_ascii=False)
    assert here("digest") == before


def test_a_file_whose_manifest_is_none_has_the_verdict_of_a_rejected_delivery(
    settings: Settings, tmp_path: Path
) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("工号,姓名,工作区县\nT1,欧阳试验,潞州区\n", encoding="utf-8")
    (tmp_path / "roster.csv.manifest.json").write_text("{", encoding="ascii")
    for command in (["ingest", "didi", "--file", roster], ["check", roster, "--partner", "didi"]):
        code, said = here(*command)
        assert (code, said["status"], said["effect"], said["reasons"]) == (
            4,
            "rejected",
            "none",
            {"manifest_invalid": 1},
        )
        assert (said["rows"], said["accepted"], said["quarantined"], said["refused"], said["notes"]) == (0, 0, 0, 0, {})


def test_a_fault_of_ours_is_said_in_json_too_and_its_trace_says_where_and_repeats_nothing(settings: Settings) -> None:
    fault = (
        "import talentpool.load as load\n"
        "def fail(*_):\n    raise RuntimeError('of 慕容翀旻, 139' + '12345678')\n"
        "load.digest = fail\n"
    )
    run = "import sys\nsys.argv = ['talentpool', 'digest']\nfrom talentpool.__main__ import main\nmain()\n"
    done = subprocess.run([sys.executable, "-c", fault + run], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert (said["exit"], "RuntimeError" in said["error"]) == (1, True)
    assert "unexpected RuntimeError" in done.stderr
    assert ", in digest" in done.stderr
    for value in ("of 慕容翀旻", "13912345678"):
        assert value not in done.stdout + done.stderr
