"""Limit each login to its area in the database: roles that own nothing, row-level security, officers' logins."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from talentpool.database.roles import ensure_roles

revision = "0006"
down_revision = "0005"

FUNCTIONS = ("scope_actor", "scope_roles", "scope_counties", "scope_whole", "scope_audits")
# Each in a subquery of its own, so that it is asked once a statement and not once a row.
WHOLE, MINE = "(select scope_whole())", "any((select scope_counties())::text[])"


def owned(table: str) -> str:
    """A record that the session sees; the subquery is under the same rules."""
    return f"exists (select from source_record r where r.record_id = {table}.record_id)"


RULES = {
    **{
        table: f"{WHOLE} or county = {MINE}"
        for table in ("source_record", "source_record_history", "employment_spell", "quarantine", "pool_presence",
                      "target_row", "station")
    },
    # who is served by a county is the county's; who is only seen there shows on their own records
    "pool_person": f"{WHOLE} or home_county = {MINE}",
    **{table: f"{WHOLE} or {owned(table)}" for table in ("record_absence", "record_person")},
    "record_salt": f"{WHOLE} or {owned('record_salt')} or exists (select from quarantine q"
                   " where q.delivery_id = record_salt.delivery_id and q.record_id = record_salt.record_id)",
    "delivery_sighting": WHOLE,
    "person": f"{WHOLE} or exists (select from record_person p where p.person_id = person.person_id)",
    "person_redirect": f"{WHOLE} or exists (select from record_person p where p.person_id = person_redirect.new_id)",
    "person_event": WHOLE,
    # a pair across two counties is the city's to judge
    "edge": f"{WHOLE} or (exists (select from source_record r where r.record_id = edge.left_record)"
            " and exists (select from source_record r where r.record_id = edge.right_record))",
    "person_request": WHOLE,
    "delivery_decision": WHOLE,
    "list_approval": WHOLE,
    "target_list": f"{WHOLE} or exists (select from target_row t where t.list_id = target_list.list_id)",
    "list_file": f"{WHOLE} or split_part(recipient, ':', case when recipient like 'county:%' then 2 else 3 end) = {MINE}",
    "audit_log": f"(select scope_audits()) or actor = (select scope_actor()) or scope = {MINE}",
    "officer": f"{WHOLE} or login = session_user",
}  # fmt: skip
READ_PLAIN = ("division", "holiday", "notice", "occupation", "pool_snapshot", "match_run")
DELIVERY = (
    "delivery_id", "partner", "as_of", "kind", "since", "form", "encoding", "notice_version", "state", "effect",
    "published_at", "publish_seq", "wrapped_key",
)  # fmt: skip
VIEW = """
create view person_side with (security_invoker = true) as
    select rp.person_id, r.partner, r.record_id, r.staff_no, r.county, r.station, r.occupation, r.sex, r.birth_date,
           r.status, r.spell_from, r.spell_to, r.first_seen, r.valid_from, r.weak_identity, r.name_status,
           r.id_number_status, r.mobile_status
    from source_record r join record_person rp on rp.record_id = r.record_id
"""


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    ensure_roles(op.get_bind())
    op.create_table(
        "officer",
        sa.Column("name", sa.Text(), nullable=False, comment="user name in the UI and on the command line"),
        sa.Column("login", sa.Text(), nullable=False, comment="own login of the database"),
        sa.Column("role", sa.Text(), nullable=False, comment="one: duties that exclude each other never meet"),
        sa.Column("counties", postgresql.ARRAY(sa.Text()), comment="null = the whole area, {} = nobody's people"),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("removed_at", sa.DateTime(timezone=True), comment="null while in office"),
        sa.PrimaryKeyConstraint("name", name="pk_officer"),
        sa.UniqueConstraint("login", name="uq_officer_login"),
        comment="who may log in to the database as themselves, and how far they see",
    )
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    for table, rule in RULES.items():
        run(f"alter table {table} enable row level security")
        run(f"alter table {table} force row level security")
        run(f"create policy pipeline on {table} to talentpool_pipeline using (true) with check (true)")
        run(f"create policy reader on {table} for select to talentpool_reader using ({rule})")
        run(f"grant select on {table} to talentpool_reader")
    run(
        "create policy writer on audit_log for insert to talentpool_reader with check (actor = (select scope_actor()))"
    )
    run("grant insert on audit_log to talentpool_reader")
    run(f"grant select on {', '.join(READ_PLAIN)} to talentpool_reader")
    run(f"grant select ({', '.join(DELIVERY)}) on delivery to talentpool_reader")
    # the chain's trigger reads the row before, whoever writes the next one
    run("alter function audit_chain() security definer set search_path = public, pg_temp")
    run("revoke execute on function audit_chain(), audit_stays() from public")
    run(VIEW)
    run("grant select on person_side to talentpool_reader")


def downgrade() -> None:
    run("drop view person_side")
    run("alter function audit_chain() security invoker reset search_path")
    run("revoke insert on audit_log from talentpool_reader")
    run("drop policy writer on audit_log")
    for table in RULES:
        run(f"revoke select on {table} from talentpool_reader")
        run(f"drop policy reader on {table}")
        run(f"drop policy pipeline on {table}")
        run(f"alter table {table} no force row level security")
        run(f"alter table {table} disable row level security")
    run(f"revoke select on {', '.join(READ_PLAIN)} from talentpool_reader")
    run(f"revoke select ({', '.join(DELIVERY)}) on delivery from talentpool_reader")
    for function in FUNCTIONS[::-1]:
        run(f"drop function {function}()")
    op.drop_table("officer")
