"""Keep what each share of a delivery found beside what it staged: tasks that know nothing of each other trust this
alone, never what Airflow carries from one to the other."""

from __future__ import annotations

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.dialects.postgresql import insert

from talentpool.conform.share import StagedShare
from talentpool.errors import StaleStageError
from talentpool.model import parts_table


def keep_share(engine: sa.Engine, delivery_id: int, share: StagedShare) -> None:
    """Write down what a share found; a share done again replaces it. StaleStageError when the staging is gone."""
    table = parts_table(delivery_id)
    with engine.begin() as conn:
        if not sa.inspect(conn).has_table(table.name, schema=table.schema):
            raise StaleStageError(f"delivery {delivery_id} is staged anew by another run; share {share.share} is lost")
        line = insert(table).values(share=share.share, found=share.as_json())
        conn.execute(line.on_conflict_do_update(index_elements=["share"], set_={"found": line.excluded.found}))


def kept_shares(engine: sa.Engine, delivery_id: int) -> list[StagedShare]:
    """What is there, in the order of shares; nothing when nothing is staged."""
    table = parts_table(delivery_id)
    with engine.connect() as conn:
        if not sa.inspect(conn).has_table(table.name, schema=table.schema):
            return []
        found = conn.scalars(sa.select(table.c.found).order_by(table.c.share)).all()
    return TypeAdapter(list[StagedShare]).validate_python(list(found))
