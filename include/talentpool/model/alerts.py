"""Define the tables of alerts: what was noticed, what was sent of it, and who has taken note."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from talentpool.model.base import made_at, metadata

alert = sa.Table(
    "alert",
    metadata,
    sa.Column("alert_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("dedup_key", sa.Text, nullable=False, comment="one matter, whoever notices it and however often"),
    sa.Column("kind", sa.Text, nullable=False, comment="see services/alarm/kinds.py"),
    sa.Column("severity", sa.Text, nullable=False, comment="urgent, warning or note"),
    sa.Column(
        "subject", sa.Text, nullable=False, comment="a partner, a DAG, a delivery's number, an account of an officer"
    ),
    sa.Column("message", sa.Text, nullable=False, comment="what happened and what to do; no value of a person"),
    sa.Column("path", sa.Text, nullable=False, comment="of the page where it is dealt with"),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    sa.CheckConstraint("severity in ('urgent','warning','note')", name="severity"),
    sa.Index("ix_alert_dedup_key", "dedup_key", "alert_id"),
    comment="each time that something was noticed; the rows of one dedup_key are one alert, seen so many times",
)

alert_word = sa.Table(
    "alert_word",
    metadata,
    sa.Column("word_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("dedup_key", sa.Text, nullable=False, index=True),
    sa.Column("said_by", sa.Text, nullable=False),
    sa.Column(
        "note", sa.Text, nullable=False, server_default="", comment="what is done about it; no number of a person"
    ),
    made_at(),
    comment="who has taken note of an alert: it is escalated no more",
)

alert_sending = sa.Table(
    "alert_sending",
    metadata,
    sa.Column("sending_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("what", sa.Text, nullable=False, comment="first, escalated or digest"),
    sa.Column(
        "channel", sa.Text, nullable=False, comment="mail, or hook/ and the service; -second: to the second address"
    ),
    sa.Column("day", sa.Date, nullable=False, comment="the office's day; a digest has one a day"),
    sa.Column("keys", ARRAY(sa.Text), nullable=False, comment="the alerts that it spoke of"),
    sa.Column("sent", sa.Boolean, nullable=False, comment="whether the other side took it"),
    sa.Column("fault", sa.Text, nullable=False, server_default="", comment="why not: a kind of error, no address"),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    sa.CheckConstraint("what in ('first','escalated','digest')", name="what"),
    sa.Index("ix_alert_sending_what", "what", "channel", "day"),
    comment="each try to send alerts: what was sent, and what could not be",
)
