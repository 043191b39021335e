"""Check the office's own work: the audit log, people's requests, held deliveries, the year's holidays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from talentpool.deliveries.delivery_state import State
from talentpool.guard import only_appended, verify
from talentpool.guard.sources import version
from talentpool.model import delivery, person_request
from talentpool.reference import working_days
from talentpool.services.backup.remembered import remembered
from talentpool.services.doctor.finding import Finding, Patient, ok
from talentpool.services.rights import pending
from talentpool.services.rotation import listed
from talentpool.services.rotation.envelope import unfinished

HEAD_DAYS = 2
HELD_DAYS = 7
BACKUP_DAYS, REHEARSED_DAYS = 2, 100
NOTICE_MONTH = 11
"""The State Council names the holidays of the next year in autumn."""


def audit(patient: Patient) -> Iterator[Finding]:
    """The log is whole, and its head was kept lately and elsewhere."""
    path = patient.settings.audit_heads_file
    with patient.engine.connect() as conn:
        verified = verify(conn, patient.keys, path)
    if not verified.whole:
        yield Finding(
            "audit",
            "fail",
            "; ".join(verified.broken)
            + f"; trusted up to row {verified.trusted if verified.trusted is not None else 'none'}",
            "tell whoever answers for security; change nothing more",
        )
        return
    if patient.settings.audit_heads is None:
        yield Finding(
            "audit", "demo" if patient.settings.embedded else "fail", "its heads are kept beside the data",
            "name a file on another machine's disk in TALENTPOOL_AUDIT_HEADS",
        )  # fmt: skip
    elif not only_appended(path):
        yield Finding(
            "audit", "demo" if patient.settings.embedded else "warn",
            "the worker can write over the heads that were kept, not only append",
            f"as root, where the file lies: chattr +a {path.name} (docs/operations.md)",
        )  # fmt: skip
    last = _last_head(path.read_text(encoding="ascii").splitlines()) if path.is_file() else None
    if verified.rows and (last is None or datetime.now(UTC) - last > timedelta(days=HEAD_DAYS)):
        yield Finding(
            "audit",
            "warn",
            f"no head was kept in {HEAD_DAYS} days",
            "unpause the DAG audit__verify, see why its last run failed, or `talentpool audit head`",
        )
    else:
        yield ok("audit", f"{verified.rows} rows, whole")


def rotation(patient: Patient) -> Iterator[Finding]:
    """A rotation of keys that was killed is gone on with; a replaced key does not stay for ever."""
    with patient.engine.connect() as conn:
        going_on = unfinished(conn)
        old = [state.key_id for state in listed(conn, patient.keys) if version(state.key_id) and not state.current]
    if going_on is not None:
        yield Finding(
            "rotation", "warn", f"rotation {going_on.rotation_id} to key {going_on.key_id} is not finished",
            "wait for it, or run `talentpool keys rotate`, which goes on with it",
        )  # fmt: skip
    elif old:
        yield Finding(
            "rotation", "warn", f"replaced keys are kept: {', '.join(old)}",
            "once all database backups of before the rotation have run out: `talentpool keys destroy KEY_ID`",
        )  # fmt: skip
    else:
        yield ok("rotation", "no rotation is open, no replaced key is left")


def backup(patient: Patient) -> Iterator[Finding]:
    """A backup was made lately, and one was restored somewhere within the quarter: only then is it one."""
    last = remembered(patient.settings)
    if last is None:
        yield Finding(
            "backup", "demo" if patient.settings.embedded else "fail", "no backup was ever made from here",
            "talentpool backup --out DIR --recipient age1..., every night; docs/operations-backup.md",
        )  # fmt: skip
        return
    now, problems = datetime.now(UTC), False
    if now - last.made_at > timedelta(days=BACKUP_DAYS):
        problems = True
        yield Finding(
            "backup", "fail", f"the last backup is of {last.made_at:%Y-%m-%d}", "find out why the nightly one failed"
        )
    if last.keys_made_at is None or last.made_at - last.keys_made_at > timedelta(days=BACKUP_DAYS):
        problems = True
        when = f"last on {last.keys_made_at:%Y-%m-%d}" if last.keys_made_at else "never"
        yield Finding(
            "backup", "fail", f"the keys were backed up {when}: the newest database backup cannot be opened",
            "talentpool backup --what keys --out DIR --recipient age1..., after every backup of the databases",
        )  # fmt: skip
    if not last.reachable:
        problems = True
        yield Finding(
            "backup", "warn", f"{last.folder} is not reachable from here", "mount it, so that restores are seen"
        )
    elif last.restored_at is None or now - last.restored_at > timedelta(days=REHEARSED_DAYS):
        problems = True
        when = f"last on {last.restored_at:%Y-%m-%d}" if last.restored_at else "never"
        yield Finding(
            "backup", "warn", f"a backup was tried out by restoring it: {when}",
            f"restore one into an empty database elsewhere: talentpool restore --from {last.folder}",
        )  # fmt: skip
    if not problems:
        yield ok("backup", f"made on {last.made_at:%Y-%m-%d}, one restored on {last.restored_at:%Y-%m-%d}")


def requests(patient: Patient) -> Iterator[Finding]:
    """Nobody waits for an answer beyond the day they were promised; no erasure stays half done."""
    query = sa.select(sa.func.count()).where(person_request.c.done_at.is_(None))
    with patient.engine.connect() as conn:
        waiting = conn.scalar(query) or 0
        overdue = conn.scalar(query.where(person_request.c.due_on < patient.today)) or 0
        half_done = [row.request_id for row in pending(conn)]
    if half_done:
        yield Finding(
            "requests", "fail", f"erasures that were begun are half done: requests {half_done}",
            "`talentpool request confirm NUMBER` finishes them",
        )  # fmt: skip
    if overdue:
        yield Finding(
            "requests", "fail", f"{overdue} of {waiting} open requests of people are overdue",
            "`talentpool request list` says what each waits for",
        )  # fmt: skip
    if not half_done and not overdue:
        yield ok("requests", f"{waiting} requests of people are open, none overdue")


def held(patient: Patient) -> Iterator[Finding]:
    """A delivery that nobody decides on keeps its people out."""
    before = patient.today - timedelta(days=HELD_DAYS)
    query = sa.select(sa.func.count()).where(
        delivery.c.state == State.HELD, sa.cast(delivery.c.landed_at, sa.Date) < before
    )
    with patient.engine.connect() as conn:
        waiting = conn.scalar(query) or 0
    if waiting:
        yield Finding(
            "held",
            "warn",
            f"{waiting} deliveries are held for more than {HELD_DAYS} days",
            "talentpool delivery list --state held",
        )
    else:
        yield ok("held", "nothing waits for a decision for long")


def holidays(patient: Patient) -> Iterator[Finding]:
    """This year's holidays are known, and from November on the next year's."""
    years = [patient.today.year, *([patient.today.year + 1] if patient.today.month >= NOTICE_MONTH else [])]
    with patient.engine.connect() as conn:
        there = working_days(conn).years
    if missing := [str(year) for year in years if year not in there]:
        yield Finding(
            "holidays", "warn", f"no holidays of {', '.join(missing)} in the table",
            "talentpool reference import holiday FILE, from the State Council's notice",
        )  # fmt: skip
    else:
        yield ok("holidays", f"{', '.join(map(str, years))} known")


def _last_head(lines: list[str]) -> datetime | None:
    try:
        return datetime.fromisoformat(json.loads(lines[-1])["kept_at"])
    except (IndexError, ValueError, KeyError):
        return None
