"""Make roles and first users in FAB; it may be run as often as wanted.

`python -m talentpool_airflow.users PASSWORD_FILE` makes one demo user a role and writes their passwords; with
`--admin-password FILE` there is one user, admin, who gets that password when first made and adds the others in the UI.

Officers may open our pages and little of Airflow's own (all see the runs of campaigns, and answer what they are asked; the
city's officer sees other runs, too, and starts them): the stock roles read code, XCom and task logs. A county's role carries
the county's code; every page checks it again.
"""

from __future__ import annotations

import argparse
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from talentpool.area import counties as counties_of
from talentpool.area import level, prefecture
from talentpool.database import connect
from talentpool.declare import campaign_files, partner_files
from talentpool.errors import UsageError
from talentpool.guard.role_changes import note
from talentpool.in_airflow import CALENDAR, RECEIPTS
from talentpool.private_files import replace
from talentpool.settings import Settings
from talentpool_airflow.held import held
from talentpool_airflow.sign_in.passwords import fault

PEOPLES = ("pool__people", "quality__report", CALENDAR, RECEIPTS)
PAGES = (("can_read", "Website"), ("can_read", "Plugins"), ("can_read", "My Profile"), ("can_read", "My Password"),
         ("can_edit", "My Password"))  # fmt: skip
ANSWERS = tuple((action, "HITL Detail") for action in ("can_read", "can_edit", "menu_access"))
"""To see and answer the questions of the DAGs one may read."""
SEES = (*(("can_read", what) for what in ("DAG Runs", "Task Instances")), ("menu_access", "DAGs"))
"""To see the runs of the DAGs one may read."""
STARTS = (*SEES, ("can_create", "DAG Runs"))
"""To start one besides (auth.py); to pause, clear or mark takes more."""
RECORDS = (
    *(("can_read", what) for what in ("DAGs", "DAG Runs", "Task Instances", "Audit Logs", "Assets")),
    *(("menu_access", what) for what in ("Browse", "DAGs", "DAG Runs", "Audit Logs", "Assets")),
)


def counties(settings: Settings) -> list[str]:
    """Codes of the counties that have officers of their own: none where the area is one county."""
    return [] if level(settings.area) == "county" else list(counties_of(settings.reference, settings.area))


def roles(settings: Settings) -> dict[str, list[tuple[str, str]]]:
    """Role -> permissions (action, resource) of the five kinds of role; `operator` holds what the stock Op holds."""
    from airflow.providers.fab.auth_manager.security_manager.override import FabAirflowSecurityManagerOverride as Fab

    operator = [*Fab.VIEWER_PERMISSIONS, *Fab.USER_PERMISSIONS, *Fab.OP_PERMISSIONS]
    officers = ["city_officer", "city_approver", *(f"county_officer_{code}" for code in counties(settings))]
    partners, campaigns = partner_files(settings.partner_dirs), campaign_files(settings.campaign_dirs)
    lists = [("can_read", f"DAG:campaign__{code}") for code in campaigns]
    work = [*(f"decision__{code}" for code in partners), *(f"roster__{code}" for code in partners), *PEOPLES]
    return {
        **{name: [*PAGES, *ANSWERS, *SEES, *lists] for name in officers},
        "city_officer": [*PAGES, *ANSWERS, *STARTS, *(("can_read", f"DAG:{dag_id}") for dag_id in work), *lists],
        "auditor": [*PAGES, *RECORDS],
        "operator": sorted({*PAGES, *operator}),
    }


def demo_users(settings: Settings) -> dict[str, str]:
    """User name -> role: one user a role, and an administrator; in a province one county of each prefecture."""
    codes = counties(settings)
    first = (
        {prefecture(code): code for code in reversed(codes)}.values() if level(settings.area) == "province" else codes
    )
    shown = {f"county_officer_{code}" for code in first}
    names = [name for name in roles(settings) if name in shown or not name.startswith("county_officer_")]
    return {"admin": "Admin", **{name.replace("county_officer", "county"): name for name in names}}


def ensure(settings: Settings, password_file: Path) -> dict[str, str]:
    """Create what is missing, bring role permissions up to date, and return user -> password.

    Passwords are kept in `password_file` (0600); a user whose password is not there gets a new one.
    """
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    known = json.loads(password_file.read_text(encoding="utf-8")) if password_file.is_file() else {}
    passwords = {name: known.get(name) or secrets.token_urlsafe(12) for name in demo_users(settings)}
    _write(password_file, passwords)
    with get_application_builder() as builder:
        manager = builder.sm
        with _on_record(settings, manager):
            _ensure_roles(manager, settings)
            _ensure_users(manager, settings, known, passwords)
    return passwords


def _ensure_users(manager: Any, settings: Settings, known: dict[str, str], passwords: dict[str, str]) -> None:
    for name, role in demo_users(settings).items():
        user = manager.find_user(username=name)
        if user is None:
            _add(manager, name, "演示", role, passwords[name])
        elif name not in known:
            manager.reset_password(user.id, passwords[name])


def ensure_admin(settings: Settings, password_file: Path) -> None:
    """Bring roles up to date; user admin gets the password in the file when it is made, and keeps its own later."""
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    password = password_file.read_text(encoding="utf-8").strip()
    if why := fault(password, ["admin"]):
        raise UsageError(f"the password in {password_file} is not acceptable. {why}")
    with get_application_builder() as builder, _on_record(settings, builder.sm):
        _ensure_roles(builder.sm, settings)
        if builder.sm.find_user(username="admin") is None:
            _add(builder.sm, "admin", "管理员", "Admin", password)


@contextmanager
def _on_record(settings: Settings, manager: Any) -> Iterator[None]:
    """What the block does to users and roles goes on record as this command's, and what was done before as it is."""
    engine, airflow = connect(settings), manager.session.get_bind()
    try:
        note(engine, lambda: held(airflow))
        yield
        note(engine, lambda: held(airflow), by="talentpool_airflow.users", door="command")
    finally:
        engine.dispose()


def _add(manager: Any, name: str, surname: str, role: str, password: str) -> None:
    manager.add_user(
        username=name, first_name=name, last_name=surname, email=f"{name}@example.invalid",
        role=[manager.find_role(role)], password=password,
    )  # fmt: skip


def _ensure_roles(manager: Any, settings: Settings) -> None:
    for name, permissions in roles(settings).items():
        _ensure_role(manager, name, permissions)


def _ensure_role(manager: Any, name: str, permissions: list[tuple[str, str]]) -> None:
    """The role holds exactly `permissions`; what it held besides is taken away."""
    role = manager.find_role(name) or manager.add_role(name)
    held = {(p.action.name, p.resource.name): p for p in role.permissions}
    for action, resource in permissions:
        if (action, resource) not in held:
            manager.add_permission_to_role(role, manager.create_permission(action, resource))
    for pair, permission in held.items():
        if pair not in permissions:
            manager.remove_permission_from_role(role, permission)


def _write(path: Path, passwords: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, json.dumps(passwords, indent=2).encode())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m talentpool_airflow.users", description=__doc__)
    parser.add_argument("passwords", type=Path, nargs="?", help="file of the demo users' passwords")
    parser.add_argument("--admin-password", type=Path, metavar="FILE", help="a real deployment: roles, and user admin")
    given = parser.parse_args()
    if (given.passwords is None) == (given.admin_password is None):
        parser.error("name either a file for the demo users' passwords or --admin-password FILE")
    if given.admin_password is None:
        ensure(Settings(), given.passwords)
    else:
        ensure_admin(Settings(), given.admin_password)


if __name__ == "__main__":
    main()
