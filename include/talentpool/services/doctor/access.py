"""Check who may see whom: the rules on the tables, and the logins they are made for."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from talentpool.database.roles import BACKUP, CONSOLE, READER, TASKS
from talentpool.errors import UnavailableError
from talentpool.guard import console_engine
from talentpool.guard.officers import LOGIN_PREFIX
from talentpool.services.doctor.finding import Finding, Patient, ok

_LOOSE = sa.text(
    "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
    " and exists (select from pg_policy where polrelid = pg_class.oid) and not (relrowsecurity and relforcerowsecurity)"
)
_WAYS_AROUND = sa.text(
    "select rolname from pg_roles where (rolsuper or rolbypassrls or rolcreaterole)"
    " and (rolname = any(:ours) or starts_with(rolname, :officers))"
)


_MAKERS = "lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea)"
_MAY_FILL = sa.text(
    "select has_function_privilege(:reader, 'lo_create(oid)', 'execute')"
    " or has_function_privilege(:reader, 'lo_creat(integer)', 'execute')"
    " or has_function_privilege(:reader, 'lo_from_bytea(oid, bytea)', 'execute')"
)


def room(patient: Patient) -> Iterator[Finding]:
    """No login of an officer can fill the disk: large objects stand outside every table and every rule."""
    with patient.engine.connect() as conn:
        if conn.scalar(_MAY_FILL, {"reader": READER}):
            yield Finding(
                "room", "warn", "officers' logins may make large objects, as many and as large as the disk holds",
                f"let a superuser run in this database: revoke execute on function {_MAKERS} from public",
            )  # fmt: skip
        else:
            yield ok("room", "no officer's login can make large objects")


def scope(patient: Patient) -> Iterator[Finding]:
    """Row-level security is on and forced, and nobody whom it is made for can go around it."""
    with patient.engine.connect() as conn:
        loose = int(conn.scalar(_LOOSE) or 0)
        around = list(conn.scalars(_WAYS_AROUND, {"ours": [CONSOLE, TASKS, BACKUP], "officers": LOGIN_PREFIX}))
    if loose:
        yield Finding(
            "scope", "fail", f"row-level security is off on {loose} tables that have rules",
            "alter table ... enable row level security, force row level security; find out who turned it off",
        )  # fmt: skip
    elif around:
        yield Finding(
            "scope", "fail", f"{len(around)} logins can go around the rules",
            f"alter role {around[0]} nosuperuser nobypassrls nocreaterole",
        )  # fmt: skip
    else:
        yield ok("scope", "row-level security is forced on every table with people")


def pages(patient: Patient) -> Iterator[Finding]:
    """The pages have a login of their own, and it sees nobody until it says for whom it asks."""
    try:
        engine = console_engine(patient.settings)
    except UnavailableError as error:
        yield Finding("pages", "fail", "the pages have no login of their own", str(error))
        return
    try:
        with engine.connect() as conn:
            who = str(conn.scalar(sa.text("select session_user")))
            seen = conn.scalar(sa.text("select count(*) from source_record"))
    except sa.exc.OperationalError:
        yield Finding("pages", "fail", f"{CONSOLE} cannot log in", "run `talentpool init`: it sets the password")
        return
    finally:
        engine.dispose()
    if who != CONSOLE or seen:
        yield Finding(
            "pages", "fail", "the pages' login is not the one the rules are made for",
            f"name a URL that logs in as {CONSOLE} in TALENTPOOL_CONSOLE_DATABASE_URL",
        )  # fmt: skip
    else:
        yield ok("pages", "a login that sees nobody without a scope")
