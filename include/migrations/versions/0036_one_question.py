"""Ask one question a pair of persons, and first those without which no list is locked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"

RULES = "scored, borrowed_account, relatives, {}ambiguous, or 'human'"
QUEUE = "the queue of pairs that wait for a person; made anew by every matching run around what it touched"
QUESTIONS = "the queue of questions that wait for a person, one a pair of persons; made anew by every matching run around what it touched"
ORDER = [sa.text("worth desc"), sa.text("score desc"), "pair_id"]


def upgrade() -> None:
    op.drop_index("ix_review_pair_order", "review_pair")
    urgent = sa.Computed("why @> array['two_numbers']", persisted=True)
    op.add_column("review_pair", sa.Column("urgent", sa.Boolean, urgent, nullable=False,
                                           comment="asked first, and before a list with both is locked"))  # fmt: skip
    op.create_index("ix_review_pair_order", "review_pair", [sa.text("urgent desc"), *ORDER])
    op.execute(sa.text("grant select (urgent) on review_pair to talentpool_reader"))
    op.create_table_comment("review_pair", QUESTIONS, existing_comment=QUEUE)
    op.alter_column("edge", "rule", comment=RULES.format("two_numbers, "), existing_comment=RULES.format(""))
    # the next run looks at every record: it finds the pairs of two numbers, and leaves one question a pair of persons
    op.execute(sa.text("update match_run set weights_version = 0"
                       " where match_run_id = (select max(match_run_id) from match_run)"))  # fmt: skip


def downgrade() -> None:
    op.alter_column("edge", "rule", comment=RULES.format(""), existing_comment=RULES.format("two_numbers, "))
    op.create_table_comment("review_pair", QUEUE, existing_comment=QUESTIONS)
    op.drop_index("ix_review_pair_order", "review_pair")
    op.drop_column("review_pair", "urgent")
    op.create_index("ix_review_pair_order", "review_pair", ORDER)
    op.execute(sa.text("delete from edge where rule = 'two_numbers'"))
    op.execute(sa.text("update match_run set weights_version = 0"
                       " where match_run_id = (select max(match_run_id) from match_run)"))  # fmt: skip
