"""Define the tables of repair letters: faulty cells of a delivery, what its partner was told, and each try to send it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB

from talentpool.model.base import made_at, metadata

delivery_fault = sa.Table(
    "delivery_fault",
    metadata,
    sa.Column("delivery_id", sa.BigInteger, primary_key=True),
    sa.Column("row_no", sa.Integer, primary_key=True, comment="line of the delivery: 1 = first data row"),
    sa.Column("code", sa.Text, primary_key=True),
    comment="what the partner may be told of its own rows, from the verdict until the landed file expires",
)

letter = sa.Table(
    "letter",
    metadata,
    sa.Column("letter_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("delivery.delivery_id"), nullable=False),
    sa.Column("standing", sa.Text, nullable=False, comment="of the delivery: published, held or rejected"),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("way", sa.Text, nullable=False, comment="sftp, mail or page"),
    sa.Column("recipient_facts", JSONB, nullable=False, comment="unit, role, kind of seal and key print, as they were"),
    sa.Column("legal_basis", sa.Text, nullable=False),
    sa.Column("fields", ARRAY(sa.Text), nullable=False, comment="kinds of personal data, no values"),
    sa.Column("people", sa.Integer, nullable=False, comment="rows that it names"),
    sa.Column("cells", sa.Integer, nullable=False, comment="faults and advice, a line each"),
    sa.Column("left_out", sa.Integer, nullable=False, comment="how many more there are"),
    sa.Column("name", sa.Text, nullable=False, comment="of the file"),
    sa.Column("sha256", sa.Text, nullable=False, comment="of the sealed file"),
    sa.Column("content", BYTEA, comment="as only the partner opens it; emptied when its time is over"),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_on", sa.Date, nullable=False),
    sa.Column("use_until", sa.Date, nullable=False, comment="then the sealed file goes"),
    sa.Column("keep_until", sa.Date, nullable=False, comment="three years on; no row goes before"),
    made_at(),
    sa.UniqueConstraint("delivery_id", "standing"),
    sa.CheckConstraint("standing in ('published','held','rejected')", name="standing"),
    sa.CheckConstraint("way in ('sftp','mail','page')", name="way"),
    sa.CheckConstraint("keep_until >= made_on + interval '3 years'", name="three_years"),
    comment="provisions of a partner's own data back to it; a trigger keeps them for three years and unchanged",
)

letter_sending = sa.Table(
    "letter_sending",
    metadata,
    sa.Column("sending_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("delivery.delivery_id"), nullable=False, index=True),
    sa.Column("letter_id", sa.BigInteger, sa.ForeignKey("letter.letter_id"), comment="null: it could not even be made"),
    sa.Column("way", sa.Text, nullable=False, comment="sftp, mail, page (taken out by an officer) or hand"),
    sa.Column("sent_by", sa.Text, nullable=False, comment="an officer, or the DAG"),
    sa.Column("sent", sa.Boolean, nullable=False, comment="whether the other side took it"),
    sa.Column("fault", sa.Text, nullable=False, server_default="", comment="why not: a kind of error, no address"),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    sa.CheckConstraint("way in ('sftp','mail','page','hand')", name="way"),
    comment="each try to send a letter, only appended to",
)
