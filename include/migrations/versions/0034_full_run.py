"""Call a run that looks at every record a full run, and what people say of pairs judgements; name the file of weights."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

COLUMNS = (
    ("edge", "split_id", "which taking apart of a person said it; null = a word on this pair alone",
     "which split the judgement belongs to; null = a judgement on this pair alone"),
    ("match_run", "weights_version", "of match/weights.yml or match_weights; 0 = the rules before them",
     "of match/scoring/weights.yml or match_weights; 0 = the rules before them"),
    ("match_weights", "weights", "as match/weights.yml, the version apart", "as match/scoring/weights.yml, the version apart"),
)  # fmt: skip
TABLE = (
    "weights of the office's own; without an active one those of match/weights.yml hold",
    "weights of the office's own; without an active one those of match/scoring/weights.yml hold",
)


def _comment(at: int) -> None:
    for table, column, *texts in COLUMNS:
        op.execute(sa.text(f"comment on column {table}.{column} is '{texts[at]}'"))
    text = TABLE[at].replace("'", "''")
    op.execute(sa.text(f"comment on table match_weights is '{text}'"))


def upgrade() -> None:
    op.alter_column("match_run", "whole", new_column_name="full_run")
    _comment(1)


def downgrade() -> None:
    _comment(0)
    op.alter_column("match_run", "full_run", new_column_name="whole")
