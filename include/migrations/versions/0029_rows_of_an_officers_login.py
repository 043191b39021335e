"""Limit how many log rows an officer's login writes in a day, chained rows included."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
WAITING = "if (select count(*) from audit_waiting w where w.login = session_user) >= 1000 then"
OF_THE_DAY = """if (select count(*) from audit_waiting w where w.login = session_user)
            + (select count(*) from audit_log l where l.login = session_user and l.at > clock_timestamp() - interval '1 day')
            >= 1000 then"""
"""More waited than were refused as soon as somebody had chained what waited. What is by day is found by ix_audit_log_at."""


def _write() -> str:
    """The function as 0027 made it."""
    made = (Path(__file__).parent / "0027_audit_by_function.sql").read_text(encoding="utf-8")
    start = made.index("create function audit_write")
    return made[start : made.index("end $$;", start) + len("end $$")].replace("create function", "create or replace function")


def upgrade() -> None:
    assert WAITING in _write()
    op.execute(sa.text(_write().replace(WAITING, OF_THE_DAY).replace(":", "\\:")))


def downgrade() -> None:
    op.execute(sa.text(_write().replace(":", "\\:")))
