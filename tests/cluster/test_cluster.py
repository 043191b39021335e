"""A cluster: three Celery workers with homes of their own share one delivery, one of them dies in the middle of a share,
and the pool is that of a single machine. All partners, up to a locked list, are slow: test_airflow_flow.py plays that.

One deployment serves the module; the tests run in the order of the file.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from approvals import approve_open
from cluster.up import BUCKET, REDIS, WORKERS, Cluster, cluster, hand_over
from rosters import person
from talentpool import flow
from talentpool.acquire import Connection, load_partner
from talentpool.acquire.transports.inbox import SETTLE_SECONDS
from talentpool.campaigns import draw
from talentpool.database import embedded_url, initialise
from talentpool.declare import TEMPLATE_V1, load_campaign
from talentpool.guard import open_keys
from talentpool.in_airflow import DAILY
from talentpool.load import digest
from talentpool.model import delivery, list_file, record_person, target_list
from talentpool.office import Office
from talentpool.pool import snapshot
from talentpool.settings import Settings
from talentpool_airflow.demo_run import officer
from talentpool_airflow.demo_run.steps import CAMPAIGN, FOLLOWERS, PARTNERS, WAITING_CAMPAIGN

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(1800)]

if shutil.which(REDIS) is None:
    if os.environ.get("CI"):
        pytest.fail("no redis-server: .ci/run must install it, the cluster would go untested", pytrace=False)
    pytest.skip(
        "the cluster is NOT TESTED: no redis-server here (apt-get install redis-server)", allow_module_level=True
    )

ROWS, PADDING = 3_000, 6_000
"""A roster of 18 MB: worth three shares, though few people are in it. Its padding is a column nobody asked for."""
DIDI = "roster__didi"
HELD_BY_THE_TEST = 4_242

STOP_AFTER_A_BLOCK = """
create function staging.wait_after_a_block() returns trigger language plpgsql as $$ begin
  if exists (select from staging.{table}) then perform pg_advisory_xact_lock({lock}); end if;
  return null;
end $$;
create trigger wait_after_a_block before insert on staging.{table} for each statement
  execute function staging.wait_after_a_block()
"""


RESTING = (*DAILY, CAMPAIGN, WAITING_CAMPAIGN, *FOLLOWERS, *(f"roster__{code}" for code in PARTNERS if code != "didi"))
"""DAGs that are not asked for here: each would have its first run."""


@pytest.fixture(scope="module")
def up() -> Iterator[Cluster]:
    with cluster(people=400) as up:
        for dag_id in RESTING:
            up.city.airflow.pause(dag_id)
        up.until("the run of the last due date, which finds nothing", lambda: ended(up, DIDI))
        hand_over(up, month(up), "didi")
        large(in_the_inbox(up))
        shutil.copy2(in_the_inbox(up), kept(up))
        time.sleep(SETTLE_SECONDS + 0.5)  # the inbox leaves a file alone until it has settled
        yield up


def in_the_inbox(up: Cluster) -> Path:
    return Path(up.layout.inbox / f"roster_didi_{month(up):%Y%m%d}.csv")


def kept(up: Cluster) -> Path:
    """The same file where no run takes it away."""
    return Path(up.layout.run / "roster_didi.csv")


def ended(up: Cluster, dag_id: str) -> bool:
    runs = up.city.airflow.runs(dag_id)
    return bool(runs) and all(run["state"] not in ("queued", "running") for run in runs)


def month(up: Cluster) -> date:
    return max(roster.as_of for roster in up.city.rosters)


def large(path: Path) -> None:
    """Put more rows, and padding, into a roster that lies in the inbox; its manifest is of the small one."""
    path.with_name(path.name + ".manifest.json").unlink(missing_ok=True)
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == list(TEMPLATE_V1)
    rows += [[person(n).get(field, "") for field in TEMPLATE_V1.values()] for n in range(ROWS)]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([[*header, "备注"], *([*row, "x" * PADDING] for row in rows)])


def state_of(up: Cluster, partner: str) -> Any:
    with up.city.engine.connect() as conn:
        return conn.execute(sa.select(delivery).where(delivery.c.partner == partner)).one_or_none()


@dataclass(frozen=True)
class Taken:
    """A delivery whose shares the workers took: before one of them was killed, and at the end of the run."""

    before: list[dict[str, Any]]
    state: str
    after: list[dict[str, Any]]


@pytest.fixture(scope="module")
def taken(up: Cluster) -> Taken:
    """All shares wait for a table that the test holds; then one of them waits again, after its first rows, and is killed."""
    airflow, engine = up.city.airflow, up.city.engine
    with engine.connect() as block, engine.connect() as reference:
        block.execute(sa.select(sa.func.pg_advisory_xact_lock(HELD_BY_THE_TEST)))
        reference.exec_driver_sql("lock table division in access exclusive mode")
        run = airflow.trigger(DIDI)
        up.until(
            "three running shares",
            lambda: [share["state"] for share in up.shares(DIDI, run)] == ["running"] * 3,
        )
        table = f"delivery_{state_of(up, 'didi').delivery_id}_1"
        with engine.begin() as conn:
            conn.exec_driver_sql(STOP_AFTER_A_BLOCK.format(table=table, lock=HELD_BY_THE_TEST))
        reference.rollback()
        waiting = sa.text("select count(*) from pg_locks where locktype = 'advisory' and objid = :lock and not granted")
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            up.until("a share in the middle", lambda: conn.scalar(waiting, {"lock": HELD_BY_THE_TEST}) == 1)
        before = up.shares(DIDI, run)
        assert before[1]["state"] == "running"
        up.processes.kill(before[1]["hostname"])
    found = Taken(before, up.finished(DIDI, run), up.shares(DIDI, run))
    with engine.begin() as conn:
        conn.exec_driver_sql("drop function if exists staging.wait_after_a_block cascade")
    return found


@pytest.fixture(scope="module")
def pooled(up: Cluster, taken: Taken) -> str:
    """The as_of of a pool that the cluster made of this partner alone."""
    as_of = month(up).isoformat()
    up.city.airflow.unpause("pool__people")
    assert up.finished("pool__people", up.city.airflow.trigger("pool__people", {"as_of": as_of})) == "success"
    return as_of


@pytest.fixture(scope="module")
def single(up: Cluster, pooled: str) -> Iterator[Office]:
    """The same partner, asked again by one process with the same keys and a database of its own, and its pool."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TALENTPOOL_LANDING")
        url = embedded_url(up.layout.home, "single")
        settings = Settings(home=up.layout.run / "single", database_url=url, profile="demo", inbox=up.layout.inboxes)
        assert settings.keys == up.shared / "keys"
        engine = initialise(settings)
        office = Office(engine, settings, open_keys(settings, engine))
        shutil.copy2(kept(up), in_the_inbox(up))
        ingested(up, office, "didi")
        snapshot(office, month(up))
        yield office
        engine.dispose()


def ingested(up: Cluster, office: Office, code: str) -> None:
    """As the command line does it, from where the partner handed over."""
    partner = load_partner(office.settings.partner_dirs, code)
    name = partner.transport.connection
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(f"TALENTPOOL_CONN_{name.upper()}", json.dumps(up.city.connections[name]))
        found = flow.ingest(office, partner, connection=Connection.from_env(name))
    assert (found.status, found.as_of) == ("published", month(up).isoformat())


def test_a_worker_killed_in_the_middle_of_a_share_changes_nothing_but_time(up: Cluster, taken: Taken) -> None:
    workers = [share["hostname"] for share in taken.before]
    assert sorted(workers) == sorted(WORKERS), "every worker took a share"
    assert taken.state == "success"
    assert [(share["state"], share["try_number"]) for share in taken.after] == [("success", n) for n in (1, 2, 1)]
    assert taken.after[1]["hostname"] not in (workers[1], ""), "another worker took it"
    found = state_of(up, "didi")
    assert (found.state, found.notes.get("extra_columns")) == ("published", 1)
    assert found.rows >= ROWS
    with up.city.engine.connect() as conn:
        assert conn.scalar(sa.text("select count(*) from pg_tables where schemaname = 'staging'")) == 0


def test_the_pool_is_that_of_a_single_machine(up: Cluster, single: Office) -> None:
    assert digest(up.city.engine) == digest(single.engine)
    with up.city.engine.connect() as conn:
        assert conn.scalar(sa.select(sa.func.count()).select_from(record_person)) >= ROWS


def test_nothing_of_the_flow_lies_in_the_home_of_a_single_machine(up: Cluster, pooled: str) -> None:
    elsewhere(up, {"didi"})


def elsewhere(up: Cluster, partners: set[str]) -> None:
    """What these handed over, and what tasks said, lies in the bucket; no home holds a file of it, no log a person."""
    landed = up.s3.list_objects_v2(Bucket=BUCKET, Prefix="landing/")["Contents"]
    assert {each["Key"].split("/")[1] for each in landed} >= partners
    homes = sorted((up.layout.run / "machines").iterdir())
    assert {home.name for home in homes} > set(WORKERS)
    assert [path for home in homes for path in (home / "talentpool").rglob("*") if path.is_file()] == []
    assert not (up.layout.home / "landing").exists()
    logs = up.logs()
    assert {"task_id=acquire", "task_id=conform", "task_id=publish"} <= {
        part for key in logs for part in key.split("/")
    }
    people = [person(n) for n in (0, 1, ROWS - 1)]
    assert not [key for key, text in logs.items() for row in people if row["mobile"] in text or row["name"] in text]


@pytest.mark.slow
def test_the_other_rosters_become_a_pool_a_report_and_a_list_as_on_a_single_machine(
    up: Cluster, pooled: str, single: Office
) -> None:
    airflow, others = up.city.airflow, [code for code in PARTNERS if code != "didi"]
    for dag_id in ("quality__report", CAMPAIGN, *(f"roster__{code}" for code in others)):
        airflow.unpause(dag_id)
    up.until("the runs of the last due dates", lambda: all(ended(up, f"roster__{code}") for code in others))
    hand_over(up, month(up), *others)
    up.arrived(month(up))
    airflow.pause("pool__people")  # people are matched when all are in, so that ids do not hang on who came first
    runs = {f"roster__{code}": airflow.trigger(f"roster__{code}") for code in others}
    assert {dag: up.finished(dag, run) for dag, run in runs.items()} == dict.fromkeys(runs, "success")
    assert {code: state_of(up, code).state for code in PARTNERS} == dict.fromkeys(PARTNERS, "published")
    airflow.unpause("pool__people")
    assert up.finished("pool__people", airflow.trigger("pool__people", {"as_of": pooled})) == "success"
    up.until("a report", lambda: "success" in [run["state"] for run in airflow.runs("quality__report")])
    locked_by_officers(up, airflow.trigger(CAMPAIGN, {"as_of": pooled}))
    page = up.s3.get_object(Bucket=BUCKET, Key=f"reports/quality_{pooled}.html")["Body"].read().decode()
    assert "网约车" in page
    for code in others:
        ingested(up, single, code)
    snapshot(single, month(up))
    campaign = load_campaign(single.settings.campaign_dirs, CAMPAIGN.removeprefix("campaign__"))
    draw(single, campaign, month(up))
    approve_open(single)
    draw(single, campaign, month(up), lock=True, out=single.settings.home / "lists")
    assert digest(up.city.engine) == digest(single.engine)
    elsewhere(up, set(PARTNERS))


def locked_by_officers(up: Cluster, run_id: str) -> None:
    """The list of a run of the campaign is approved by whoever is asked, locked, and written where all machines look."""
    airflow, officers, given = up.city.airflow, officer.Officers(up.city.airflow, up.layout.passwords), []

    def ended() -> Any:
        """Whoever is asked by now answers: a county's question may begin when the others are answered."""
        given.append(officers.approve(CAMPAIGN, run_id))
        return airflow.run(CAMPAIGN, run_id)["end_date"]

    up.until("the end", ended)
    assert sum(given) > 1
    assert up.finished(CAMPAIGN, run_id) == "success"
    with up.city.engine.connect() as conn:
        locked = conn.execute(sa.select(target_list).where(target_list.c.state == "locked")).one()
        files = conn.scalars(sa.select(list_file.c.name).where(list_file.c.list_id == locked.list_id)).all()
    assert locked.selected > 0
    assert files
    assert {Path(name).name for name in files} <= {path.name for path in (up.shared / "lists").rglob("*")}
