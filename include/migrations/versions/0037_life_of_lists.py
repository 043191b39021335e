"""Hold the life of a list: its states in order, the approvals that it needs, and a locked list as it is."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"

WHOLE, MINE = "(select scope_whole())", "any((select scope_counties())::text[])"
ON_IT = "exists (select from target_row t where t.list_id = {}.list_id)"
RULES = {
    "list_step": f"{WHOLE} or county = {MINE} or (county is null and {ON_IT.format('list_step')})",
    "list_decision": f"{WHOLE} or county = {MINE} or (county is null and {ON_IT.format('list_decision')})",
    "deputy": WHOLE,
    "cancelled_round": "true",
}
FROZEN = "state in ('locked','released','receipts_open','closed')"
FUNCTIONS = ("list_moves", "list_stays", "rows_stay", "row_stays", "step_stays", "list_decision_stays")


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    op.add_column(
        "target_list",
        sa.Column("supplement", sa.Integer(), nullable=False, server_default="0",
                  comment="0 = the round's list; 1.. = late names"),
    )  # fmt: skip
    op.alter_column("target_list", "state", comment="see campaigns/life/states.py; a trigger holds the order",
                    existing_comment="draft, locked or void")  # fmt: skip
    op.create_check_constraint(
        op.f("ck_target_list_state"), "target_list",
        "state in ('draft','county_approved','city_approved','locked','released','receipts_open','closed','cancelled','void')",
    )  # fmt: skip
    op.drop_index("uq_target_list_locked", table_name="target_list")
    op.create_index("uq_target_list_locked", "target_list", ["campaign", "cycle", "supplement"], unique=True,
                    postgresql_where=sa.text(FROZEN))  # fmt: skip
    _tables()
    _carry_over()
    op.drop_table("list_approval")
    for table, rule in RULES.items():
        run(f"alter table {table} enable row level security")
        run(f"alter table {table} force row level security")
        run(f"create policy pipeline on {table} to talentpool_pipeline using (true) with check (true)")
        run(f"create policy reader on {table} for select to talentpool_reader using ({rule})")
        run(f"grant select on {table} to talentpool_reader")
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def _tables() -> None:
    made_at = ("made_at", sa.DateTime(timezone=True))
    op.create_table(
        "list_step",
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="counties first, then the city"),
        sa.Column("role", sa.Text(), nullable=False, comment="county_officer, city_officer or city_approver"),
        sa.Column("county", sa.Text(), comment="whose share; null = the whole list"),
        sa.Column("people", sa.Integer(), nullable=False, comment="how many are on that share"),
        sa.Column("share_hash", sa.Text(), nullable=False, comment="over the share's rows: what an approval covers"),
        sa.Column("approved_by", sa.Text(), comment="null while it is missing"),
        sa.Column("approved_as", sa.Text(), comment="the role that entitled, or the deputy's word for whom"),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["list_id"], ["target_list.list_id"], name=op.f("fk_list_step_list_id_target_list")),
        sa.PrimaryKeyConstraint("list_id", "number", name=op.f("pk_list_step")),
        comment="the approvals that a list needs; triggers keep drafters out and a locked list's as they are",
    )
    op.create_table(
        "list_decision",
        sa.Column("decision_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=False, comment="a draft of then may be gone"),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("county", sa.Text(), comment="whose share; null = the whole list"),
        sa.Column("decision", sa.Text(), nullable=False,
                  comment="approve, return, set_apart, cancel, resume, lock, release, close"),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False, comment="which entitled"),
        sa.Column("comment", sa.Text(), nullable=False, server_default=""),
        sa.Column("share_hash", sa.Text(), nullable=False, comment="of what was looked at"),
        sa.Column(*made_at, nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_list_decision")),
        comment="who said what of which list, in order; only ever appended",
    )  # fmt: skip
    op.create_index(op.f("ix_list_decision_list_id"), "list_decision", ["list_id"])
    op.create_index("ix_list_decision_round", "list_decision", ["campaign", "cycle"])
    op.create_table(
        "deputy",
        sa.Column("deputy_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False, comment="whose approvals: city_approver, county_officer_<code>"),
        sa.Column("name", sa.Text(), nullable=False, comment="who stands in"),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("named_by", sa.Text(), nullable=False),
        sa.Column("ended_by", sa.Text(), comment="who took it back"),
        sa.Column(*made_at, nullable=False, server_default=sa.text("now()")),
        sa.CheckConstraint("until_day >= from_day", name=op.f("ck_deputy_days")),
        sa.PrimaryKeyConstraint("deputy_id", name=op.f("pk_deputy")),
        comment="who approves lists in somebody's place, and until when",
    )
    op.create_table(
        "cancelled_round",
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("cancelled_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(*made_at, nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("campaign", "cycle", name=op.f("pk_cancelled_round")),
        comment="rounds that do not take place",
    )


def _carry_over() -> None:
    """Who approved before stays on record. A draft's approvals were heads, without a role: they are asked for again."""
    run(
        "insert into list_decision (list_id, campaign, cycle, decision, decided_by, role, share_hash, made_at)"
        " select a.list_id, l.campaign, l.cycle, 'approve', a.approved_by, 'unknown', l.content_hash, a.made_at"
        " from list_approval a join target_list l using (list_id) order by a.made_at, a.list_id"
    )
    run(
        "insert into list_step (list_id, number, role, people, share_hash)"
        " select l.list_id, n.number, n.role, l.selected, l.content_hash from target_list l,"
        " jsonb_array_elements_text(l.passport->'approvals_needed') with ordinality n(role, number)"
        " where l.state = 'draft'"
    )


def downgrade() -> None:
    op.create_table(
        "list_approval",
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.ForeignKeyConstraint(["list_id"], ["target_list.list_id"], name=op.f("fk_list_approval_list_id_target_list")),
        sa.PrimaryKeyConstraint("list_id", "approved_by", name=op.f("pk_list_approval")),
    )
    run("alter table list_approval enable row level security")
    run("alter table list_approval force row level security")
    run("create policy pipeline on list_approval to talentpool_pipeline using (true) with check (true)")
    run(f"create policy reader on list_approval for select to talentpool_reader using ({WHOLE})")
    run("grant select on list_approval to talentpool_reader")
    for trigger, table in (("list_moves", "target_list"), ("list_stays", "target_list"), ("rows_stay", "target_row"),
                           ("rows_go", "target_row"), ("row_stays", "target_row")):  # fmt: skip
        run(f"drop trigger {trigger} on {table}")
    run(
        "insert into list_approval (list_id, approved_by, made_at)"
        " select d.list_id, d.decided_by, min(d.made_at) from list_decision d join target_list l using (list_id)"
        " where d.decision = 'approve' group by d.list_id, d.decided_by"
    )
    for table in RULES:
        op.drop_table(table)
    for function in FUNCTIONS:
        run(f"drop function {function}")
    op.drop_index("uq_target_list_locked", table_name="target_list")
    op.drop_constraint(op.f("ck_target_list_state"), "target_list")
    run("update target_list set state = 'locked' where state in ('released','receipts_open','closed')")
    run("update target_list set state = 'draft' where state in ('county_approved','city_approved')")
    run("update target_list set state = 'void' where state = 'cancelled' or supplement > 0")
    op.create_index("uq_target_list_locked", "target_list", ["campaign", "cycle"], unique=True,
                    postgresql_where=sa.text("state = 'locked'"))  # fmt: skip
    op.alter_column("target_list", "state", comment="draft, locked or void",
                    existing_comment="see campaigns/life/states.py; a trigger holds the order")  # fmt: skip
    op.drop_column("target_list", "supplement")
