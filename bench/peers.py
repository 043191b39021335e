"""Matching, ours and its peers', each in a process of its own on the same cleaned records of a synthetic city."""

from __future__ import annotations

import time
from importlib import import_module
from typing import Any

from bench.city import match_city, match_month, match_months
from bench.cleaned import match_export
from bench.core import match_core
from talentpool.settings import Settings


def match_own(request: dict[str, Any]) -> dict[str, Any]:
    """From published records to persons: opened, compared, clustered, written."""
    from talentpool.database import connect
    from talentpool.guard import open_keys
    from talentpool.match import match

    import_module("pandas")  # arrow asks it what a list is; loading a library counts for neither side
    settings = Settings()
    engine = connect(settings)
    keys = open_keys(settings, engine)
    began, used = time.perf_counter(), time.process_time()
    found = match(engine, keys, full=request.get("full", False))
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    engine.dispose()
    return {"changed": found.changed, "seconds": seconds, "cpu": cpu}


def match_splink(request: dict[str, Any]) -> dict[str, Any]:
    """See splink.py."""
    from bench import splink

    return splink.peer_splink(request)


def match_stored(request: dict[str, Any]) -> dict[str, Any]:
    """See splink.py."""
    from bench import splink

    return splink.peer_stored(request)


def match_draw(request: dict[str, Any]) -> dict[str, Any]:
    """One draw in one process: the city published, matched and exported; see match_export."""
    request |= match_city(request)
    match_own(request)
    return match_export(request)


def match_rules(request: dict[str, Any]) -> dict[str, Any]:
    """See rules.py: twelve plain rules, and drop_duplicates."""
    from bench import rules

    return rules.peer_rules(request)


def match_judged(request: dict[str, Any]) -> dict[str, Any]:
    """See draws.py: the peers on one draw."""
    from bench import draws

    return draws.judge_peers(request)


def match_public(request: dict[str, Any]) -> dict[str, Any]:
    """See draws.py: all of them on a table of people that we did not make."""
    from bench import draws

    return draws.judge_public(request)


def match_swept(request: dict[str, Any]) -> dict[str, Any]:
    """See draws.py: Splink at each threshold on one draw."""
    from bench import draws

    return draws.sweep_peer(request)


def match_ceiling(request: dict[str, Any]) -> dict[str, Any]:
    """See ceiling.py, which no other peer's process may pay for."""
    from bench import ceiling

    return ceiling.match_ceiling(request)


PEERS = {
    "match_city": match_city, "match_month": match_month, "match_months": match_months, "match_own": match_own,
    "match_export": match_export, "match_core": match_core, "match_splink": match_splink, "match_stored": match_stored,
    "match_rules": match_rules, "match_ceiling": match_ceiling, "match_draw": match_draw, "match_judged": match_judged,
    "match_swept": match_swept, "match_public": match_public,
}  # fmt: skip
