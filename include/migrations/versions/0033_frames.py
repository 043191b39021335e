"""Let an officer's own login make frames: figures of deliveries, who went out of use since a pool, a line in the log."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

MAY = "action <> all (array['reveal', 'refused'])"
MAY_NOW = f"({MAY} and not (action = 'view' and subject like 'frame:%'))"
READERS = "(select scope_whole()) or (select scope_roles()) && array['auditor', 'operator', 'Admin']"
"""Who reads 数据质量, whose figures these are."""
FIGURES = f"""
create view delivery_figures with (security_barrier = true) as
    select delivery_id, partner, as_of, kind, state, effect, rows, accepted, quarantined, refused, changed, reasons, notes,
           landed_at, published_at
    from delivery where {READERS}
"""
# A pool is frozen, consent is not: a reader does not see the record that was stopped, so this must look for them. Who left the
# roster meanwhile is no longer `suspended` there: the end of consent and the request are asked too (load.consent.is_open). Whoever has
# one such record is left out whole until the next pool, which knows what the others say.
OUT_OF_USE = """
create function out_of_use(snapshot bigint) returns setof uuid language sql stable
security definer set search_path = public, pg_temp as $$
    select distinct person.person_id
    from source_record record
    join pool_presence seen on seen.record_id = record.record_id and seen.snapshot_id = out_of_use.snapshot
    join pool_person person on person.person_id = seen.person_id and person.snapshot_id = out_of_use.snapshot
    where seen.status <> 'suspended'
      and (record.status = 'suspended'
           or exists (select from consent_end ended where ended.partner = record.partner
                      and ended.record_id = record.record_id and ended.lifted_on is null)
           or exists (select from use_stop stop where stop.record_id = record.record_id
                      and stop.purpose = '' and stop.lifted_at is null))
      and ((select scope_whole()) or person.home_county = any((select scope_counties())::text[]))
$$
"""


def _write() -> str:
    """The function that writes the log, as 0029 left it."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("limited", Path(__file__).with_name("0029_rows_of_an_officers_login.py"))
    assert spec is not None and spec.loader is not None
    before = module_from_spec(spec)
    spec.loader.exec_module(before)
    return str(before._write().replace(before.WAITING, before.OF_THE_DAY))


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    assert MAY in _write()
    run(_write().replace(MAY, MAY_NOW))
    run(FIGURES)
    run(OUT_OF_USE)
    run("grant select on delivery_figures to talentpool_reader")
    run("revoke execute on function out_of_use(bigint) from public")
    run("grant execute on function out_of_use(bigint) to talentpool_reader")


def downgrade() -> None:
    run("drop function out_of_use(bigint)")
    run("drop view delivery_figures")
    run(_write())
