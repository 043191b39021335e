"""Write and read the keys backup: one encrypted file with keys, salts, and who withdrew or was erased.

Each generation replaces the last one, so that a salt that was deleted is gone from here too, and what it opened stays
closed in every database backup ever made. Plain, it is text: one line of JSON, then rows as COPY writes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID

import sqlalchemy as sa

from talentpool.errors import KeyMissingError, TamperedError, UsageError
from talentpool.guard import KeyRing
from talentpool.guard.keys import OTHERS
from talentpool.guard.sources import ENVELOPE, version
from talentpool.model import (
    person_request,
    record_salt,
    request_step,
    suppression,
    suppression_word,
    use_stop,
    withdrawal,
)
from talentpool.services.backup import manifest, stream
from talentpool.services.rights import forget_all
from talentpool.services.rights.suppressing import unsuppress
from talentpool.services.rights.use import lift, suspend

if TYPE_CHECKING:
    from pyrage.x25519 import Identity, Recipient

_TABLES = (record_salt, suppression, person_request, withdrawal, suppression_word, request_step, use_stop)
"""In the order of the file. One of before withdrawals were put down ends with the third, one of before requests had steps with
the fifth."""
_WITHDRAWAL = (
    "withdrawal_id, withdrawn_on, facets, name_buckets, birth_buckets, restored_at, restored_by, restored_for, made_at"
)
_WORD = "token, verdict, decided_by, reason, made_at"
_REQUEST = "kind, subject, records, received_on, due_on, decided_by, reason, proof, done_at, made_at"


_ASKED = "purpose, on_paper, counties"
"""What a request says since requests have steps."""
_STEP = "step, taken_by, how, made_at"
_STOP = "request_id, record_id, purpose, stopped_at, lifted_at"


@dataclass(frozen=True, repr=False)
class Head:
    """The first line. `keys`: id -> hex, or the address of an envelope key in a KMS; `rows`: table -> lines that follow;
    the rest as in the manifest."""

    format: int
    made_at: str
    keys: dict[str, str]
    fingerprints: dict[str, str]
    deliveries: dict[str, str]
    rows: dict[str, int]

    def ring(self) -> KeyRing:
        return KeyRing(self.keys)


def write(conn: sa.Connection, keys: KeyRing, folder: Path, recipients: Sequence[Recipient], made_at: str) -> Head:
    """Put a new generation in the place of the last one: whole, or not at all."""
    known = manifest.fingerprints(conn)
    head = Head(
        format=manifest.FORMAT,
        made_at=made_at,
        keys={key_id: keys.text(key_id) for key_id in known},
        fingerprints=known,
        deliveries=manifest.published(conn),
        rows={table.name: conn.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in _TABLES},
    )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = folder / f".{manifest.KEYS}.part"
    unfinished.unlink(missing_ok=True)
    stream.encrypt(stream.as_file(_plain(conn, head)), unfinished, recipients)
    unfinished.replace(folder / manifest.KEYS)
    return head


def _plain(conn: sa.Connection, head: Head) -> Iterator[bytes]:
    yield json.dumps(asdict(head)).encode() + b"\n"
    driver = conn.connection.driver_connection
    assert driver is not None
    for statement in (
        "copy record_salt (delivery_id, record_id, row_no, salt) to stdout",
        "copy suppression (token, made_at, withdrawal_id) to stdout",
        f"copy person_request (request_id, {_REQUEST}, {_ASKED}) to stdout",
        f"copy withdrawal ({_WITHDRAWAL}) to stdout",
        f"copy suppression_word (word_id, {_WORD}) to stdout",
        f"copy request_step (step_id, request_id, {_STEP}) to stdout",
        f"copy use_stop ({_STOP}) to stdout",
    ):
        with driver.cursor() as cursor, cursor.copy(statement) as rows:
            yield from (bytes(block) for block in rows)


@contextmanager
def opened(path: Path, identities: Sequence[Identity]) -> Iterator[tuple[Head, BinaryIO]]:
    """The head, and a file whose next lines are the rows. The block must read them all, or raise."""
    if not path.is_file():
        raise UsageError(f"there is no keys backup {path}; name its folder with --keys-from DIR")
    with stream.decrypted(path, identities) as source:
        line = source.readline()
        try:
            head = Head(**json.loads(line))
            known = head.format == manifest.FORMAT
        except (ValueError, TypeError):
            raise TamperedError(f"{path.name} holds no keys backup") from None
        if not known:
            raise UsageError(f"{path} was made by another version of talentpool; restore it with that one")
        if missing := set(OTHERS) - set(head.keys) or ({ENVELOPE} if not any(map(version, head.keys)) else set()):
            raise KeyMissingError(f"{path.name} lacks key {', '.join(sorted(missing))}; take another generation")
        yield head, source


def load(conn: sa.Connection, head: Head, rows: BinaryIO) -> int:
    """Bring salts, suppressions and requests into a restored database; returns how many erasures were done again.

    Salts only of deliveries that are published in it: the numbers of later ones will be given anew. What was suppressed
    or erased after the database backup is so again.
    """
    conn.execute(sa.text("create temporary table restored_salt (like record_salt) on commit drop"))
    conn.execute(sa.text("create temporary table restored_token (like suppression) on commit drop"))
    _copy(conn, "copy restored_salt (delivery_id, record_id, row_no, salt) from stdin", head.rows["record_salt"], rows)
    put_down = withdrawal.name in head.rows
    copied = "token, made_at, withdrawal_id" if put_down else "token, made_at"
    conn.execute(_NO_WITHDRAWAL)
    _copy(conn, f"copy restored_token ({copied}) from stdin", head.rows["suppression"], rows)
    conn.execute(sa.text("create temporary table restored_request (like person_request) on commit drop"))
    steps = request_step.name in head.rows
    columns = f"{_REQUEST}, {_ASKED}" if steps else _REQUEST
    _copy(conn, f"copy restored_request (request_id, {columns}) from stdin", head.rows["person_request"], rows)
    if put_down:
        _load_withdrawals(conn, head, rows)
    conn.execute(sa.text("create temporary table restored_step (like request_step) on commit drop"))
    conn.execute(sa.text("create temporary table restored_stop (like use_stop) on commit drop"))
    if steps:
        _copy(conn, f"copy restored_step (step_id, request_id, {_STEP}) from stdin", head.rows[request_step.name], rows)
        _copy(conn, f"copy restored_stop ({_STOP}) from stdin", head.rows[use_stop.name], rows)
    if rows.read(1):
        raise TamperedError("the keys backup has data after its last row; take another generation")
    conn.execute(
        sa.text(
            "insert into record_salt select salt.* from restored_salt salt join delivery using (delivery_id)"
            " where delivery.state = 'published' order by salt.delivery_id, salt.record_id"
        )
    )
    conn.execute(
        sa.text(
            "insert into suppression (token, made_at, withdrawal_id)"
            " select token, made_at, withdrawal_id from restored_token on conflict do nothing"
        )
    )
    return _ask_again(conn, with_steps=steps)


def _load_withdrawals(conn: sa.Connection, head: Head, rows: BinaryIO) -> None:
    """Who withdrew, whose consent was given anew since, and what the office said of doubtful rows."""
    conn.execute(sa.text("create temporary table restored_withdrawal (like withdrawal) on commit drop"))
    conn.execute(sa.text("create temporary table restored_word (like suppression_word) on commit drop"))
    _copy(conn, f"copy restored_withdrawal ({_WITHDRAWAL}) from stdin", head.rows[withdrawal.name], rows)
    _copy(conn, f"copy restored_word (word_id, {_WORD}) from stdin", head.rows[suppression_word.name], rows)
    conn.execute(_TAKE_WITHDRAWALS)
    conn.execute(_TAKE_WORDS)


def _ask_again(conn: sa.Connection, *, with_steps: bool) -> int:
    """Requests that the database does not know are written down, with their steps, and use stops again; erasures that were
    confirmed since are carried out. Returns how many.

    They stay open, so that lists, their files and landed rosters are seen to as after a killed run.
    """
    conn.execute(_TAKE_REQUESTS)
    if not with_steps:  # then a request was carried out by the word that registered it
        conn.execute(_OLD_STEPS)
    later = conn.execute(_TAKE_STEPS).all()
    for row in later:
        if row.revoked:
            if own := row.proof.get("withdrawal"):
                unsuppress(conn, UUID(own))
            lift(conn, row.request_id)
    stopped = conn.scalars(_TAKE_STOPS).all()
    suspend(conn, [record for record in stopped if record is not None])
    confirmed = [row for row in later if row.confirmed]
    for row in confirmed:
        kind, _, name = row.subject.partition(":")
        people = [name] if kind == "person" else row.proof.get("people", ())
        forget_all(conn, [UUID(one) for one in people], row.records, row.proof.get("aside", ()))
    return len(confirmed)


_NO_WITHDRAWAL = sa.text(
    "alter table restored_token alter withdrawal_id set default '00000000-0000-0000-0000-000000000000'"
)
_TAKE_WITHDRAWALS = sa.text(
    """
    insert into withdrawal select * from restored_withdrawal
    on conflict (withdrawal_id) do update set restored_at = excluded.restored_at, restored_by = excluded.restored_by,
                                              restored_for = excluded.restored_for
    """
)
_TAKE_WORDS = sa.text(
    """
    insert into suppression_word (token, verdict, decided_by, reason, made_at)
    select token, verdict, decided_by, reason, made_at from restored_word later
    where not exists (select from suppression_word known
                      where known.token = later.token and known.made_at = later.made_at)
    order by word_id
    """
)
_TAKE_REQUESTS = sa.text(
    """
    insert into person_request
        (kind, subject, records, received_on, due_on, decided_by, reason, proof, purpose, on_paper, counties, done_at, made_at)
    select kind, subject, records, received_on, due_on, decided_by, reason, proof, purpose, on_paper, counties,
           case when kind not in ('withdraw', 'erase', 'retention') then done_at end, made_at
    from restored_request later
    where not exists (select from person_request known
                      where known.request_id = later.request_id and known.made_at = later.made_at)
    order by request_id
    """
)
_OLD_STEPS = sa.text(
    """
    insert into restored_step (step_id, request_id, step, taken_by, how, made_at)
    select row_number() over (order by request_id), request_id, 'confirmed', decided_by, '', made_at
    from restored_request where kind in ('withdraw', 'erase')
    """
)
_TAKE_STEPS = sa.text(
    """
    with taken as (
        insert into request_step (request_id, step, taken_by, how, made_at)
        select known.request_id, step.step, step.taken_by, step.how, step.made_at
        from restored_step step join restored_request later using (request_id)
        join person_request known on known.made_at = later.made_at and known.kind = later.kind
        where not exists (select from request_step there
                          where there.request_id = known.request_id and there.step = step.step)
        order by step.step_id
        returning request_id, step
    ), later as (
        update person_request known set proof = later.proof, records = later.records,
               done_at = case when known.kind in ('withdraw', 'erase', 'retention') and not exists (
                   select from restored_step step where step.request_id = later.request_id and step.step = 'revoked'
               ) then null else later.done_at end
        from restored_request later
        where known.made_at = later.made_at and known.kind = later.kind
          and known.request_id in (select request_id from taken)
        returning known.request_id, known.kind, known.subject, known.records, known.proof
    )
    select request_id, subject, records, proof, bool_or(step = 'revoked') as revoked,
           bool_or(step = 'confirmed' and kind in ('withdraw', 'erase', 'retention')) as confirmed
    from later join taken using (request_id)
    group by request_id, subject, records, proof order by request_id
    """
)
_TAKE_STOPS = sa.text(
    """
    insert into use_stop (request_id, record_id, purpose, stopped_at, lifted_at)
    select known.request_id, stop.record_id, stop.purpose, stop.stopped_at, stop.lifted_at
    from restored_stop stop join restored_request later using (request_id)
    join person_request known on known.made_at = later.made_at and known.kind = later.kind
    on conflict (request_id, record_id) do update set lifted_at = excluded.lifted_at
    returning case when purpose = '' and lifted_at is null then record_id end
    """
)


def _copy(conn: sa.Connection, statement: str, count: int, rows: BinaryIO) -> None:
    driver = conn.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(statement) as into:
        for _ in range(count):
            line = rows.readline()
            if not line.endswith(b"\n"):
                raise TamperedError("the keys backup ends before its rows do; take another generation")
            into.write(line)
