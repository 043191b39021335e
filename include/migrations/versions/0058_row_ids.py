"""Let no two people on a list have one row id, and find a row by it: a receipt read the whole list for each of its rows.

Lists that were drawn before keep what they have: the index begins behind the last one on which a row id stands twice.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0053"

LAST_DOUBLED = """
select coalesce(max(list_id), 0) from (
    select list_id from target_row where selected group by list_id, row_id having count(*) > 1) as doubled
"""


def upgrade() -> None:
    last = op.get_bind().execute(sa.text(LAST_DOUBLED)).scalar_one()
    where = "selected" if last == 0 else f"selected and list_id > {int(last)}"
    op.create_index(
        "uq_target_row_row", "target_row", ["list_id", "row_id"], unique=True, postgresql_where=sa.text(where)
    )


def downgrade() -> None:
    op.drop_index("uq_target_row_row", "target_row")
