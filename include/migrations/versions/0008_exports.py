"""Add recipients of lists and the record of every export, kept three years; index a day's reveals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

WHOLE, MINE = "(select scope_whole())", "(select scope_counties())::text[]"
RULES = {"recipient": WHOLE, "provision": f"{WHOLE} or counties <@ {MINE}"}
STAYS = """
create function provision_stays() returns trigger language plpgsql as $$
begin
    if tg_op = 'TRUNCATE' then
        raise exception 'provision: records of what was provided are kept';
    elsif tg_op = 'DELETE' then
        if old.keep_until >= current_date then
            raise exception 'provision %: kept until %', old.export_id, old.keep_until;
        end if;
        return old;
    elsif old.state = 'made'
        or row(new.export_id, new.list_id, new.recipient, new.counties, new.purpose, new.made_by)
           is distinct from row(old.export_id, old.list_id, old.recipient, old.counties, old.purpose, old.made_by)
        or new.keep_until < old.keep_until
        or (old.approved_by is not null and new.approved_by is distinct from old.approved_by) then
        raise exception 'provision %: what was provided is not rewritten', old.export_id;
    end if;
    return new;
end $$
"""


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    op.create_table(
        "recipient",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="as printed on the sheets"),
        sa.Column("kind", sa.Text(), nullable=False, comment="age, openpgp or zip"),
        sa.Column("public_key", sa.Text(), comment="of age one line, of OpenPGP the armoured key; null for zip"),
        sa.Column("password_by", sa.Text(), comment="of zip: how the password of each export is handed over"),
        sa.Column("division", sa.Text(), nullable=False, comment="whose people it may receive: a county, or an area above it"),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_recipient"),
    )
    op.create_table(
        "provision",
        sa.Column("export_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="asked (a second person must approve), approved, made"),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("recipient_facts", postgresql.JSONB(), nullable=False, comment="name, kind and key print, as they were"),
        sa.Column("counties", postgresql.ARRAY(sa.Text()), nullable=False, comment="whose people are in it"),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False, comment="which notices name the purpose"),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False, comment="kinds of personal data, no values"),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False, comment="of the list"),
        sa.Column("files", postgresql.JSONB(), nullable=False, server_default="[]", comment="name, place, rows and SHA-256 of what left"),
        sa.Column("made_by", sa.Text(), nullable=False, comment="who asked for it and made it"),
        sa.Column("approved_by", sa.Text(), comment="another person; null where none was needed"),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("use_until", sa.Date(), nullable=False, comment="printed on the sheets"),
        sa.Column("keep_until", sa.Date(), nullable=False, comment="three years on; no row goes before"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("export_id", name="pk_provision"),
        sa.ForeignKeyConstraint(["list_id"], ["target_list.list_id"]),
        sa.CheckConstraint("state in ('asked','approved','made')", name="ck_provision_state"),
        sa.CheckConstraint("approved_by is null or approved_by <> made_by", name="ck_provision_two_people"),
        sa.CheckConstraint("keep_until >= made_on + interval '3 years'", name="ck_provision_three_years"),
        comment="provisions of personal data; a trigger keeps them for three years and unchanged once made",
    )
    op.create_index("ix_provision_list_id", "provision", ["list_id"])
    run(STAYS)
    run(
        "create trigger provision_stays before update or delete on provision"
        " for each row execute function provision_stays()"
    )
    run(
        "create trigger provision_is_kept before truncate on provision"
        " for each statement execute function provision_stays()"
    )
    for table, rule in RULES.items():
        run(f"alter table {table} enable row level security")
        run(f"alter table {table} force row level security")
        run(f"create policy pipeline on {table} to talentpool_pipeline using (true) with check (true)")
        run(f"create policy reader on {table} for select to talentpool_reader using ({rule})")
        run(f"grant select on {table} to talentpool_reader")
    run("revoke execute on function provision_stays() from public")
    op.create_index(
        "ix_audit_log_reveals", "audit_log", ["actor", "at"], postgresql_where=sa.text("action = 'reveal'")
    )


def downgrade() -> None:
    op.drop_index("ix_audit_log_reveals", "audit_log")
    for table in RULES:
        op.drop_table(table)
    run("drop function provision_stays()")
