"""Keep how common values are, and from how many bits a run unites; weights of the comparisons there were are put aside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.add_column("match_run", sa.Column("commons", sa.LargeBinary, comment=(
        "keyed hashes of names, counties, stations and hire dates that two or more share, and how many do, as of the last full"
        " run; of the newest run alone")))  # fmt: skip
    op.add_column("match_run", sa.Column("same_from", sa.Float, comment=(
        "bits from which two records are one person; null before this was found by each full run")))  # fmt: skip
    op.alter_column("review_pair", "doubt", new_column_name="chance", comment="that the two are one person, by the evidence",
                    existing_comment="1 = nobody knows, 0 = the score is sure")  # fmt: skip
    # they speak of other comparisons, and were learned without the rarity that the pool shows: the shipped ones hold
    op.execute(sa.text("update match_weights set active = false where active"))
    text = "how many records, pairs and steps stand behind it, of versions learned by an earlier release; else {}"
    op.execute(sa.text(f"comment on column match_weights.fitted_on is '{text}'"))


def downgrade() -> None:
    op.alter_column("review_pair", "chance", new_column_name="doubt", comment="1 = nobody knows, 0 = the score is sure",
                    existing_comment="that the two are one person, by the evidence")  # fmt: skip
    op.execute(sa.text("comment on column match_weights.fitted_on is"
                       " 'how many records, pairs and steps stand behind it; {} = from a file'"))  # fmt: skip
    op.drop_column("match_run", "same_from")
    op.drop_column("match_run", "commons")
