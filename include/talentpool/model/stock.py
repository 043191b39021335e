"""Define the table of the stock ledger. Views beside it (migration 0047): stock_handed, stock_account."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.model.base import made_at, metadata

_PLACE = "(city|county:[0-9]{6}|station:[^:]+:[0-9]{6}:.+)"
_COUNTY = "case when {0} like 'county:%' then substr({0}, 8) when {0} like 'station:%' then split_part({0}, ':', 3) end"

stock_move = sa.Table(
    "stock_move",
    metadata,
    sa.Column("move_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("campaign", sa.Text, nullable=False),
    sa.Column("cycle", sa.Text, nullable=False, comment="one round of the campaign, e.g. 2026"),
    sa.Column("kind", sa.Text, nullable=False, comment="bought, donated, allocated, returned, damaged or correction"),
    sa.Column("from_account", sa.Text, nullable=False, comment="see campaigns/ledger/accounts.py"),
    sa.Column("to_account", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False, comment="how many went from the one to the other"),
    sa.Column("donor", sa.Text, nullable=False, server_default="", comment="a company or an office"),
    sa.Column(
        "note",
        sa.Text,
        nullable=False,
        server_default="",
        comment="contract, delivery note, reason; nothing of a person",
    ),
    sa.Column(
        "corrects",
        sa.BigInteger,
        sa.ForeignKey("stock_move.move_id"),
        index=True,
        comment="the entry that it turns back, or a part of it",
    ),
    sa.Column("made_by", sa.Text, nullable=False),
    made_at(),
    sa.Column("from_county", sa.Text, sa.Computed(_COUNTY.format("from_account"), persisted=True)),
    sa.Column("to_county", sa.Text, sa.Computed(_COUNTY.format("to_account"), persisted=True)),
    sa.Index("ix_stock_move_round", "campaign", "cycle"),
    sa.CheckConstraint("kind in ('bought','donated','allocated','returned','damaged','correction')", name="kind"),
    sa.CheckConstraint("number between 1 and 10000000", name="number"),
    sa.CheckConstraint(
        f"from_account ~ '^({_PLACE}|bought|donated|returned|damaged)$'"
        f" and to_account ~ '^({_PLACE}|bought|donated|returned|damaged)$' and from_account <> to_account",
        name="accounts",
    ),
    sa.CheckConstraint("(kind = 'donated') = (donor <> '')", name="donor"),
    sa.CheckConstraint("(kind = 'correction') = (corrects is not null)", name="corrects"),
    sa.CheckConstraint("kind not in ('damaged','correction') or note <> ''", name="why"),
    comment="the ledger of what a round has to hand out; what was handed out stands in the receipts alone",
)
