"""Heads that should exist and do not: a log without them is not taken for whole, and what still holds is named."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from rosters import Office
from talentpool.guard import Verified, audit, first_head, keep_head, only_appended, verify


def wrote(office: Office, count: int) -> None:
    for number in range(count):
        with office.engine.begin() as conn:
            audit(conn, "view", f"person:{number}", actor="王主任")


def kept(office: Office) -> None:
    with office.engine.connect() as conn:
        assert keep_head(conn, office.keys, office.settings.audit_heads_file)


def check(office: Office) -> Verified:
    with office.engine.connect() as conn:
        return verify(conn, office.keys, office.settings.audit_heads_file)


def by_hand(office: Office, *statements: str) -> None:
    """As a superuser who turns the triggers off."""
    with office.engine.begin() as conn:
        conn.exec_driver_sql("set local session_replication_role = replica")
        for statement in statements:
            conn.exec_driver_sql(statement)


def rewrite(office: Office, change: str) -> None:
    """`change`, and every hash made right, the end as well."""
    steps = [change]
    for seq in range(1, office.one("select max(seq) from audit_log") + 1):
        before = f"coalesce((select hash from audit_log where seq = {seq - 1}), repeat('0', 64))"
        steps += [
            f"update audit_log set previous = {before} where seq = {seq}",
            f"update audit_log set hash = audit_hash(audit_log) where seq = {seq}",
        ]
    by_hand(office, *steps, "update audit_end set hash = (select hash from audit_log order by seq desc limit 1)")


@pytest.mark.parametrize("all_of_them", [False, True])
def test_a_rewritten_chain_whose_heads_were_removed_is_not_whole(office: Office, all_of_them: bool) -> None:
    """Those in the second place; or those in the database, too."""
    wrote(office, 3)
    kept(office)
    wrote(office, 1)
    office.settings.audit_heads_file.unlink()
    rewrite(office, "update audit_log set actor = 'x' where seq = 1")
    if all_of_them:
        by_hand(office, "delete from audit_head")
    found = check(office)
    assert not found.whole
    assert found.trusted == (None if all_of_them else 0)
    assert ("no head was kept anywhere" in " ".join(found.broken)) == all_of_them


def test_heads_that_were_removed_from_the_second_place_are_missed(office: Office) -> None:
    wrote(office, 2)
    kept(office)
    path = office.settings.audit_heads_file
    path.write_text(path.read_text(encoding="ascii").splitlines()[0] + "\n", encoding="ascii")
    found = check(office)
    (line,) = found.broken
    assert line.startswith("1 heads that were kept are missing in the second place, the first of row 2")
    assert found.trusted == 2, "the database's is ours, too"


def test_heads_that_the_database_lost_are_those_of_the_second_place(office: Office) -> None:
    """A backup from before a head: the second place has it, and it holds."""
    wrote(office, 2)
    kept(office)
    by_hand(office, "delete from audit_head")
    assert check(office) == Verified(rows=2, heads=2, broken=[], trusted=2)


def test_the_last_head_that_holds_is_named_when_something_is_wrong_after_it(office: Office) -> None:
    for _ in range(3):
        wrote(office, 2)
        kept(office)
    by_hand(office, "update audit_log set reason = 'x' where seq = 5")
    found = check(office)
    assert not found.whole and found.trusted == 4


def test_rows_of_days_past_that_no_head_covers_are_missed_heads(office: Office) -> None:
    """Today's rows are covered tonight; older ones had a night."""
    wrote(office, 3)
    assert check(office).whole
    rewrite(office, "update audit_log set at = at - interval '3 days'")
    found = check(office)
    (line,) = found.broken
    assert line.startswith("row 1 is of ") and "are missing" in line
    assert found.trusted == 0
    kept(office)
    assert check(office).whole, "somebody who is sure kept one by hand"


def test_a_first_head_is_kept_of_an_empty_log_only_and_once(office: Office) -> None:
    path = office.settings.audit_heads_file
    assert check(office) == Verified(rows=0, heads=1, broken=[], trusted=0)
    with office.engine.connect() as conn:
        assert not first_head(conn, office.keys, path)
    wrote(office, 1)
    by_hand(office, "delete from audit_head")
    path.unlink()
    with office.engine.connect() as conn:
        assert not first_head(conn, office.keys, path), "no beginning in the middle"
    assert not check(office).whole


@pytest.mark.parametrize(
    "statement", ["update audit_head set seq = 9", "delete from audit_head", "truncate audit_head"]
)
def test_heads_in_the_database_are_only_appended(office: Office, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), office.engine.begin() as conn:
        conn.exec_driver_sql(statement)


@contextmanager
def append_only(path: Path) -> Iterator[None]:
    """As docs/operations.md says; skips where the file system or the machine does not let."""
    try:
        subprocess.run(["chattr", "+a", str(path)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine has no append-only files")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-a", str(path)], check=True)


def test_a_file_that_may_only_be_appended_to_takes_heads_and_keeps_them(office: Office) -> None:
    path = office.settings.audit_heads_file
    assert not only_appended(path)
    with append_only(path):
        assert only_appended(path)
        wrote(office, 1)
        kept(office)
        assert check(office).trusted == 1
        with pytest.raises(PermissionError):
            os.truncate(path, 0)
