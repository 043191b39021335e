"""Keep what officers remembered for rows: write it down, tell what holds, end it by an officer's word."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from talentpool.conform.rows.remembered import to_seal
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import KeyRing, audit
from talentpool.guard.cipher import seal_many
from talentpool.guard.duties import check_county, check_duty, spelt
from talentpool.guard.personal import DELIVERY_KEYS, Opener
from talentpool.locks import GLOBAL_LOCK, hold
from talentpool.mend import Row
from talentpool.model import delivery, record_salt, remembered_value
from talentpool.office import Office
from talentpool.texts.redact import redact

DUTY = "mend a row"


@dataclass(frozen=True)
class Held:
    """A word that holds: on which field of whose roster, by whom and why; never the value. `field`: '' = taken as it is."""

    value_id: int
    partner: str
    record: UUID
    delivery_id: int
    row_no: int
    county: str | None
    field: str
    codes: tuple[str, ...]
    decided_by: str
    reason: str
    request_id: int | None
    made_at: datetime


class ReplacesError(ConflictError):
    """Somebody else said so of this field of this row; carries what holds. Who goes on says that it takes the place of that."""

    def __init__(self, message: str, held: Held) -> None:
        super().__init__(message)
        self.held = held


_COLUMNS = ("value_id", "partner", "delivery_id", "row_no", "county", "field", "codes", "decided_by",
            "reason", "request_id", "made_at")  # fmt: skip


def holding(
    conn: sa.Connection, *, record: UUID | None = None, partner: str | None = None, field: str | None = None
) -> list[Held]:
    """Every word that holds and that the connection sees, the newest first."""
    value = remembered_value
    query = sa.select(*(value.c[name] for name in _COLUMNS), value.c.record_id.label("record"))
    query = query.where(value.c.ended_at.is_(None))
    for column, wanted in ((value.c.record_id, record), (value.c.partner, partner), (value.c.field, field)):
        if wanted is not None:
            query = query.where(column == wanted)
    found = conn.execute(query.order_by(value.c.value_id.desc())).mappings()
    return [Held(**{**row, "codes": tuple(row["codes"])}) for row in found]


@dataclass(frozen=True, repr=False)
class Fresh:
    """A word that is to be kept. `value`: None = the row is taken as it is, for `codes`."""

    partner: str
    row: Row
    county: str | None
    field: str
    said: UUID
    value: str | None
    by: str
    reason: str
    codes: tuple[str, ...] = ()
    request_id: int | None = None


def keep(conn: sa.Connection, keys: KeyRing, fresh: Fresh) -> int:
    """Write a word down, its value sealed under a salt of its own; what held for the cell before is replaced."""
    value = remembered_value
    same = (value.c.partner == fresh.partner, value.c.record_id == fresh.row.record, value.c.field == fresh.field)
    conn.execute(
        value.update()
        .where(*same, value.c.ended_at.is_(None))
        .values(ended_at=sa.func.now(), end_cause="replaced", ended_by=fresh.by)
    )
    made: dict[str, Any] = {
        "partner": fresh.partner, "record_id": fresh.row.record, "delivery_id": fresh.row.delivery_id,
        "row_no": fresh.row.row_no, "county": fresh.county, "field": fresh.field,
        "codes": sa.cast(list(fresh.codes), ARRAY(sa.Text)), "said": fresh.said,
        "sealed": None if fresh.value is None else b"", "decided_by": fresh.by.strip(), "reason": fresh.reason,
        "request_id": fresh.request_id,
    }  # fmt: skip
    number = int(conn.execute(value.insert().values(made).returning(value.c.value_id)).scalar_one())
    if fresh.value is not None:
        sealed, salt = _sealed(conn, keys, fresh.row, fresh.value)
        own = {"delivery_id": fresh.row.delivery_id, "record_id": fresh.row.record, "row_no": -number, "salt": salt}
        conn.execute(record_salt.insert().values(own))
        conn.execute(value.update().where(value.c.value_id == number).values(sealed=sealed))
    return number


def _sealed(conn: sa.Connection, keys: KeyRing, row: Row, value: str) -> tuple[bytes, bytes]:
    """As a person's values are, under the data key of the delivery that it was read from."""
    wrapped = conn.execute(sa.select(*DELIVERY_KEYS).where(delivery.c.delivery_id == row.delivery_id)).one()
    data_key = Opener(keys).data_keys(wrapped)[0]
    sealed, salts = seal_many(data_key, [row.record.bytes], [to_seal(value, row.cells).pack()])
    return sealed[0], salts[0]


def end_value(
    office: Office, value_id: int, *, by: str, reason: str, counties: Collection[str] | None = None, others: bool = False
) -> Held:  # fmt: skip
    """End a word that holds: the partner's own value counts from its next roster on. `others`: `by` knows that it is somebody
    else's.

    UsageError when it holds no more; ReplacesError when it is somebody else's and `others` does not say so; RefusedError (code
    `scope`, `role`) when `by` may not end it.
    """
    if not by.strip() or not reason.strip():
        raise UsageError("请写明由谁、为什么停用这条更正")
    with office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK)
        check_duty(conn, by, DUTY)
        found = next((one for one in holding(conn) if one.value_id == value_id), None)
        if found is None:
            raise ConflictError("这条更正已经停用或失效；请刷新页面")
        if counties is not None and found.county not in counties:
            raise RefusedError("scope", "that correction is another county's; ask the city")
        check_county(conn, by, found.county)
        if not others and spelt(found.decided_by) != spelt(by):
            raise ReplacesError("没有停用：这条更正是他人所作；请先与对方核对，确需停用的，请确认后再次提交", found)
        value = remembered_value
        ended = {"ended_at": sa.func.now(), "end_cause": "ended", "ended_by": by.strip()}
        conn.execute(value.update().where(value.c.value_id == value_id).values(ended))
        audit(
            conn, "decision", f"record:{found.record}", actor=by, reason=redact(reason.strip()), scope=office.settings.area,
            details={"remembered": "ended", "value": value_id, "field": found.field},
        )  # fmt: skip
    return found
