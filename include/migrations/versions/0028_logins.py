"""Take ownership from the tasks' login: the owner's functions make partitions; staged deliveries are staged again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from talentpool.database.roles import ensure_roles

revision = "0028"
down_revision = "0027"
# A partner's first million is filled beside the others, then attached: the parent's keys and indexes are made for it.
MAKE = """
create function partner_partition_make(partner text) returns text language plpgsql
security definer set search_path = public, pg_temp as $$
declare name text := 'source_record_p_' || partner;
begin
    if partner !~ '^[a-z][a-z0-9_]{0,30}$' then
        raise exception 'no partner has such a code' using errcode = 'check_violation';
    end if;
    execute format('create table %I (like source_record including defaults including comments)', name);
    execute format('grant select, insert, update, delete on %I to talentpool_pipeline', name);
    execute format('grant select on %I to talentpool_backup', name);
    return name;
end $$
"""
ATTACH = """
create function partner_partition_attach(partner text) returns void language plpgsql
security definer set search_path = public, pg_temp as $$
declare name text := 'source_record_p_' || partner; looked_at text;
begin
    if to_regclass(quote_ident(name)) is null then
        raise exception 'that partition was not made' using errcode = 'undefined_table';
    end if;
    execute format('alter table %I add constraint p check (partner = %L)', name, partner);
    execute format('alter table source_record attach partition %I for values in (%L)', name, partner);
    execute format('alter table %I drop constraint p', name);
    select string_agg(distinct quote_ident(a.attname), ', ') into looked_at
    from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
    where i.indrelid = 'source_record'::regclass;
    execute format('analyze %I (%s)', name, looked_at);
end $$
"""
# Matching everybody is quicker without two indexes, which are made again at its end.
INDEXES = """
create function match_index(name text, there boolean) returns void language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    if name is null or name <> all (array['ix_match_key_keys', 'ix_record_person_person_id']) then
        raise exception 'not an index of matching' using errcode = 'check_violation';
    elsif not there then
        execute format('drop index if exists %I', name);
    elsif name = 'ix_match_key_keys' then
        create index ix_match_key_keys on match_key using gin (keys) with (fastupdate = off);
    else
        create index ix_record_person_person_id on record_person (person_id);
    end if;
end $$
"""


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    ensure_roles(op.get_bind())
    for statement in (MAKE, ATTACH, INDEXES):
        run(statement)
    for name in ("partner_partition_make(text)", "partner_partition_attach(text)", "match_index(text, boolean)"):
        run(f"revoke execute on function {name} from public")
        run(f"grant execute on function {name} to talentpool_pipeline")
    # what lies there is the former login's; a delivery whose staging is gone is staged again
    run("drop schema staging cascade")
    run("create schema staging")


def downgrade() -> None:
    run("drop function match_index(text, boolean)")
    run("drop function partner_partition_attach(text)")
    run("drop function partner_partition_make(text)")
