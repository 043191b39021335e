"""Hold by today's ids that nobody is served twice: records of two people may have been put together, or parted, since a list was
drawn."""

from __future__ import annotations

import re
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"

BEFORE = Path(__file__).with_name("0049_follow_ups.sql")
CHANGED = ("follow_fits", "received_once")


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    op.create_index("ix_target_row_record", "target_row", ["record_id"], postgresql_where=sa.text("selected"))
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    text = BEFORE.read_text(encoding="utf-8")
    for name in CHANGED:
        (body,) = re.findall(rf"create (function {name}\(\).*?end \$\$;)", text, re.DOTALL)
        run(f"create or replace {body}")
    run("drop function person_today(uuid, uuid)")
    op.drop_index("ix_target_row_record", "target_row")
