"""The world fails while the work goes on: no space, no database, two things at once. Each ends where peace would."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from databases import Twins, environment
from patience import PATIENCE, until
from rosters import Office, person, write_template
from talentpool.flow import ingest
from talentpool.load import digest
from talentpool.match import match

SCRIPT = Path(__file__).with_name("disturbed.py")
BASE = [person(n) for n in range(1, 601)]
NEXT = [person(1, station="新站"), *BASE[3:], *(person(n) for n in range(2001, 2241))]

HELD_BY_THE_TEST = 4_242
STOP_AT_A_MOMENT = """
create function wait_at_a_moment() returns trigger language plpgsql as $$ begin
  perform pg_advisory_xact_lock({lock});
  return new;
end $$;
create trigger wait_at_a_moment before update of state on delivery for each row
  when (old.state = '{moment}' and new.state <> '{moment}') execute function wait_at_a_moment()
"""


@pytest.fixture
def office(twins: Twins) -> Office:
    """An empty deployment, and others under the same keys to compare it with."""
    return twins.office()


@pytest.fixture(scope="module")
def undisturbed(twins: Twins) -> str:
    """The digest where nothing disturbs."""
    office = twins.office()
    office.deliver("2026-09-30", BASE)
    assert office.deliver("2026-10-31", NEXT).status == "published"
    return digest(office.engine)


def command(office: Office, *words: str, script: tuple[str, ...] = ("-m", "talentpool")) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *script, *words],
        env=environment(office), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def november(office: Office) -> tuple[str, ...]:
    path = write_template(office.folder / "roster_next.csv", NEXT)
    return "ingest", "didi", "--file", str(path), "--as-of", "2026-10-31", "--kind", "full"


def test_a_full_disk_changes_nothing_and_says_so(office: Office, undisturbed: str) -> None:
    office.deliver("2026-09-30", BASE)
    before = digest(office.engine)
    words = november(office)
    limit = str(Path(words[3]).stat().st_size // 2)
    done = command(office, *words, script=(str(SCRIPT), limit))
    said, told = done.communicate(timeout=PATIENCE)
    assert done.returncode == 5, told
    assert "landing store" in said
    assert digest(office.engine) == before
    assert list(Path(office.settings.landing_url).rglob("*.part")) == []
    again = command(office, *words)
    assert again.wait(timeout=PATIENCE) == 0
    assert digest(office.engine) == undisturbed


@pytest.mark.parametrize("moment", ["staged", "audited"])
def test_a_database_that_goes_away_comes_back_to_the_same_state(office: Office, undisturbed: str, moment: str) -> None:
    """The command waits for the test when its delivery is to be more than `moment`; there its connections are cut, and
    it is run again."""
    office.deliver("2026-09-30", BASE)
    cut = sa.text(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database()"
        " and pid <> pg_backend_pid() and backend_type = 'client backend'"
    )
    waiting = sa.text("select 1 from pg_locks where locktype = 'advisory' and objid = :lock and not granted")
    with office.engine.begin() as conn:
        conn.exec_driver_sql(STOP_AT_A_MOMENT.format(lock=HELD_BY_THE_TEST, moment=moment))
    office.engine.dispose()
    with office.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.select(sa.func.pg_advisory_lock(HELD_BY_THE_TEST)))
        done = command(office, *november(office))
        until(
            "the command to wait", lambda: conn.scalar(waiting, {"lock": HELD_BY_THE_TEST}) or done.poll() is not None
        )
        assert done.poll() is None, done.communicate()[1]
        assert conn.scalar(sa.text("select state from delivery order by delivery_id desc limit 1")) == moment
        assert conn.scalar(cut) > 0
        _, told = done.communicate(timeout=PATIENCE)
        conn.execute(sa.select(sa.func.pg_advisory_unlock(HELD_BY_THE_TEST)))
    assert done.returncode == 5, told
    assert "Traceback" not in told
    again = command(office, *november(office))
    assert again.wait(timeout=PATIENCE) == 0
    assert digest(office.engine) == undisturbed


def test_publishing_while_matching_runs_is_matched_by_the_next_run(office: Office, twins: Twins) -> None:
    office.deliver("2026-09-30", BASE)
    stop = threading.Event()

    def keep_matching() -> int:
        rounds = 0
        while not rounds or not stop.is_set():
            match(office.engine, office.keys)
            rounds += 1
        return rounds

    with ThreadPoolExecutor(1) as pool:
        matching = pool.submit(keep_matching)
        try:
            assert office.deliver("2026-10-31", NEXT).status == "published"
            assert office.deliver("2026-11-30", NEXT[:-5]).status == "published"
        finally:
            stop.set()
        assert matching.result(timeout=PATIENCE) > 0
    assert match(office.engine, office.keys).records == len(office.ask("select 1 from source_record"))
    peace = twins.office()
    peace.deliver("2026-09-30", BASE)
    peace.deliver("2026-10-31", NEXT)
    peace.deliver("2026-11-30", NEXT[:-5])
    match(peace.engine, peace.keys)
    assert digest(office.engine) == digest(peace.engine)
    linked = "select s.staff_no, r.person_id from record_person r join source_record s using (record_id) order by 1"
    assert office.ask(linked) == peace.ask(linked)


def test_a_backfill_beside_a_live_delivery_and_both_are_right(office: Office, twins: Twins) -> None:
    past = [*BASE[:150], person(9000)]
    office.deliver("2026-09-30", BASE)

    def both(where: Office, wait: bool) -> None:
        paths = {
            "2026-08-31": write_template(where.folder / "past.csv", past),
            "2026-10-31": write_template(where.folder / "now.csv", NEXT),
        }

        def one(as_of: str) -> str:
            return ingest(
                where, where.partner(), file=paths[as_of],
                as_of=date.fromisoformat(as_of), kind="full",
            ).effect  # fmt: skip

        with ThreadPoolExecutor(1 if wait else 2) as pool:
            assert list(pool.map(one, ["2026-10-31", "2026-08-31"])) == ["live", "history"]

    both(office, wait=False)
    peace = twins.office()
    peace.deliver("2026-09-30", BASE)
    both(peace, wait=True)
    assert digest(office.engine) == digest(peace.engine)
    then = date(2026, 9, 1)
    assert digest(office.engine, then) == digest(peace.engine, then)
