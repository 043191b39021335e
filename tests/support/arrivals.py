"""Deliveries as they stand in the table, on days of a test's choice: what a calendar reads, without anybody in them."""

from __future__ import annotations

from datetime import date, datetime, time

import sqlalchemy as sa

from talentpool.model import delivery
from talentpool.office import Office
from talentpool.office_day import OFFICE_TIME


def arrive(
    office: Office, partner: str, as_of: str, landed: str, state: str = "published", *, effect: str = "live"
) -> int:
    """A delivery of that date that landed at noon of a day; its number."""
    at = datetime.combine(date.fromisoformat(landed), time(12), OFFICE_TIME)
    with office.engine.begin() as conn:
        conn.execute(sa.text("set local session_replication_role = replica"))
        return int(
            conn.execute(
                delivery.insert().returning(delivery.c.delivery_id).values(
                    partner=partner, as_of=date.fromisoformat(as_of), kind="full", sha256=f"{partner}{as_of}{landed}",
                    bytes=1, source_name="x", form="template", state=state, wrapped_key=b"", rules_version=1,
                    declaration_hash="", landed_at=at, published_at=at if state == "published" else None,
                    effect=effect if state == "published" else "none",
                )
            ).scalar_one()
        )  # fmt: skip
