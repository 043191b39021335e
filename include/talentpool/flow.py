"""Take one delivery from the partner to the live state: the order of the rooms, and the words on the outcome.

The CLI's `ingest` calls `ingest`; the Airflow tasks call the same rooms one by one, a delivery's staging in shares
that workers take side by side. Both end in `outcome`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from talentpool.acquire import Connection, Overlooked, acquire, keep_rejection
from talentpool.conform import StagedShare, begin, conform, keep_share, kept_shares, shares_worth
from talentpool.conform import conform_share as conform_alone
from talentpool.conform import finish as finish_shares
from talentpool.declare import Partner
from talentpool.deliveries.delivery_state import ON_ITS_WAY, State
from talentpool.deliveries.staging import drop_staged
from talentpool.errors import RejectedError, StaleStageError
from talentpool.expect import Counting, expect, run_suite
from talentpool.load import drop_staging, publish
from talentpool.locks import held, ingest_lock
from talentpool.model import delivery
from talentpool.office import Office

MAX_RESTAGE = 5


@dataclass(frozen=True)
class Outcome:
    """What the CLI prints and a task returns: ids and counts, never rows."""

    delivery_id: int | None
    as_of: str | None
    status: str
    effect: str = "none"
    rows: int = 0
    accepted: int = 0
    quarantined: int = 0
    refused: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    message: str | None = None
    overlooked: list[dict[str, str]] = field(default_factory=list)
    """Files at the partner's that are not taken, where nothing else was: name and why."""
    dropped_columns: tuple[str, ...] = ()
    """Names of columns that are no field's: what stood in them is in no table."""

    def as_json(self) -> dict[str, Any]:
        only_filled = ("message", "overlooked", "dropped_columns")
        told = asdict(self) | {"status": str(self.status)}  # a plain word for JSON and XCom
        return {key: value for key, value in told.items() if key not in only_filled or value}

    @property
    def exit_code(self) -> int:
        codes: dict[str, int] = {State.HELD: 3, State.REJECTED: 4}
        return codes.get(self.status, 0)


def ingest(
    office: Office,
    partner: Partner,
    *,
    file: Path | None = None,
    as_of: date | None = None,
    kind: str | None = None,
    since: date | None = None,
    connection: Connection | None = None,
    count: Counting = run_suite,
) -> Outcome:
    """Take the oldest waiting delivery (or `file`) through to its verdict; one per call. `count`: as in `expect`.

    Raises UnavailableError when the partner or the database is out of reach, UsageError on a contradiction.
    """
    left_alone: list[Overlooked] = []
    try:
        landed = acquire(
            office, partner, file=file, as_of=as_of, kind=kind, since=since, connection=connection,
            overlooked=left_alone,
        )  # fmt: skip
    except RejectedError as error:
        return refused_unread(as_of, error)
    if landed is None:
        named = [{"name": each.name, "why": each.why, "text_zh": each.text_zh} for each in left_alone]
        return Outcome(None, None, "nothing", overlooked=named)
    if landed.duplicate:
        return Outcome(landed.delivery_id, landed.as_of.isoformat(), "duplicate")
    finish(office, partner, landed.delivery_id, count=count)
    return outcome(office.engine, landed.delivery_id)


def refused_unread(as_of: date | None, error: RejectedError) -> Outcome:
    """The outcome of a file whose manifest cannot be trusted: there is no delivery that it could be the record of."""
    told = as_of.isoformat() if as_of else None
    return Outcome(None, told, State.REJECTED, reasons={error.code: 1}, message=str(error))


def finish(
    office: Office,
    partner: Partner,
    delivery_id: int,
    *,
    count: Counting = run_suite,
) -> None:
    """Stage, audit and publish a landed delivery; stages again when another one was published meanwhile."""
    with one_at_a_time(office.engine, partner):
        for attempt in range(MAX_RESTAGE):
            try:
                if conform_and_expect(office, partner, delivery_id, count=count):
                    publish(office, partner, delivery_id)
                return
            except StaleStageError:
                if attempt == MAX_RESTAGE - 1:
                    raise


@contextmanager
def one_at_a_time(engine: sa.Engine, partner: Partner) -> Iterator[None]:
    """Hold a partner's place: a second run waits here, then finds the work done. The lock ends with its process."""
    with held(engine, ingest_lock(partner.code)):
        yield


@contextmanager
def side_by_side(engine: sa.Engine, partner: Partner) -> Iterator[None]:
    """Share a partner's place with other shares; who wants it alone waits for all of them, and they for him."""
    with held(engine, ingest_lock(partner.code), shared=True):
        yield


def divide(office: Office, partner: Partner, delivery_id: int) -> int:
    """Begin to stage a landed delivery, in as many shares as returned; `conform_share` does each, `expect_shares` the rest."""
    with one_at_a_time(office.engine, partner):
        if state(office.engine, delivery_id) not in ON_ITS_WAY:
            return 1
        of = shares_worth(office, delivery_id, office.settings.shares)
        begin(office.engine, delivery_id, of)
        return of


def conform_share(office: Office, partner: Partner, delivery_id: int, share: int, of: int) -> StagedShare | None:
    """Stage one share, beside others, and keep what it found.

    None when it is not wanted: another run went on with the delivery, or it is rejected.
    """
    with side_by_side(office.engine, partner):
        if state(office.engine, delivery_id) != State.LANDED:
            return None
        try:
            staged = conform_alone(office, partner, delivery_id, share, of)
            keep_share(office.engine, delivery_id, staged)
            return staged
        except StaleStageError:
            return None
        except RejectedError as error:
            reject(office.engine, delivery_id, error)
            return None


def expect_shares(office: Office, partner: Partner, delivery_id: int) -> bool:
    """`conform_and_expect` of what shares have staged and kept; when it makes no whole, it is staged again, here."""

    def whole() -> None:
        if state(office.engine, delivery_id) == State.LANDED:
            done = kept_shares(office.engine, delivery_id)
            if not done or {share.of for share in done} != {len(done)}:
                raise StaleStageError(f"delivery {delivery_id}: shares are missing; stage it again")
            finish_shares(office.engine, delivery_id, done)

    with one_at_a_time(office.engine, partner):
        if state(office.engine, delivery_id) == State.AUDITED:
            return True
        try:
            return _audited(office, partner, delivery_id, whole)
        except StaleStageError:
            return conform_and_expect(office, partner, delivery_id)


def conform_and_expect(
    office: Office,
    partner: Partner,
    delivery_id: int,
    *,
    count: Counting = run_suite,
) -> bool:
    """True when the delivery may be published; held and rejected deliveries keep nothing staged."""
    return _audited(office, partner, delivery_id, lambda: conform(office, partner, delivery_id), count)


def _audited(
    office: Office,
    partner: Partner,
    delivery_id: int,
    stage: Callable[[], object],
    count: Counting = run_suite,
) -> bool:
    if state(office.engine, delivery_id) in (State.PUBLISHED, State.REJECTED, State.HELD):
        return False
    try:
        stage()
        verdict = expect(office, partner, delivery_id, count=count)
    except RejectedError as error:
        reject(office.engine, delivery_id, error)
        return False
    if verdict.status != State.AUDITED:
        drop_staging(office.engine, delivery_id)
        return False
    return True


def state(engine: sa.Engine, delivery_id: int) -> str:
    with engine.connect() as conn:
        return str(conn.scalar(sa.select(delivery.c.state).where(delivery.c.delivery_id == delivery_id)))


def reject(engine: sa.Engine, delivery_id: int, error: RejectedError) -> None:
    """Record why a delivery is refused whole, and keep nothing staged."""
    with engine.begin() as conn:
        drop_staged(conn, delivery_id)
        conn.execute(
            delivery.update()
            .where(delivery.c.delivery_id == delivery_id)
            .values(state=State.REJECTED, effect="none", reasons={error.code: 1}, notes={}, message=str(error),
                    dropped_columns=[], rows=0, accepted=0, quarantined=0, refused=0)
        )  # fmt: skip
        keep_rejection(conn, delivery_id, error.code)


def outcome(engine: sa.Engine, delivery_id: int) -> Outcome:
    """The outcome of a delivery as recorded."""
    with engine.connect() as conn:
        row = conn.execute(sa.select(delivery).where(delivery.c.delivery_id == delivery_id)).mappings().one()
    return Outcome(
        delivery_id=delivery_id,
        as_of=row["as_of"].isoformat(),
        status=row["state"],
        effect=row["effect"],
        rows=row["rows"],
        accepted=row["accepted"],
        quarantined=row["quarantined"],
        refused=row["refused"],
        reasons=row["reasons"],
        notes=row["notes"],
        message=row["message"],
        dropped_columns=tuple(row["dropped_columns"]),
    )
