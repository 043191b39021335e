"""A delivery staged in shares is the delivery staged in one; a share that dies costs only time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from children import words_of
from patience import gone, until
from rosters import Office, document, person, write_template
from talentpool.acquire import acquire
from talentpool.conform import conform, stage
from talentpool.errors import StaleStageError, TalentpoolError
from talentpool.load import digest
from talentpool.model import delivery, staging_table

ROWS = 12_000
"""More than one block of a file, so that every share has something to do."""


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return [
        person(n, document_no=document(n, f"{1970 + n % 30}-0{1 + n % 9}-1{n % 9}"), station=f"太行站{n % 40}" * 3)
        for n in range(1, ROWS + 1)
    ]


@pytest.fixture
def in_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(stage, "shares_worth", lambda *_: 2)


@pytest.fixture
def landed(office: Office, rows: list[dict[str, str]]) -> int:
    path = write_template(office.folder / "roster.csv", rows)
    found = acquire(office, office.partner(), file=path, as_of=date(2026, 10, 31), kind="full")
    assert found is not None
    return found.delivery_id


def staged_rows(office: Office, delivery_id: int) -> list[tuple]:
    table = staging_table(delivery_id)
    columns = [c for c in table.c if c.name not in ("sealed", "salt")]
    with office.engine.connect() as conn:
        return [tuple(row) for row in conn.execute(sa.select(*columns).order_by(table.c.row_no))]


def test_two_shares_stage_what_one_does(office: Office, landed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def run() -> stage.Staged:
        return conform(office, office.partner(), landed)

    one, whole = run(), staged_rows(office, landed)
    assert len(whole) == ROWS
    monkeypatch.setattr(stage, "shares_worth", lambda *_: 2)
    assert run() == one
    assert staged_rows(office, landed) == whole
    each = [office.one(f"select count(*) from staging.delivery_{landed}_{share}") for share in (0, 1)]
    assert sum(each) == ROWS
    assert min(each) > 1000


@pytest.mark.usefixtures("in_shares")
def test_a_delivery_in_shares_is_published_and_leaves_nothing_staged(
    office: Office, rows: list[dict[str, str]]
) -> None:
    found = office.deliver("2026-10-31", rows)
    assert (found.status, found.rows, found.accepted) == ("published", ROWS, ROWS)
    assert office.ask("select tablename from pg_tables where schemaname = 'staging'") == []
    moved = [*rows[:-1], person(ROWS, station="新站")]
    before = digest(office.engine)
    assert office.deliver("2026-11-30", moved).status == "published"
    assert office.one("select changed from delivery where as_of = '2026-11-30'") == 1
    assert digest(office.engine) != before


@pytest.mark.usefixtures("in_shares")
def test_a_worker_that_is_killed_is_told_and_the_next_run_is_right(
    office: Office, landed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = stage.conform_share

    def killing(*words: object, **more: object) -> object:
        (worker,) = until("the worker", psutil.Process().children)
        worker.kill()
        return whole(*words, **more)  # type: ignore[arg-type]

    children = psutil.Process().children
    monkeypatch.setattr(stage, "conform_share", killing)
    monkeypatch.setattr(psutil.Process, "children", _python_children(children))
    with pytest.raises(TalentpoolError, match="ended without its share"):
        conform(office, office.partner(), landed)
    monkeypatch.undo()
    assert conform(office, office.partner(), landed).rows == ROWS
    assert len(staged_rows(office, landed)) == ROWS


def _python_children(children: Callable[[], list[psutil.Process]]) -> Callable[[object], list[psutil.Process]]:
    """Only workers: the embedded server may be a child too."""
    return lambda _: [child for child in children() if any("conform.worker" in word for word in words_of(child))]


@pytest.mark.usefixtures("in_shares")
def test_an_unreadable_file_is_rejected_in_shares_too(office: Office, rows: list[dict[str, str]]) -> None:
    path = write_template(office.folder / "roster.csv", rows)
    path.write_bytes(path.read_bytes() + b"\xff\xff")
    found = office.take(path, kind=None)
    assert (found.status, found.reasons) == ("rejected", {"encoding_unknown": 1})
    assert office.ask("select tablename from pg_tables where schemaname = 'staging'") == []


def test_shares_of_different_pools_or_files_do_not_make_a_whole(office: Office, landed: int) -> None:
    office_words = (office, office.partner(), landed)
    stage.begin(office.engine, landed, 2)
    first, second = (stage.conform_share(*office_words, share, 2) for share in (0, 1))
    with pytest.raises(StaleStageError, match="make no whole"):
        stage.finish(office.engine, landed, [first, first])
    with pytest.raises(StaleStageError):
        stage.finish(office.engine, landed, [first, type(second)(**second.as_json() | {"base_seq": 9})])
    assert stage.finish(office.engine, landed, [second, first]).rows == ROWS


def test_a_share_done_twice_is_there_once(office: Office, landed: int) -> None:
    words = (office, office.partner(), landed)
    stage.begin(office.engine, landed, 2)
    parts = [stage.conform_share(*words, share, 2) for share in (0, 1, 1)][:2]
    assert stage.finish(office.engine, landed, parts).rows == ROWS
    assert len(staged_rows(office, landed)) == ROWS
    with office.engine.connect() as conn:
        assert conn.scalar(sa.select(delivery.c.state)) == "staged"


def test_a_worker_ends_with_the_process_that_asked_for_it(office: Office, landed: int, tmp_path: Path) -> None:
    """A parent killed without a chance to say so leaves no worker behind."""
    import subprocess
    import sys

    script = tmp_path / "parent.py"
    script.write_text(
        "import os, signal, sys\n"
        "import sqlalchemy as sa\n"
        "from talentpool.conform.worker import helping\n"
        "from talentpool.acquire import load_partner\n"
        "from talentpool.office import Office\n"
        "from talentpool.settings import Settings\n"
        "s = Settings()\n"
        "e = sa.create_engine(s.database_url)\n"
        "with helping(Office(e, s), load_partner(s.partner_dirs, 'didi'), int(sys.argv[1]), 2) as w:\n"
        "    print(w[0]._process.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n",
        encoding="utf-8",
    )
    stage.begin(office.engine, landed, 2)
    # the worker waits for this lock in the middle of its share
    with office.engine.begin() as conn:
        conn.exec_driver_sql(f"lock table staging.delivery_{landed}_1")
        done = subprocess.run(
            [sys.executable, str(script), str(landed)], check=False, stdout=subprocess.PIPE, text=True
        )
        pid = int(done.stdout)
        until("the worker to end with its parent", lambda: gone(pid))
