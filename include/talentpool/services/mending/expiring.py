"""Delete rows that were set aside once the partner's declared days are over."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from talentpool.acquire import load_partner
from talentpool.declare.partner import Retention
from talentpool.errors import DeclarationError
from talentpool.guard import audit
from talentpool.locks import GLOBAL_LOCK, hold
from talentpool.model import delivery, quarantine, record_salt
from talentpool.office import Office

ACTOR = "talentpool"


def expire_quarantine(office: Office, today: date) -> int:
    """Delete what is kept of rows whose roster's date lies more than `quarantine_days` back, salts included; how many rows.

    A partner whose declaration is gone has the days that nobody declared. Doing it again finds nothing. What was remembered
    for a row goes on: it has a salt of its own. Each partner's number of rows is in the audit log.
    """
    aside = quarantine
    with office.engine.connect() as conn:
        partners = conn.scalars(
            sa.select(delivery.c.partner).join(aside, aside.c.delivery_id == delivery.c.delivery_id).distinct()
        ).all()
    return sum(_of_partner(office, partner, today) for partner in sorted(partners))


def _of_partner(office: Office, partner: str, today: date) -> int:
    aside, salt = quarantine, record_salt
    last = today - timedelta(days=_days(office, partner))
    old = sa.select(delivery.c.delivery_id).where(delivery.c.partner == partner, delivery.c.as_of < last)
    with office.engine.begin() as conn:
        hold(conn, GLOBAL_LOCK)
        rows = conn.execute(
            aside.delete()
            .where(aside.c.delivery_id.in_(old))
            .returning(aside.c.delivery_id, aside.c.record_id, aside.c.row_no)
        ).all()
        places = sorted({(row.delivery_id, row.record_id, row.row_no) for row in rows if row.record_id is not None})
        for start in range(0, len(places), 5_000):
            which = sa.tuple_(salt.c.delivery_id, salt.c.record_id, salt.c.row_no).in_(places[start : start + 5_000])
            conn.execute(salt.delete().where(which))
        gone = len({(row.delivery_id, row.row_no) for row in rows})
        if gone:
            audit(
                conn, "erasure", f"partner:{partner}", actor=ACTOR, reason="quarantine_days", scope=office.settings.area,
                details={"set_aside_rows": gone, "before": last.isoformat()},
            )  # fmt: skip
    return gone


def _days(office: Office, partner: str) -> int:
    try:
        return load_partner(office.settings.partner_dirs, partner).retention.quarantine_days
    except DeclarationError:
        return Retention().quarantine_days
