"""Limit failed sign-ins by account and by address with a doubling wait, and watch the whole office.

An attempt is counted as failed before the password is looked at and forgiven afterwards: many at one moment, on
several api-servers, are no more tries than one after the other. The database's clock decides.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.guard.keys import KeyRing
from talentpool.guard.sessions import keyed

FIRST_WAIT, LONGEST_WAIT = 60, 3600
"""Seconds: after the last free failure, and however many follow."""
FREE: Mapping[str, int] = {"account": 5, "address": 20, "office": 50}
"""Failures before a door is shut: an office's people share one address, so it may err more often than one account. Of
everybody together: no door is shut then, somebody is told."""
FORGOTTEN: Mapping[str, int] = {"account": 3600, "address": 180, "office": 60}
"""Seconds after which one failure is forgotten: what people mistype in weeks never adds up to an attack."""

_COUNT = sa.text("""
insert into sign_in_lock as l (key_hash, kind, failures, failed_at, locked_until)
values (:key, :kind, 1, clock_timestamp(), null)
on conflict (key_hash) do update set
    failures = case when l.locked_until > clock_timestamp() then l.failures else 1 + greatest(0, l.failures
                    - floor(extract(epoch from clock_timestamp() - l.failed_at) / :forgotten)::int) end,
    failed_at = case when l.locked_until > clock_timestamp() then l.failed_at else clock_timestamp() end
returning failures, ceil(extract(epoch from locked_until - clock_timestamp()))::int as wait
""")
_SHUT = sa.text("""
update sign_in_lock set locked_until = clock_timestamp() + make_interval(secs => :seconds) where key_hash = :key
""")
_FORGIVE = sa.text("""
update sign_in_lock set failures = greatest(failures - 1, 0),
    locked_until = case when :by_this_try then null else locked_until end
where key_hash = :key
""")
_FORGET = sa.text("delete from sign_in_lock where key_hash = :key")
_OLD = sa.text("delete from sign_in_lock where failed_at < clock_timestamp() - interval '2 days'")


@dataclass(frozen=True)
class Attempt:
    """One try at a door. `wait`: seconds until the next is looked at, 0 = this one is. `shut`: what this failure shuts, if it
    is one; `alarm`: it is the one that makes it many in the whole office."""

    account: UUID
    address: UUID
    wait: int
    shut: tuple[str, ...] = ()
    alarm: bool = False


def begin_attempt(engine: sa.Engine, keys: KeyRing, account: str, address: str) -> Attempt:
    """Count a try on `account` (any spelling of a user's name) from `address` as failed; `succeeded` takes it back."""
    named = {"account": _hash(keys, "account", account.casefold()), "address": _hash(keys, "address", network(address))}
    shut = []
    with engine.begin() as conn:
        waits = {}
        for kind, key in named.items():  # always in this order: two tries never wait for each other
            found = conn.execute(_COUNT, {"key": key, "kind": kind, "forgotten": FORGOTTEN[kind]}).one()
            waits[kind] = max(found.wait or 0, 0)
            if not waits[kind] and found.failures >= FREE[kind]:
                conn.execute(_SHUT, {"key": key, "seconds": seconds_shut(found.failures - FREE[kind])})
                shut.append(kind)
        wait = max(waits.values())
        if wait:  # not looked at: what the other door counted is no failure
            conn.rollback()
            return Attempt(named["account"], named["address"], wait)
        everybody = {"key": _hash(keys, "office", ""), "kind": "office", "forgotten": FORGOTTEN["office"]}
        office = conn.execute(_COUNT, everybody).one()
        conn.execute(_OLD)
    return Attempt(named["account"], named["address"], 0, tuple(shut), office.failures == FREE["office"])


def succeeded(engine: sa.Engine, keys: KeyRing, attempt: Attempt) -> None:
    """The account begins anew. The address only gets this try back: one good account must not buy tries on others."""
    with engine.begin() as conn:
        conn.execute(_FORGET, {"key": attempt.account})
        conn.execute(_FORGIVE, {"key": attempt.address, "by_this_try": "address" in attempt.shut})
        conn.execute(_FORGIVE, {"key": _hash(keys, "office", ""), "by_this_try": False})


def open_again(engine: sa.Engine, keys: KeyRing, account: str) -> bool:
    """A person who knows better opens an account's door before its time; whether it was counted at all."""
    with engine.begin() as conn:
        key = _hash(keys, "account", account.casefold())
        return bool(conn.execute(_FORGET, {"key": key}).rowcount)


def seconds_shut(beyond: int) -> int:
    """Of the failure that is the `beyond`-th after the free ones: a minute, doubled each time, an hour at most."""
    return int(min(FIRST_WAIT * 2 ** min(beyond, 10), LONGEST_WAIT))


def network(address: str) -> str:
    """Whom an address stands for: one of IPv4 for itself, one of IPv6 for its /64, which is one household's."""
    try:
        parsed: Any = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(parsed if parsed.version == 4 else ipaddress.ip_network((parsed, 64), strict=False))


def _hash(keys: KeyRing, kind: str, value: str) -> UUID:
    return keyed(keys, f"sign-in {kind}", value)
