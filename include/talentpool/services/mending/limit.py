"""Let a county's officer hear only so often that a value fits somebody who withdrew: else names and numbers could be tried."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import sqlalchemy as sa

from talentpool.errors import UsageError
from talentpool.guard import audit
from talentpool.locks import held, trial_lock
from talentpool.model import audit_log
from talentpool.office import Office
from talentpool.office_day import office_midnight, today_in_office
from talentpool.services.alarm.kinds import Alarm
from talentpool.services.alarm.raising import raise_alert
from talentpool.services.mending.act import Act
from talentpool.texts.redact import redact

FITS_A_DAY = 3
"""So many corrections of a county's officer a day are refused with "ask the city"; then all are, whatever they say."""
USED_UP = (
    f"没有更正：今天已有 {FITS_A_DAY} 次更正须由市级专员核实，当天不再接受您的更正；已通知市级，急需的请市级专员代办"
)


@contextmanager
def trying(office: Office, act: Act) -> Iterator[None]:
    """One trial of a county's officer at a time; UsageError, before anything is tried, when the day's are used up."""
    if act.counties is None:
        yield
        return
    with held(office.engine, trial_lock(act.by)):
        with office.engine.connect() as conn:
            if _fits(conn, act) >= FITS_A_DAY:
                raise UsageError(USED_UP)
        yield


def count_one(office: Office, record: UUID, field: str, act: Act) -> None:
    """Put down that a value fitted somebody; with the day's last the city is told, by county and not by name."""
    with office.engine.begin() as conn:
        if _fits(conn, act) + 1 == FITS_A_DAY:
            where = "、".join(act.counties or ())
            said = f"{where} 的专员今天有 {FITS_A_DAY} 次更正后的内容与已撤回授权的人相符，当天已停止其更正；请查看审计日志并核实"
            raise_alert(conn, Alarm("mending_limited", where, said, day=today_in_office(office.settings)))
        details = {"field": field, "refused": "withdrawn"}
        audit(conn, "refused", f"record:{record}", actor=act.by, reason=redact(act.reason.strip()),
              scope=office.settings.area, details=details)  # fmt: skip


def _fits(conn: sa.Connection, act: Act) -> int:
    log = audit_log.c
    mine = (log.actor == act.by, log.action == "refused", log.at >= office_midnight())
    query = sa.select(sa.func.count()).select_from(audit_log).where(*mine, log.details["refused"].astext == "withdrawn")
    return conn.scalar(query) or 0
