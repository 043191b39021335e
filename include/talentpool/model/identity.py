"""Define the tables of identity: judgements as edges over untouched records, and the persons they make."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from talentpool.model.base import made_at, metadata

edge = sa.Table(
    "edge",
    metadata,
    sa.Column("left_record", UUID, primary_key=True, comment="the smaller record id"),
    sa.Column("right_record", UUID, primary_key=True),
    sa.Column(
        "rule",
        sa.Text,
        primary_key=True,
        comment="scored, borrowed_account, relatives, two_numbers, ambiguous, or 'human'",
    ),
    sa.Column("verdict", sa.Text, nullable=False, comment="same, different, review"),
    sa.Column("score", sa.Float, nullable=False, comment="bits for one person"),
    sa.Column("decided_by", sa.Text, comment="null for a rule"),
    sa.Column("note", sa.Text),
    made_at(),
    sa.Column("split_id", UUID, comment="which split the judgement belongs to; null = a judgement on this pair alone"),
    sa.CheckConstraint("left_record < right_record", name="order"),
    sa.Index(
        "ix_edge_pair",
        sa.text("encode(substr(sha256(uuid_send(left_record) || uuid_send(right_record)), 1, 8), 'hex')"),
    ),
)
sa.Index("ix_edge_right_record", edge.c.right_record)
sa.Index("ix_edge_human", edge.c.made_at, postgresql_where=sa.text("rule = 'human'"))
sa.Index("ix_edge_review", edge.c.score.desc(), postgresql_where=sa.text("verdict = 'review'"))

person = sa.Table(
    "person",
    metadata,
    sa.Column("person_id", UUID, primary_key=True, comment="keyed hash of the founding record"),
    sa.Column("founding_record", UUID, nullable=False),
    sa.Column("founded_on", sa.Date, nullable=False, comment="first_seen of the founding record"),
)

record_person = sa.Table(
    "record_person",
    metadata,
    sa.Column("record_id", UUID, primary_key=True),
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("person_id", UUID, nullable=False, index=True),
    sa.Column(
        "live", sa.Boolean, nullable=False, server_default="true", comment="on a roster when it was last matched"
    ),
)

person_event = sa.Table(
    "person_event",
    metadata,
    sa.Column("event_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("kind", sa.Text, nullable=False, comment="merge, split"),
    sa.Column("person_id", UUID, nullable=False, comment="who goes on"),
    sa.Column("other_id", UUID, nullable=False, comment="merged into or split from person_id"),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("match_run_id", sa.BigInteger),
    made_at(),
)

person_redirect = sa.Table(
    "person_redirect",
    metadata,
    sa.Column("old_id", UUID, primary_key=True),
    sa.Column("new_id", UUID, nullable=False),
)

match_run = sa.Table(
    "match_run",
    metadata,
    sa.Column("match_run_id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("up_to_seq", sa.BigInteger, nullable=False, comment="every change up to here is matched"),
    sa.Column("records", sa.Integer, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),
    sa.Column("pairs", sa.Integer, nullable=False, comment="compared"),
    sa.Column("persons", sa.Integer, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    made_at(),
    sa.Column("weights_version", sa.Integer, nullable=False, server_default="0",
              comment="of match/scoring/weights.yml or match_weights; 0 = the rules before them"),
    sa.Column("prior", sa.Float, nullable=False, server_default="0", comment="bits of a random pair"),
    sa.Column("over_cap", JSONB, nullable=False, server_default="{}",
              comment="kind of key -> blocks too large to make candidates"),
    sa.Column("full_run", sa.Boolean, nullable=False, server_default="false",
              comment="every record was looked at, not only what changed"),
    sa.Column("scores", JSONB, nullable=False, server_default="{}", comment="whole bits (-40..50) -> compared pairs"),
    sa.Column("waiting", sa.Integer, comment="pairs that wait for a person after it; null before this was counted"),
    sa.Column("shared_mobiles", sa.Integer, comment="in more records than a mobile of one person; null = not counted"),
    sa.Column("bare", sa.Integer, comment="records without usable evidence; null = not counted"),
    sa.Column("live_persons", sa.Integer, comment="on a roster after the run; null = to be counted"),
    sa.Column("live_records", sa.Integer, comment="of a person on a roster after the run; null = to be counted"),
    sa.Column("births", sa.LargeBinary, comment="records by roster and typed birth date; of the newest run alone"),
    sa.Column("crowds", JSONB, comment="roster|birth date -> bits that it says less, being borne by many; null = not counted"),
    sa.Column("commons", sa.LargeBinary, comment=(
        "keyed hashes of names, counties, stations and hire dates that two or more share, and how many do, as of the last full"
        " run; of the newest run alone")),
    sa.Column("same_from", sa.Float, comment=(
        "bits from which two records are one person; null before this was found by each full run")),
    sa.Column("matched", sa.Integer, comment="records that have keys after the run; null = to be counted"),
)  # fmt: skip

match_key = sa.Table(
    "match_key",
    metadata,
    sa.Column("record_id", UUID, primary_key=True),
    sa.Column("keys", ARRAY(sa.BigInteger), nullable=False, comment="61 bits of a keyed hash each, and its kind"),
    sa.Column(
        "birth",
        sa.Integer,
        nullable=False,
        server_default="-2147483648",
        comment="typed birth date in days since 1970, the least number for none: what match_run.births counts",
    ),
    comment="what a record may share with another of the same person; made anew from the records when it is empty",
)
sa.Index("ix_match_key_keys", match_key.c["keys"], postgresql_using="gin", postgresql_with={"fastupdate": "off"})

match_weights = sa.Table(
    "match_weights",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False,
              comment="from 1000 on; shipped files count below"),
    sa.Column("weights", JSONB, nullable=False, comment="as match/scoring/weights.yml, the version apart"),
    made_at(),
    sa.Column("made_by", sa.Text, comment="null when nobody was named"),
    sa.Column("note", sa.Text),
    sa.Column("fitted_on", JSONB, nullable=False, server_default="{}",
              comment="how many records, pairs and steps stand behind it, of versions learned by an earlier release; else {}"),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("activated_at", sa.DateTime(timezone=True), comment="the last time"),
    sa.Column("activated_by", sa.Text),
    sa.CheckConstraint("version >= 1000", name="own"),
    comment="weights of the office's own; without an active one those of match/scoring/weights.yml hold",
)  # fmt: skip
sa.Index("ix_match_weights_active", match_weights.c.active, unique=True, postgresql_where=sa.text("active"))

WORTH = "chance * left_size * right_size"
URGENT = "why @> array['two_numbers']"
review_pair = sa.Table(
    "review_pair",
    metadata,
    sa.Column("left_record", UUID, primary_key=True, comment="the smaller record id"),
    sa.Column("right_record", UUID, primary_key=True),
    sa.Column("pair_id", sa.Text, nullable=False, unique=True, comment="16 hex digits of both"),
    sa.Column("left_person", UUID, nullable=False),
    sa.Column("right_person", UUID, nullable=False),
    sa.Column("left_county", sa.Text, comment="null when unknown, or on no roster any more"),
    sa.Column("right_county", sa.Text),
    sa.Column("score", sa.Float, nullable=False, comment="bits for one person"),
    sa.Column("why", ARRAY(sa.Text), nullable=False, comment="the rules that found the pair"),
    sa.Column("chance", sa.Float, nullable=False, comment="that the two are one person, by the evidence"),
    sa.Column("left_size", sa.Integer, nullable=False, comment="records of the person, those known from history alone left out"),
    sa.Column("right_size", sa.Integer, nullable=False),
    sa.Column("worth", sa.Float, sa.Computed(WORTH, persisted=True), nullable=False, comment="what a judgement changes"),
    sa.Column("urgent", sa.Boolean, sa.Computed(URGENT, persisted=True), nullable=False,
              comment="asked first, and before a list with both is locked"),
    sa.Index("ix_review_pair_order", sa.text("urgent desc"), sa.text("worth desc"), sa.text("score desc"), "pair_id"),
    comment="the queue of questions that wait for a person, one a pair of persons; made anew by every matching run around what"
            " it touched",
)  # fmt: skip
