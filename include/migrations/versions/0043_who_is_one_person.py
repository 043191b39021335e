"""Tell one person under several spellings, ask for every approval that a list needs, and leave erased places to nobody."""

from __future__ import annotations

import re
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0045"

BEFORE = Path(__file__).with_name("0037_life_of_lists.sql")
CHANGED = ("list_moves", "row_stays", "step_stays")


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    text = BEFORE.read_text(encoding="utf-8")
    for name in CHANGED:
        (body,) = re.findall(rf"create (function {name}\(\).*?end \$\$;)", text, re.DOTALL)
        run(f"create or replace {body}")
    run("drop function name_of_one(text)")
