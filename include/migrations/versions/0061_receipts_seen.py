"""Show a county by whom and how its rows were registered, whoever did it: the table gives readers their own receipts alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0056"

# A receipt of the city's may speak of rows of several counties: how many it took is counted for the reader's own, and its faults,
# of which nobody knows whose they are, are told to whoever brought it.
SEEN = """
create function receipts_seen(in_list bigint, these bigint[])
returns table (receipt_id bigint, made_at timestamptz, via text, received_by text, taken int, faults jsonb, reason text)
language sql stable security definer set search_path = public, pg_temp as $$
    select one.receipt_id, one.made_at, one.via, one.received_by, case when whole.own then one.taken else mine.rows end,
           case when whole.own then one.faults else '{}' end, one.reason
    from receipt one
    cross join lateral (
        select coalesce((select scope_whole()) or one.received_by = (select scope_actor()), false)) whole(own)
    cross join lateral (
        select count(*)::int from receipt_row said where not whole.own and said.receipt_id = one.receipt_id
        and said.county = any((select scope_counties())::text[])) mine(rows)
    where one.list_id = in_list and (these is null or one.receipt_id = any(these)) and (whole.own or mine.rows > 0)
$$
"""


def run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    run(SEEN)
    run("revoke execute on function receipts_seen(bigint, bigint[]) from public")
    run("grant execute on function receipts_seen(bigint, bigint[]) to talentpool_reader")


def downgrade() -> None:
    run("drop function receipts_seen(bigint, bigint[])")
