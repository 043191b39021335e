"""Record role changes: compare what users of the UI hold with what the audit log says they hold.

The log is the only memory: its rows `user:<name>`, `role:<name>` and `group:<name>`, added up in order, are what was
last seen. So a change is found whichever door it came through, once, and what the log lost its verification finds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from talentpool.errors import TalentpoolError
from talentpool.guard.audit import audit
from talentpool.locks import CHANGES_LOCK, hold
from talentpool.model import audit_log

UNKNOWN, UNKNOWN_DOOR, FIRST_LOOK = "unknown", "unknown door", "first look"
IN_WORDS = {
    "api-server": "经页面或接口", "command": "经本系统命令", UNKNOWN_DOOR: "途径不明", FIRST_LOOK: "首次核对",
}  # fmt: skip
NAMED = 3
MOST_BYTES, AROUND = 40_000, 8
"""Of the facts in one row of the log, which takes 64 KB; and what stands around each of them."""
KINDS = ("user:", "role:", "group:")

Held = Mapping[str, frozenset[str]]
"""Subject (`user:<name>`) -> what it holds, each in words: `active`, `role city_officer`, `can_read on DAGs`."""


def on_record(conn: sa.Connection) -> dict[str, frozenset[str]]:
    """What the log's role changes add up to, by subject."""
    rows = conn.execute(
        sa.select(audit_log.c.subject, audit_log.c.details)
        .where(
            audit_log.c.action == "role_change",
            sa.or_(*(audit_log.c.subject.startswith(kind, autoescape=True) for kind in KINDS)),
        )
        .order_by(audit_log.c.seq)
    )
    known: dict[str, frozenset[str]] = {}
    for subject, details in rows:
        known[subject] = (known.get(subject, frozenset()) | set(details.get("added", ()))) - set(
            details.get("removed", ())
        )
    return {subject: facts for subject, facts in known.items() if facts}


def note(engine: sa.Engine, look: Callable[[], Held], *, by: str = UNKNOWN, door: str = UNKNOWN_DOOR) -> list[str]:
    """Put every difference between `look()` and the log on record; the subjects concerned, in order.

    What cannot be written of one subject takes back no other's; it is raised when all were tried, and the next look finds it.
    One at a time: two processes that see the same change write it once. The very first look at an office that has
    been running finds everything new: it is on record as that, not as somebody's doing.
    """
    with engine.begin() as conn:
        hold(conn, CHANGES_LOCK)
        now, before = look(), on_record(conn)
        if not before and by == UNKNOWN:
            door = FIRST_LOOK
        changed = [s for s in sorted({*now, *before}) if now.get(s, frozenset()) != before.get(s, frozenset())]
        failed: list[Exception] = []
        for subject in changed:
            held, had = now.get(subject, frozenset()), before.get(subject, frozenset())
            try:
                with conn.begin_nested():
                    _write(conn, subject, sorted(held - had), sorted(had - held), by=by, door=door)
            except (TalentpoolError, sa.exc.DBAPIError) as error:
                if conn.invalidated:
                    raise
                failed.append(error)
    if failed:
        raise failed[0]
    return changed if door != FIRST_LOOK else []


def _write(conn: sa.Connection, subject: str, added: list[str], removed: list[str], *, by: str, door: str) -> None:
    """In as many rows as it takes: one row of the log holds so much, and a role may hold any number of permissions."""
    facts = [("added", fact) for fact in added] + [("removed", fact) for fact in removed]
    reason = _in_words(door, added, removed)
    while facts:
        size, row = 0, {"added": [], "removed": []}  # type: tuple[int, dict[str, list[str]]]
        while facts and (not size or size + len(facts[0][1].encode()) < MOST_BYTES):
            kind, fact = facts.pop(0)
            row[kind].append(fact)
            size += len(fact.encode()) + AROUND
        audit(conn, "role_change", subject, actor=by, reason=reason, details={"door": door} | row)


def _in_words(door: str, added: list[str], removed: list[str]) -> str:
    """As the auditor's page shows it; the details have it all."""
    said = [IN_WORDS.get(door, door)]
    for verb, facts in (("增加", added), ("去除", removed)):
        if facts:
            more = f" 等 {len(facts)} 项" if len(facts) > NAMED else ""
            said.append(f"{verb} {'、'.join(facts[:NAMED])}{more}")
    return "；".join(said)
