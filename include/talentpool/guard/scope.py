"""Limit which people somebody may see, in the database itself (row-level security, docs/adr/0022).

Pages log in as `talentpool_console`, which owns nothing, and say for each transaction for whom it is. Without that
word, after the transaction, or after it failed, there are no rows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from talentpool.area import counties as counties_of
from talentpool.database import database_url, engine_of
from talentpool.database.roles import CONSOLE
from talentpool.errors import UnavailableError, UsageError
from talentpool.guard.duties import clash
from talentpool.settings import Settings

OF_COUNTY = re.compile(r"county_officer_([0-9]{6})")


@dataclass(frozen=True)
class Scope:
    """Who looks, with which roles, at which counties: None = the whole area, () = nobody's people."""

    actor: str
    roles: frozenset[str] = frozenset()
    counties: tuple[str, ...] | None = ()

    @property
    def city(self) -> bool:
        """The whole area."""
        return self.counties is None


def scope_of(actor: str, roles: frozenset[str], counties: Collection[str] | None = None) -> Scope:
    """What an officer's roles give: the city's officers everything, a county's their county, all others nobody.

    An auditor reads who saw whom, an operator keeps it running; neither needs to see a person. Nor does anybody whose
    roles exclude each other (guard/duties.py), until one of them is taken away. `counties`: as in `counties_in`.
    """
    if clash(roles):
        return Scope(actor, roles, ())
    if roles & {"city_officer", "city_approver"}:
        return Scope(actor, roles, None)
    return Scope(actor, roles, tuple(sorted(counties_in(roles, counties))))


def counties_in(roles: Collection[str], counties: Collection[str] | None = None) -> set[str]:
    """County codes of roles `county_officer_<code>`; a role's name is typed by hand, so what is no county grants nothing.

    `counties`: codes of today's counties of the office's area; unset = as shipped.
    """
    codes = {found[1] for role in roles if (found := OF_COUNTY.fullmatch(role))}
    if not codes:
        return codes
    if counties is None:
        settings = Settings()
        counties = counties_of(settings.reference, settings.area)
    return codes & set(counties)


def console_engine(settings: Settings) -> sa.Engine:
    """Connections as `talentpool_console`. The database is migrated by whoever owns it, before.

    UnavailableError where a production deployment names no login of its own for the pages.
    """
    if settings.console_database_url:
        return engine_of(settings.console_database_url)
    if not settings.embedded:
        raise UnavailableError(
            "the pages have no database login of their own; set TALENTPOOL_CONSOLE_DATABASE_URL to one that logs in "
            f"as {CONSOLE}, and run `talentpool init` once: it gives the role the password in it"
        )
    url = sa.make_url(database_url(settings)).set(username=CONSOLE, password=None)
    return engine_of(url.render_as_string(hide_password=False))


@contextmanager
def officer_login(settings: Settings) -> Iterator[tuple[sa.Engine, Scope]]:
    """Connections as the officer whose own login the settings name, and who the database says that is.

    The name says nothing to such a login, which the database looks up in every statement; it is for the log.
    """
    if not settings.officer_database_url:
        raise UsageError(
            "this needs your own database login: set TALENTPOOL_OFFICER_DATABASE_URL to it; "
            "`python -m talentpool_airflow.officers add` makes one"
        )
    engine = engine_of(settings.officer_database_url)
    try:
        with engine.connect() as conn:
            known = conn.execute(sa.text("select scope_actor() as actor, scope_roles() as roles")).one()
        yield engine, Scope(known.actor or engine.url.username or "?", frozenset(known.roles))
    finally:
        engine.dispose()


@contextmanager
def scoped(engine: sa.Engine, scope: Scope) -> Iterator[sa.Connection]:
    """One transaction that sees what `scope` may see, committed at the end of the block."""
    with engine.begin() as conn:
        conn.execute(
            sa.select(
                sa.func.set_config("talentpool.actor", scope.actor, True),
                # a role's name is anybody's text: one with a comma in it would be two
                sa.func.set_config(
                    "talentpool.roles", ",".join(sorted(role for role in scope.roles if "," not in role)), True
                ),
                sa.func.set_config("talentpool.counties", "*" if scope.city else ",".join(scope.counties or ()), True),
            )
        )
        yield conn
