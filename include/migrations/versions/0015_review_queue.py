"""Store the ordered queue of pairs that wait for a person; index judgements by time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"

WHOLE, MINE = "(select scope_whole())", "any((select scope_counties())::text[])"
# a pair across two counties is the city's to judge
RULE = f"{WHOLE} or (left_county = {MINE} and right_county = {MINE})"
WORTH = "doubt * left_size * right_size"


READ = "left_record, right_record, pair_id, left_county, right_county, score, why, worth"


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    op.create_table(
        "review_pair",
        sa.Column("left_record", postgresql.UUID(), nullable=False, comment="the smaller record id"),
        sa.Column("right_record", postgresql.UUID(), nullable=False),
        sa.Column("pair_id", sa.Text(), nullable=False, comment="16 hex digits of both"),
        sa.Column("left_person", postgresql.UUID(), nullable=False),
        sa.Column("right_person", postgresql.UUID(), nullable=False),
        sa.Column("left_county", sa.Text(), comment="null when unknown, or on no roster any more"),
        sa.Column("right_county", sa.Text()),
        sa.Column("score", sa.Float(), nullable=False, comment="bits for one person"),
        sa.Column("why", postgresql.ARRAY(sa.Text()), nullable=False, comment="the rules that found the pair"),
        sa.Column("doubt", sa.Float(), nullable=False, comment="1 = nobody knows, 0 = the score is sure"),
        sa.Column("left_size", sa.Integer(), nullable=False, comment="records of the person, those known from history alone left out"),
        sa.Column("right_size", sa.Integer(), nullable=False),
        sa.Column("worth", sa.Float(), sa.Computed(WORTH, persisted=True), nullable=False, comment="what a judgement changes"),
        sa.PrimaryKeyConstraint("left_record", "right_record", name="pk_review_pair"),
        sa.UniqueConstraint("pair_id", name="uq_review_pair_pair_id"),
        comment="the queue of pairs that wait for a person; made anew by every matching run around what it touched",
    )
    op.create_index("ix_review_pair_order", "review_pair", [sa.text("worth desc"), sa.text("score desc"), "pair_id"])
    run("alter table review_pair enable row level security")
    run("alter table review_pair force row level security")
    run("create policy pipeline on review_pair to talentpool_pipeline using (true) with check (true)")
    run(f"create policy reader on review_pair for select to talentpool_reader using ({RULE})")
    # how many records a person has says where else somebody works
    run(f"grant select ({READ}) on review_pair to talentpool_reader")
    op.create_index("ix_edge_human", "edge", ["made_at"], postgresql_where=sa.text("rule = 'human'"))
    # the pairs there are come into the queue with the next run, which looks at every record
    run("update match_run set weights_version = 0 where match_run_id = (select max(match_run_id) from match_run)")


def downgrade() -> None:
    op.drop_index("ix_edge_human", "edge")
    op.drop_table("review_pair")
