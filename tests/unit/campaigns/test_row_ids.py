"""Row ids: each number has its own, as the alphabet spells it; no list holds one twice."""

from __future__ import annotations

import random
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from talentpool.campaigns.selection.row_ids import ROW_ALPHABET, check_sign
from talentpool.campaigns.selection.rows import DRAWN_ROW, keep_rows
from talentpool.office import Office

LIST = 7
NUMBERS = sorted(
    {one.to_bytes(5, "big") for place in range(40) for one in (0, 1 << place, (1 << 40) - 1 - (1 << place))}
    | {chance.to_bytes(5, "big") for chance in random.Random(18).sample(range(1 << 40), 5000)}
)  # fmt: skip
"""Every bit alone and every bit missing, and some by chance."""


def spelt(number: bytes) -> str:
    """Ten bits at a time, the low five first."""
    whole = int.from_bytes(number, "big")
    pairs = [whole >> shift & 1023 for shift in (30, 20, 10, 0)]
    signs = "".join(ROW_ALPHABET[pair % 32] + ROW_ALPHABET[pair // 32] for pair in pairs)
    return f"{signs[:4]}-{signs[4:]}{check_sign(signs)}"


def drawn(number: bytes, place: int) -> dict[str, object]:
    person = UUID(int=place)
    return {
        "person_id": person, "number": number, "selected": True, "reason": "eligible", "county": "140403",
        "partner": "didi", "station": "站", "record_id": person, "facts": {}, "digest": b"",
    }  # fmt: skip


def test_each_number_has_a_row_id_of_its_own_as_the_alphabet_spells_it(town: Office) -> None:
    with town.engine.begin() as conn:
        conn.exec_driver_sql("set local session_replication_role = replica")
        DRAWN_ROW.create(conn)
        conn.execute(DRAWN_ROW.insert(), [drawn(number, place) for place, number in enumerate(NUMBERS, start=1)])
        keep_rows(conn, LIST)
        found = conn.scalars(
            sa.text("select row_id from target_row where list_id = :n order by person_id"), {"n": LIST}
        ).all()
    assert found == [spelt(number) for number in NUMBERS] and len(set(found)) == len(NUMBERS)


def test_a_row_id_is_nobody_elses_on_its_list(town: Office) -> None:
    with pytest.raises(IntegrityError, match="uq_target_row_row"), town.engine.begin() as conn:
        conn.exec_driver_sql("set local session_replication_role = replica")
        DRAWN_ROW.create(conn)
        conn.execute(DRAWN_ROW.insert(), [drawn(NUMBERS[0], 1), drawn(NUMBERS[0], 2)])
        keep_rows(conn, LIST)
