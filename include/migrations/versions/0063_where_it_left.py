"""Let an erased row that was handed out keep its station: else a parcel that left the station is there again."""

from __future__ import annotations

import re
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"

BEFORE = Path(__file__).with_name("0043_who_is_one_person.sql")


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    (body,) = re.findall(r"create or replace function row_stays\(\).*?end \$\$;", BEFORE.read_text(encoding="utf-8"), re.DOTALL)
    run(body)
