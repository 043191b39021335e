"""Store match keys in a table, so that a month's matching reads only what changed; count evidence in bits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

NO_LONGER_READ = (
    ("name_id_key", "match key: name + document number"), ("name_mobile_key", None), ("name_mobile2_key", None),
    ("name_birth_county_key", "rare names only"),
)  # fmt: skip

PAIR_INDEX = """
create index ix_edge_pair on edge
    (encode(substr(sha256(uuid_send(left_record) || uuid_send(right_record)), 1, 8), 'hex'))
"""

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "match_key",
        sa.Column("record_id", postgresql.UUID(), nullable=False),
        sa.Column("keys", postgresql.ARRAY(sa.BigInteger()), nullable=False, comment="61 bits of a keyed hash each, and its kind"),
        sa.PrimaryKeyConstraint("record_id", name="pk_match_key"),
        comment="what a record may share with another of the same person; made anew from the records when it is empty",
    )
    op.create_index("ix_match_key_keys", "match_key", ["keys"], postgresql_using="gin", postgresql_with={"fastupdate": "off"})
    op.create_index("ix_edge_review", "edge", [sa.text("score desc")], postgresql_where=sa.text("verdict = 'review'"))
    op.execute(sa.text(PAIR_INDEX))
    op.add_column("match_run", sa.Column("weights_version", sa.Integer(), nullable=False, server_default="0", comment="of match/weights.yml; 0 = the rules before it"))
    op.add_column("match_run", sa.Column("prior", sa.Float(), nullable=False, server_default="0", comment="bits of a random pair"))
    op.add_column("match_run", sa.Column("over_cap", postgresql.JSONB(), nullable=False, server_default="{}", comment="kind of key -> blocks too large to make candidates"))
    for table in ("source_record", "source_record_history"):
        for name, _ in NO_LONGER_READ:
            op.drop_column(table, name)
    # the rules' edges were scored otherwise: the next run finds them anew
    op.execute(sa.text("delete from edge where rule <> 'human'"))


def downgrade() -> None:
    # The rules' keys of the records there are do not come back: to go back for good, restore the backup taken before.
    for table in ("source_record", "source_record_history"):
        for name, comment in NO_LONGER_READ:
            op.add_column(table, sa.Column(name, postgresql.UUID(), comment=comment))
    for name in ("over_cap", "prior", "weights_version"):
        op.drop_column("match_run", name)
    op.drop_table("match_key")
    op.drop_index("ix_edge_pair", "edge")
    op.drop_index("ix_edge_review", "edge")
    op.execute(sa.text("delete from edge where rule <> 'human'"))
