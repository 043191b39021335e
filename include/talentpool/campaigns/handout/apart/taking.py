"""Take what a host apart sealed: whose it is, whether they might at that moment, and then as marks of the page in the office.

A record counts once, and each mark by its key; so files may come in any order and any number of times. UsageError says in Chinese
why one is set aside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, Field, ValidationError
from sqlalchemy.dialects.postgresql import insert

from talentpool.campaigns.handout.apart.derived import mark_key, private_key
from talentpool.campaigns.handout.holding import LATEST
from talentpool.campaigns.handout.marking import Mark, judge_marks, write_marks
from talentpool.campaigns.handout.passes import Holder, holder_where
from talentpool.campaigns.receipts.outcomes import Outcome
from talentpool.campaigns.receipts.taking import open_for_receipts
from talentpool.errors import TamperedError, UsageError
from talentpool.guard import audit
from talentpool.handout_host.asked import Entry
from talentpool.handout_host.record import ENTERED, LARGEST, LEFT, LOOKED, MARKS, is_signed, open_record
from talentpool.model import handout_event, handout_pass, handout_sealed
from talentpool.office import Office
from talentpool.office_day import today_in_office

SLACK = timedelta(minutes=5)
"""By which a host's clock may differ from the office's."""


class Record(BaseModel):
    """What a host says happened. `rows`: how many somebody was shown."""

    id: UUID
    of_pass: Annotated[int, Field(alias="pass", gt=0, lt=2**63)]
    kind: Literal["entered", "looked", "marks", "left"]
    at: AwareDatetime
    rows: Annotated[int, Field(ge=0, le=1000)] = 0
    marks: Annotated[list[Entry], Field(max_length=200)] = []


@dataclass(frozen=True)
class Taken:
    """What came of a record. `known`: it was taken before; `counted`, `faults`: of its marks."""

    kind: str
    known: bool = False
    counted: int = 0
    faults: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Whose:
    """The sign-in as it stands. `until`: when it ended, or ends."""

    event_id: int
    list_id: int
    county: str
    name: str
    made_at: datetime
    until: datetime
    over: datetime
    now: datetime


def take_sealed(office: Office, data: bytes, still: Callable[[Holder], bool]) -> Taken:
    """Take one record. `still`: whether an officer's account is what it was when the code was issued; a station has none.

    Raises:
        UsageError: nothing of it is taken, and why.
        UnavailableError: it cannot be judged now.
    """
    record = _opened(office, data)
    with office.engine.begin() as conn:
        whose = _whose(conn, record)
        if record.at > whose.now + SLACK:
            raise UsageError("登记时间晚于现在，没有登记；请校准独立主机的时钟，再把文件放回收件夹")
        if record.kind == MARKS:
            return _take_marks(office, conn, record, whose, still)
        known = not _note(conn, record, whose, 0, {})
        if not known:
            _happened(conn, record, whose)
        return Taken(record.kind, known)


def _opened(office: Office, data: bytes) -> Record:
    """The record, when somebody sealed it who had a packet of ours."""
    if len(data) > LARGEST:
        raise UsageError("文件过大，不是独立主机封存的登记，没有登记")
    try:
        told, body, mac = open_record(private_key(office.keys), data)
    except TamperedError as error:
        raise UsageError(
            "打不开：不是封存给本单位的，或内容被改动、传输不完整，没有登记；请从独立主机重新取一次"
        ) from error
    number = told.get("pass")
    known = isinstance(number, int) and 0 < number < 2**63
    if not known or not is_signed(mark_key(office.keys, int(str(number))), body, mac):
        raise UsageError("不是用本单位发出的登录码登记的，没有登记")
    try:
        return Record.model_validate(told)
    except ValidationError as error:
        raise UsageError("封存的内容格式不对，没有登记；独立主机的程序版本可能不同") from error


def _whose(conn: sa.Connection, record: Record) -> _Whose:
    of, event = handout_pass.c, handout_event.c
    over = sa.func.least(event.ends_at, sa.func.coalesce(event.ended_at, event.ends_at))
    row = conn.execute(
        sa.select(of.event_id, event.list_id, event.county, of.holder, of.made_at,
                  sa.func.least(over, sa.func.coalesce(of.ended_at, over)), over, sa.func.clock_timestamp())
        .join(handout_event, event.event_id == of.event_id)
        .where(of.pass_id == record.of_pass, of.apart)
    ).one_or_none()  # fmt: skip
    if row is None:
        raise UsageError("登录不在登记中，没有登记")
    return _Whose(*row)


def _take_marks(
    office: Office, conn: sa.Connection, record: Record, whose: _Whose, still: Callable[[Holder], bool]
) -> Taken:
    """At the moment of effect: list, event and sign-in; of the sign-in and the event as they were when it was marked."""
    stored = open_for_receipts(conn, whose.list_id)
    sealed = handout_sealed.c
    if conn.scalar(sa.select(sa.exists().where(sealed.sealed_id == record.id))):
        return Taken(MARKS, known=True)
    whose = _whose(conn, record)  # as they stand now that nobody else changes the list
    if record.at > whose.until:
        raise UsageError("登记时登录已作废，或这次发放已结束，没有登记；确已发放的请逐行更正，并写明理由")
    if record.at < whose.made_at - SLACK:
        raise UsageError("登记时间早于发码时间，没有登记；请校准独立主机的时钟")
    if whose.now > whose.over + LATEST:
        raise UsageError(f"发放结束已超过 {LATEST.days} 天，没有登记；确已发放的请逐行更正，并写明理由")
    holder = holder_where(conn, handout_pass.c.pass_id == record.of_pass)
    if holder is None or (holder.user_id is not None and not still(holder)):
        raise UsageError("领码的专员账号已停用，或职务、密码已变动，没有登记；确已发放的请逐行更正，并写明理由")
    marks = [
        Mark(one.key, one.row, Outcome(one.outcome), one.day, one.signing, one.signer, one.county)
        for one in record.marks
    ]
    sent = judge_marks(conn, stored, holder, marks, today=today_in_office(office.settings))
    faults = dict(Counter(told.code for told in sent.told.values() if not told.counted))
    _note(conn, record, whose, len(marks), faults)
    write_marks(conn, stored, holder, sent, sealed=record.id)
    return Taken(MARKS, counted=sum(told.counted for told in sent.told.values()), faults=faults)


def _note(conn: sa.Connection, record: Record, whose: _Whose, lines: int, faults: dict[str, int]) -> bool:
    """Put the record down; False when it is there already."""
    values = {"sealed_id": record.id, "event_id": whose.event_id, "pass_id": record.of_pass, "kind": record.kind,
              "happened_at": record.at, "lines": lines, "faults": faults}  # fmt: skip
    made = insert(handout_sealed).values(made_at=sa.func.clock_timestamp(), **values).on_conflict_do_nothing()
    return conn.execute(made.returning(handout_sealed.c.sealed_id)).scalar() is not None


def _happened(conn: sa.Connection, record: Record, whose: _Whose) -> None:
    """Signing in, looking and leaving go on record, as in the office; what a revoked sign-in still saw, too."""
    of = handout_pass.c
    mine = of.pass_id == record.of_pass
    details: dict[str, Any] = {"door": "handout host", "event": whose.event_id, "pass": record.of_pass,
                               "at": record.at.isoformat()}  # fmt: skip
    if record.kind == ENTERED:
        conn.execute(handout_pass.update().where(mine, of.used_at.is_(None)).values(used_at=record.at))
    elif record.kind == LEFT:
        later = sa.or_(of.ended_at.is_(None), of.ended_at > record.at)
        conn.execute(handout_pass.update().where(mine, later).values(ended_at=record.at, ended_by=whose.name))
    else:
        details["rows"] = record.rows
    action = {ENTERED: "sign_in", LEFT: "sign_out", LOOKED: "view"}[record.kind]
    audit(conn, action, f"list:{whose.list_id}", actor=whose.name, scope=whose.county, details=details)
