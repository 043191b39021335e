"""Keep alerts in tables: each sighting, each try to send it, and who has taken note. Only ever appended."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0051"
down_revision = "0046"

TABLES = ("alert", "alert_word", "alert_sending")


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    at = sa.text("clock_timestamp()")
    op.create_table(
        "alert",
        sa.Column("alert_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("dedup_key", sa.Text(), nullable=False, comment="one matter, whoever notices it and however often"),
        sa.Column("kind", sa.Text(), nullable=False, comment="see services/alarm/kinds.py"),
        sa.Column("severity", sa.Text(), nullable=False, comment="urgent, warning or note"),
        sa.Column("subject", sa.Text(), nullable=False,
                  comment="a partner, a DAG, a delivery's number, an account of an officer"),
        sa.Column("message", sa.Text(), nullable=False, comment="what happened and what to do; no value of a person"),
        sa.Column("path", sa.Text(), nullable=False, comment="of the page where it is dealt with"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=at),
        sa.CheckConstraint("severity in ('urgent','warning','note')", name=op.f("ck_alert_severity")),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alert")),
        comment="each time that something was noticed; the rows of one dedup_key are one alert, seen so many times",
    )  # fmt: skip
    op.create_index("ix_alert_dedup_key", "alert", ["dedup_key", "alert_id"])
    op.create_table(
        "alert_word",
        sa.Column("word_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False, server_default="",
                  comment="what is done about it; no number of a person"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("word_id", name=op.f("pk_alert_word")),
        comment="who has taken note of an alert: it is escalated no more",
    )  # fmt: skip
    op.create_index(op.f("ix_alert_word_dedup_key"), "alert_word", ["dedup_key"])
    op.create_table(
        "alert_sending",
        sa.Column("sending_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False, comment="first, escalated or digest"),
        sa.Column("channel", sa.Text(), nullable=False,
                  comment="mail, or hook/ and the service; -second: to the second address"),
        sa.Column("day", sa.Date(), nullable=False, comment="the office's day; a digest has one a day"),
        sa.Column("keys", ARRAY(sa.Text()), nullable=False, comment="the alerts that it spoke of"),
        sa.Column("sent", sa.Boolean(), nullable=False, comment="whether the other side took it"),
        sa.Column("fault", sa.Text(), nullable=False, server_default="", comment="why not: a kind of error, no address"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=at),
        sa.CheckConstraint("what in ('first','escalated','digest')", name=op.f("ck_alert_sending_what")),
        sa.PrimaryKeyConstraint("sending_id", name=op.f("pk_alert_sending")),
        comment="each try to send alerts: what was sent, and what could not be",
    )  # fmt: skip
    op.create_index("ix_alert_sending_what", "alert_sending", ["what", "channel", "day"])
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    run("drop function alert_stays")
