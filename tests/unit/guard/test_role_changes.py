"""Differences between what the UI's users and roles hold and what the log says they hold go on record, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from talentpool.errors import UsageError
from talentpool.guard.role_changes import note, on_record
from talentpool_airflow.role_watch import changes_roles

ADMIN = frozenset({"account", "active", "role Admin"})


def rows(engine: sa.Engine) -> list[tuple[str, str, str, list[str], list[str]]]:
    with engine.connect() as conn:
        found = conn.execute(
            sa.text("select actor, subject, details from audit_log where action = 'role_change' order by seq")
        )
        return [(r.actor, r.subject, r.details["door"], r.details["added"], r.details["removed"]) for r in found]


def test_a_change_is_on_record_once_with_its_door_and_taken_back_too(engine: sa.Engine) -> None:
    assert note(engine, lambda: {"user:root": ADMIN}) == []
    assert [row[2] for row in rows(engine)] == ["first look"]
    wider = {"user:root": ADMIN | {"role city_officer"}}
    assert note(engine, lambda: wider) == ["user:root"]
    assert note(engine, lambda: wider) == []
    assert note(engine, lambda: {}, by="admin", door="api-server") == ["user:root"]
    assert rows(engine)[1:] == [
        ("unknown", "user:root", "unknown door", ["role city_officer"], []),
        ("admin", "user:root", "api-server", [], sorted(wider["user:root"])),
    ]
    with engine.connect() as conn:
        assert on_record(conn) == {}
        reasons = conn.scalars(sa.text("select reason from audit_log where action = 'role_change' order by seq")).all()
    assert reasons[1] == "途径不明；增加 role city_officer"
    assert reasons[2] == "经页面或接口；去除 account、active、role Admin 等 4 项"


def test_two_that_see_the_same_change_write_it_once(engine: sa.Engine) -> None:
    note(engine, lambda: {"user:root": ADMIN}, by="setup", door="command")
    with ThreadPoolExecutor(4) as several:
        list(several.map(lambda _: note(engine, lambda: {"user:root": ADMIN | {"role Op"}}), range(4)))
    assert len(rows(engine)) == 2


def test_one_subject_that_cannot_be_written_takes_back_no_other(engine: sa.Engine) -> None:
    odd = {"user:" + "x" * 400: ADMIN, "role:huge": frozenset(f"can_read on {'甲' * 150}{n}" for n in range(500))}
    with pytest.raises(UsageError, match="300"):
        note(engine, lambda: odd | {"user:root": ADMIN}, by="admin", door="api-server")
    with engine.connect() as conn:
        known = on_record(conn)
    assert known == {"user:root": ADMIN, "role:huge": odd["role:huge"]}, "in several rows, where one cannot hold it"
    assert note(engine, lambda: known, by="admin") == []


@pytest.mark.parametrize(
    ("statement", "changes"),
    [
        ("INSERT INTO ab_user_role (user_id, role_id) VALUES (%(a)s, %(b)s)", True),
        ("delete from public.ab_user_role where id = 1", True),
        ('UPDATE "ab_role" SET name=%(name)s', True),
        ("INSERT INTO ab_permission_view_role VALUES (1)", True),
        ("DELETE FROM ab_permission_view WHERE id = 1", True),
        ("INSERT INTO ab_user (username) VALUES ('x')", True),
        ("UPDATE ab_user SET active=%(active)s WHERE id = 1", True),
        ("UPDATE ab_user SET username=%(username)s WHERE id = 1", True),
        ("INSERT INTO ab_group_role (group_id) VALUES (1)", True),
        ("UPDATE ab_user SET last_login=%(l)s, login_count=1 WHERE id = 1", False),
        ("SELECT * FROM ab_user_role", False),
        ("INSERT INTO ab_permission (name) VALUES ('x')", False),
        ("UPDATE task_instance SET state='x'", False),
    ],
)
def test_statements_that_change_rights_are_known(statement: str, changes: bool) -> None:
    assert changes_roles(statement) is changes
