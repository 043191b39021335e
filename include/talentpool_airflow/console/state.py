"""Share among the pages of one API server: settings, keys, and two engines, opened when first needed.

`console` is what pages read with: a login that owns nothing, under row-level security. `pipeline` is for what is done
after that connection has shown that the user may: an upload, a withdrawal; and for figures that name nobody.
"""

from __future__ import annotations

from functools import cache
from threading import Lock

import sqlalchemy as sa

from talentpool.database import connect
from talentpool.guard import KeyRing, console_engine, install_redaction, open_keys
from talentpool.office import Office
from talentpool.settings import Settings
from talentpool_airflow.border import secrets_backend

_opening = Lock()


@cache
def settings() -> Settings:
    return Settings()


def pipeline() -> sa.Engine:
    """The database, as the tasks' login."""
    with _opening:
        return _pipeline()


def console() -> sa.Engine:
    """As `talentpool_console`; the schema is looked at first."""
    with _opening:
        _pipeline()
        return _console()


def office() -> Office:
    """The deployment as the tasks work on it."""
    return Office(pipeline(), settings(), keys())


def keys() -> KeyRing:
    """The deployment's keys, checked."""
    with _opening:
        return _keys()


@cache
def _pipeline() -> sa.Engine:
    install_redaction()
    return connect(settings())


@cache
def _console() -> sa.Engine:
    return console_engine(settings())


@cache
def _keys() -> KeyRing:
    source = secrets_backend() if settings().key_source == "airflow" else None
    return open_keys(settings(), _pipeline(), source)
