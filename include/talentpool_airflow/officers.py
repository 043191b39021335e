"""Add and remove officers: one command makes, or takes away, the user of the UI and the login of the database.

    python -m talentpool_airflow.officers add wang --role county_officer_<code> --shown 王芳 --by admin
    python -m talentpool_airflow.officers remove wang --by admin
    python -m talentpool_airflow.officers unlock wang --by admin
    python -m talentpool_airflow.officers admit wang --by admin
    python -m talentpool_airflow.officers list

Passwords go into a file of their own (0600), to be handed over and deleted; they are printed nowhere. Run it where the
configuration of `init` is: it needs both databases, the pool's as the schema's owner, who alone makes logins.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from talentpool.area import counties
from talentpool.database import connect_owner
from talentpool.errors import TalentpoolError, UsageError
from talentpool.guard import add_officer, audit, officers, open_keys, remove_officer
from talentpool.guard.attempts import open_again
from talentpool.guard.role_changes import note
from talentpool.guard.second_factor import admit
from talentpool.private_files import replace
from talentpool.settings import Settings
from talentpool_airflow.held import held


def add(engine: sa.Engine, settings: Settings, manager: Any, name: str, role: str, shown: str, by: str) -> Path:
    """Both, or neither: the database's login is committed last. Returns the file with the two passwords."""
    path = settings.home / "officers" / f"{name}.json"
    if manager.find_user(username=name) is not None:
        raise UsageError(f"the UI has a user {name} already; choose another name, or remove that user first")
    if manager.find_role(role) is None:
        raise UsageError(f"the UI has no role {role} yet; run python -m talentpool_airflow.users --help")
    _earlier(engine, manager)
    area = list(counties(settings.reference, settings.area))
    password = secrets.token_urlsafe(12)
    with engine.begin() as conn:
        login = add_officer(conn, name, role, counties=area, by=by)
        _write(path, {"ui": {"user": name, "password": password},
                      "database": {"login": f"officer_{name}", "password": login}})  # fmt: skip
        made = manager.add_user(
            username=name, first_name=shown or name, last_name="", email=f"{name}@example.invalid",
            role=[manager.find_role(role)], password=password,
        )  # fmt: skip
        if not made:
            path.unlink()
            raise UsageError(f"the UI refused user {name}; its log says why. Nothing was changed")
    _note(engine, manager, by)
    return path


def remove(engine: sa.Engine, manager: Any, name: str, by: str) -> None:
    """Neither door stays open: the user goes first, so that a failure leaves less, not more."""
    _earlier(engine, manager)
    user = manager.find_user(username=name)
    with engine.begin() as conn:
        remove_officer(conn, name, by=by)
        if user is not None:
            manager.session.delete(user)
            manager.session.commit()
    _note(engine, manager, by)


def _earlier(engine: sa.Engine, manager: Any) -> None:
    """What came through other doors before is theirs, not this command's."""
    airflow = manager.session.get_bind()
    note(engine, lambda: held(airflow))


def _note(engine: sa.Engine, manager: Any, by: str) -> None:
    airflow = manager.session.get_bind()
    note(engine, lambda: held(airflow), by=by, door="command")


def unlock(engine: sa.Engine, settings: Settings, manager: Any, name: str, by: str) -> bool:
    """Open an account's door that failures have shut, before its time; whether any were counted."""
    user = manager.find_user(username=name)
    if user is None:
        raise UsageError(f"the UI has no user {name}; python -m talentpool_airflow.officers list names them")
    counted = open_again(engine, open_keys(settings, engine), str(user.username))
    with engine.begin() as conn:
        audit(conn, "sign_in_lock", f"user:{user.username}", actor=by, reason="提前解除锁定", scope=settings.area)
    return counted


def admit_to_factor(engine: sa.Engine, settings: Settings, manager: Any, name: str, by: str) -> Path:
    """A code with which the user binds a second factor within a day, in a file; what they had bound counts no more."""
    user = manager.find_user(username=name)
    if user is None:
        raise UsageError(f"the UI has no user {name}; python -m talentpool_airflow.officers list names them")
    with engine.begin() as conn:
        code = admit(conn, open_keys(settings, engine), user.username, user.id, by=by, area=settings.area)
        path = settings.home / "officers" / f"{name}.factor.json"
        _write(path, {"user": user.username, "code": code, "page": "/console/factor"})
    return path


def _write(path: Path, facts: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    replace(path, json.dumps(facts, indent=2).encode())


def parser() -> argparse.ArgumentParser:
    """What the command line understands."""
    parser = argparse.ArgumentParser(prog="python -m talentpool_airflow.officers", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    adding = verbs.add_parser("add", help="a new officer")
    adding.add_argument("name")
    adding.add_argument("--role", required=True)
    adding.add_argument("--shown", default="", help="the name that pages show")
    removing = verbs.add_parser("remove", help="somebody who leaves office")
    removing.add_argument("name")
    opening = verbs.add_parser("unlock", help="somebody who may not sign in for a while, after failures")
    opening.add_argument("name")
    admitting = verbs.add_parser("admit", help="somebody who is to bind a second factor, or lost theirs")
    admitting.add_argument("name")
    for verb in (adding, removing, opening, admitting):
        verb.add_argument("--by", required=True, help="who decides, for the log")
    verbs.add_parser("list", help="who is in office")
    return parser


def main() -> None:
    given = parser().parse_args()
    settings = Settings()
    engine = connect_owner(settings)
    try:
        if given.verb == "list":
            with engine.connect() as conn:
                said: dict[str, Any] = {"officers": officers(conn)}
        else:
            from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

            with get_application_builder() as builder:
                if given.verb == "add":
                    path = add(engine, settings, builder.sm, given.name, given.role, given.shown, given.by)
                    said = {"added": given.name, "role": given.role, "passwords": str(path)}
                elif given.verb == "admit":
                    path = admit_to_factor(engine, settings, builder.sm, given.name, given.by)
                    said = {"admitted": given.name, "code": str(path)}
                elif given.verb == "unlock":
                    said = {
                        "unlocked": given.name,
                        "counted": unlock(engine, settings, builder.sm, given.name, given.by),
                    }
                else:
                    remove(engine, builder.sm, given.name, given.by)
                    said = {"removed": given.name}
    except TalentpoolError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    finally:
        engine.dispose()
    click.echo(json.dumps(said, ensure_ascii=False))


if __name__ == "__main__":
    main()
