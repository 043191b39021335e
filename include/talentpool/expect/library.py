"""Load Great Expectations: two seconds of processor time and a third of a million objects that stay as long as the process."""

from __future__ import annotations

import gc
import importlib
import os
import threading
from contextlib import suppress
from functools import cache

from sqlalchemy.dialects.postgresql.base import PGDialect

_loading = threading.Lock()


def get_ready() -> None:
    """Begin to load it while the database works; `load` waits for the end of it."""
    threading.Thread(target=_try, daemon=True).start()


def load() -> None:
    """Import it and our parts of it, once a process. ImportError when it is not there.

    The garbage collector rests meanwhile and leaves alone what is there afterwards: else it walks over all of it seven
    times during the import, and once more during the first delivery, which takes as long as all rules of that delivery.
    """
    with _loading:
        _load()


def _try() -> None:
    with suppress(ImportError):  # run_suite loads it again, and says what is wrong
        load()


def let_go() -> None:
    """Forget the engines of a run. SQLAlchemy remembers how it asks for a table's columns by the dialect that asked, and with
    that its engine: each run of Great Expectations makes two, which would stay as long as the process."""
    for asked in vars(PGDialect).values():
        if hasattr(asked, "cache_clear"):
            asked.cache_clear()


@cache
def _load() -> None:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    at_work = gc.isenabled()
    gc.disable()
    try:
        for module in ("unstored", "action"):
            importlib.import_module(f"talentpool.expect.{module}")
        gc.freeze()
    finally:
        if at_work:
            gc.enable()
