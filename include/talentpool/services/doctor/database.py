"""Check the database: its server, our login, the connection, and whether its clock agrees with ours."""

from __future__ import annotations

import time
from collections.abc import Iterator

import sqlalchemy as sa

from talentpool.database.roles import TASKS
from talentpool.services.doctor.finding import Finding, Patient, ok

OLDEST = 15
CLOCK_SECONDS = 5.0
WELL_KNOWN = frozenset({"", "postgres", "talentpool", "airflow", "password", "admin", "changeme", "secret", "123456"})
SAFE_TLS = frozenset({"verify-full", "verify-ca"})


_OWNS = sa.text(
    "select rolcreaterole or rolcreatedb or exists (select from pg_class c where c.relnamespace = 'public'::regnamespace"
    " and pg_has_role(r.oid, c.relowner, 'member')) or exists (select from pg_database d where d.datname ="
    " current_database() and pg_has_role(r.oid, d.datdba, 'member')) from pg_roles r where rolname = current_user"
)


def server(patient: Patient) -> Iterator[Finding]:
    """PostgreSQL, new enough, in UTF-8; not the embedded one where real people are concerned."""
    with patient.engine.connect() as conn:
        version = int(conn.scalar(sa.text("show server_version_num")) or 0) // 10_000
        encoding = conn.scalar(sa.text("show server_encoding"))
    if version < OLDEST:
        yield Finding("server", "fail", f"PostgreSQL {version}", f"move to PostgreSQL {OLDEST} or newer")
    elif encoding != "UTF8":
        yield Finding("server", "fail", f"the database is encoded in {encoding}", "make it anew with encoding UTF8")
    elif patient.settings.embedded:
        yield Finding(
            "server", "demo", f"PostgreSQL {version}, under the demo profile",
            "run a PostgreSQL of your own and name it in TALENTPOOL_DATABASE_URL; set TALENTPOOL_PROFILE=production",
        )  # fmt: skip
    else:
        yield ok("server", f"PostgreSQL {version}")


def login(patient: Patient) -> Iterator[Finding]:
    """A login that works and owns nothing: no superuser, no maker of roles, no password that everybody knows."""
    url = patient.engine.url
    with patient.engine.connect() as conn:
        superuser = conn.scalar(sa.text("select rolsuper or rolbypassrls from pg_roles where rolname = current_user"))
        owns = conn.scalar(_OWNS)
    if superuser:
        yield Finding(
            "login", "demo" if patient.settings.embedded else "fail",
            "the product logs in as a superuser, whom no row-level rule binds",
            f"log in as {TASKS} (TALENTPOOL_DATABASE_URL); name the owner in TALENTPOOL_OWNER_DATABASE_URL, for init alone",
        )  # fmt: skip
    elif owns:
        yield Finding(
            "login", "fail", "the product logs in as a login that owns tables of the pool or may make roles",
            f"log in as {TASKS} (TALENTPOOL_DATABASE_URL); name the owner in TALENTPOOL_OWNER_DATABASE_URL, for init alone",
        )  # fmt: skip
    elif (url.password or "") in WELL_KNOWN and not _by_socket(url):
        yield Finding("login", "fail", "the database password is empty or a well-known one", "set a long random one")
    else:
        yield ok("login", "a login of our own")


def encryption(patient: Patient) -> Iterator[Finding]:
    """What goes over a network goes over TLS with a checked certificate."""
    url = patient.engine.url
    mode = str(url.query.get("sslmode", "prefer"))
    if _by_socket(url) or url.host in ("127.0.0.1", "::1", "localhost"):
        yield ok("encryption", "the database is on this machine")
    elif mode not in SAFE_TLS:
        yield Finding(
            "encryption", "fail", f"the connection to the database asks for sslmode={mode}",
            "add sslmode=verify-full and sslrootcert to TALENTPOOL_DATABASE_URL",
        )  # fmt: skip
    else:
        yield ok("encryption", f"sslmode={mode}")


def clock(patient: Patient) -> Iterator[Finding]:
    """The database's clock times the audit log; partners refuse signatures of a clock that is minutes off."""
    with patient.engine.connect() as conn:
        theirs = float(conn.scalar(sa.text("select extract(epoch from clock_timestamp())")) or 0)
    apart = abs(theirs - time.time())
    if apart > CLOCK_SECONDS:
        yield Finding("clock", "fail", f"this machine and the database are {apart:.0f} s apart", "run NTP on both")
    else:
        yield ok("clock", "this machine and the database agree")


def _by_socket(url: sa.URL) -> bool:
    return not url.host and str(url.query.get("host", "/")).startswith("/")
