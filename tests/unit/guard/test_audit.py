"""The audit log: chained by the database, closed to change, and found out when somebody with all rights changes it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from rosters import Office
from talentpool.guard import Verified, audit, keep_head, verify

ROWS = 6


@pytest.fixture
def heads(office: Office) -> Path:
    """Six rows, Chinese and odd ones among them; the head was kept after the fourth, and one of the empty log."""
    path = office.settings.audit_heads_file
    for number in range(1, ROWS + 1):
        with office.engine.begin() as conn:
            audit(
                conn,
                "reveal",
                f"person:{number}",
                actor="王主任",
                reason="核对：名册",
                details={"field": ["手机", "é\n"]},
            )
        if number == 4:
            with office.engine.connect() as conn:
                assert keep_head(conn, office.keys, path)
    return path


def check(office: Office, path: Path) -> Verified:
    with office.engine.connect() as conn:
        return verify(conn, office.keys, path)


def by_hand(office: Office, *statements: str) -> None:
    """As a superuser who turns the triggers off."""
    with office.engine.begin() as conn:
        conn.exec_driver_sql("set local session_replication_role = replica")
        for statement in statements:
            assert conn.exec_driver_sql(statement).rowcount


def test_an_untouched_log_is_whole(office: Office, heads: Path) -> None:
    assert check(office, heads) == Verified(rows=ROWS, heads=2, broken=[], trusted=4)
    assert oct(heads.stat().st_mode)[-3:] == "600"


def test_a_row_that_comes_by_another_way_than_the_function_is_found_out(office: Office, heads: Path) -> None:
    with office.engine.begin() as conn:
        conn.exec_driver_sql(
            "insert into audit_log (seq, at, login, actor, action, subject, reason, scope, details, previous, hash)"
            " values (7, '2020-01-01', 'somebody else', 'a', 'reveal', 's', '', '', '{}', 'x', 'y')"
        )
    assert "row 7 was changed or inserted by hand" in check(office, heads).broken


@pytest.mark.parametrize(
    "statement", ["update audit_log set actor = 'x'", "delete from audit_log", "truncate audit_log"]
)
def test_nobody_changes_it_by_ordinary_means(office: Office, heads: Path, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), office.engine.begin() as conn:
        conn.exec_driver_sql(statement)
    assert check(office, heads).whole


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update audit_log set actor = '李主任' where seq = 3", "row 3 was changed"),
        ("update audit_log set details = '{}' where seq = 6", "row 6 was changed"),
        ("update audit_log set at = at + interval '1 second' where seq = 2", "row 2 was changed"),
        ("delete from audit_log where seq = 3", "row 3 is missing"),
        ("delete from audit_log where seq in (2, 3)", "row 2 to 3 is missing"),
        ("insert into audit_log select 7, at, login, actor, action, subject, reason, scope, details, hash, hash"
         " from audit_log where seq = 6", "row 7 was changed or inserted"),
    ],
)  # fmt: skip
def test_a_superuser_who_changes_a_row_is_found_out(office: Office, heads: Path, statement: str, said: str) -> None:
    by_hand(office, statement)
    assert any(said in line for line in check(office, heads).broken)


def test_a_row_that_is_changed_and_hashed_again_no_longer_carries_the_next(office: Office, heads: Path) -> None:
    by_hand(
        office,
        "update audit_log set actor = 'x' where seq = 5",
        "update audit_log set hash = audit_hash(audit_log) where seq = 5",
    )
    assert check(office, heads).broken == ["row 6 does not follow on row 5: one of them was changed or inserted"]


def test_a_chain_that_is_rewritten_whole_does_not_match_the_head_kept_elsewhere(office: Office, heads: Path) -> None:
    rewrite = ["update audit_log set actor = 'x' where seq = 2"]
    for seq in range(2, ROWS + 1):
        rewrite += [
            f"update audit_log set previous = (select hash from audit_log where seq = {seq - 1}) where seq = {seq}",
            f"update audit_log set hash = audit_hash(audit_log) where seq = {seq}",
        ]
    by_hand(office, *rewrite, "update audit_end set hash = (select hash from audit_log order by seq desc limit 1)")
    found = check(office, heads)
    (line,) = found.broken
    assert found.trusted == 0
    assert line.startswith("row 4 is not the one whose head was kept at ")


def test_an_end_that_is_cut_off_is_missed_up_to_the_last_head(office: Office, heads: Path) -> None:
    by_hand(office, "delete from audit_log where seq >= 4")
    found = check(office, heads)
    assert found.broken == ["the log ends at row 3, but the head of row 4 was kept: its end is missing"]
    assert found.trusted == 0


def test_a_head_that_we_did_not_sign_is_named(office: Office, heads: Path) -> None:
    head = json.loads(heads.read_text(encoding="ascii").splitlines()[1])
    with heads.open("a", encoding="ascii") as file:
        file.write(json.dumps(head | {"hash": "f" * 64}) + "\nnot json\n")
    assert check(office, heads).broken == [
        "line 3 of the kept heads is not one that we signed",
        "line 4 of the kept heads is not one that we signed",
    ]


def test_rows_of_many_transactions_at_once_make_one_chain(office: Office) -> None:
    def write(number: int) -> None:
        with office.engine.begin() as conn:
            audit(conn, "reveal", f"person:{number}", actor="a")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    assert check(office, office.settings.audit_heads_file) == Verified(rows=40, heads=1, broken=[], trusted=0)


def test_what_is_taken_back_leaves_no_row_and_no_gap(office: Office) -> None:
    with office.engine.connect() as conn:
        audit(conn, "reveal", "person:1", actor="a")
        conn.rollback()
    with office.engine.begin() as conn:
        conn.execute(sa.text("select 1"))
        audit(conn, "reveal", "person:2", actor="a")
    assert office.ask("select seq, subject from audit_log") == [(1, "person:2")]
    assert check(office, office.settings.audit_heads_file).whole
