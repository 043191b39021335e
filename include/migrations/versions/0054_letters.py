"""Keep what of a delivery is told to its partner, the letters that were made of it, and each try to send one."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB

revision = "0054"
down_revision = "0057"

TABLES = ("delivery_fault", "letter", "letter_sending")


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    op.create_table(
        "delivery_fault",
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False, comment="line of the delivery: 1 = first data row"),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "row_no", "code", name=op.f("pk_delivery_fault")),
        comment="what the partner may be told of its own rows, from the verdict until the landed file expires",
    )
    op.create_table(
        "letter",
        sa.Column("letter_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False, comment="of the delivery: published, held or rejected"),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False, comment="sftp, mail or page"),
        sa.Column("recipient_facts", JSONB(), nullable=False,
                  comment="unit, role, kind of seal and key print, as they were"),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("fields", ARRAY(sa.Text()), nullable=False, comment="kinds of personal data, no values"),
        sa.Column("people", sa.Integer(), nullable=False, comment="rows that it names"),
        sa.Column("cells", sa.Integer(), nullable=False, comment="faults and advice, a line each"),
        sa.Column("left_out", sa.Integer(), nullable=False, comment="how many more there are"),
        sa.Column("name", sa.Text(), nullable=False, comment="of the file"),
        sa.Column("sha256", sa.Text(), nullable=False, comment="of the sealed file"),
        sa.Column("content", BYTEA(), comment="as only the partner opens it; emptied when its time is over"),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("use_until", sa.Date(), nullable=False, comment="then the sealed file goes"),
        sa.Column("keep_until", sa.Date(), nullable=False, comment="three years on; no row goes before"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_letter")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.delivery_id"],
                                name=op.f("fk_letter_delivery_id_delivery")),
        sa.UniqueConstraint("delivery_id", "standing", name=op.f("uq_letter_delivery_id_standing")),
        sa.CheckConstraint("standing in ('published','held','rejected')", name=op.f("ck_letter_standing")),
        sa.CheckConstraint("way in ('sftp','mail','page')", name=op.f("ck_letter_way")),
        sa.CheckConstraint("keep_until >= made_on + interval '3 years'", name=op.f("ck_letter_three_years")),
        comment="provisions of a partner's own data back to it; a trigger keeps them for three years and unchanged",
    )  # fmt: skip
    op.create_table(
        "letter_sending",
        sa.Column("sending_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("letter_id", sa.BigInteger(), comment="null: it could not even be made"),
        sa.Column("way", sa.Text(), nullable=False, comment="sftp, mail, page (taken out by an officer) or hand"),
        sa.Column("sent_by", sa.Text(), nullable=False, comment="an officer, or the DAG"),
        sa.Column("sent", sa.Boolean(), nullable=False, comment="whether the other side took it"),
        sa.Column("fault", sa.Text(), nullable=False, server_default="", comment="why not: a kind of error, no address"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.PrimaryKeyConstraint("sending_id", name=op.f("pk_letter_sending")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.delivery_id"],
                                name=op.f("fk_letter_sending_delivery_id_delivery")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.letter_id"], name=op.f("fk_letter_sending_letter_id_letter")),
        sa.CheckConstraint("way in ('sftp','mail','page','hand')", name=op.f("ck_letter_sending_way")),
        comment="each try to send a letter, only appended to",
    )  # fmt: skip
    op.create_index(op.f("ix_letter_sending_delivery_id"), "letter_sending", ["delivery_id"])
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    run("drop function letter_stays")
    run("drop function letter_sending_stays")
