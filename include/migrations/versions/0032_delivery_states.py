"""Let a delivery go from one state only to those that may follow it (talentpool.deliveries.delivery_state)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

STEPS = (
    "landed>staged", "landed>rejected", "staged>landed", "staged>audited", "staged>held", "staged>rejected",
    "audited>landed", "audited>published", "audited>held", "audited>rejected", "held>landed", "held>rejected",
    "rejected>landed",
)  # fmt: skip
MOVES = f"""
create function delivery_moves() returns trigger language plpgsql set search_path = '' as $$
begin
    if old.state || '>' || new.state not in ({", ".join(f"'{step}'" for step in STEPS)}) then
        raise exception 'delivery % is %; it cannot become %', old.delivery_id, old.state, new.state
            using errcode = 'check_violation';
    end if;
    return new;
end $$
"""


def upgrade() -> None:
    op.create_check_constraint(
        op.f("ck_delivery_state"), "delivery",
        "state in ('landed','staged','audited','held','published','rejected')",
    )  # fmt: skip
    op.execute(sa.text(MOVES.replace(":", "\\:")))
    op.execute(
        sa.text(
            "create trigger delivery_moves before update of state on delivery for each row"
            " when (old.state is distinct from new.state) execute function delivery_moves()"
        )
    )


def downgrade() -> None:
    op.execute(sa.text("drop trigger delivery_moves on delivery"))
    op.execute(sa.text("drop function delivery_moves"))
    op.drop_constraint(op.f("ck_delivery_state"), "delivery")
