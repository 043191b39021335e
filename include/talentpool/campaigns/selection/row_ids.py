"""Give each row of a list the number that its sheet prints, in signs that are not misread from paper.

The number is 40 bits of sha256 over a salt and the person's id. The database draws the salt for one list, uses it in one
statement and forgets it: no key and no salt is sent, logged or stored, so nobody, the office included, can tell which rows of
two lists are one person, or reckon whose row an erased one was (docs/adr/0086).
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

ROW_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 signs without 0, 1, I, O: nothing that is misread from paper."""
_PAIR = 1024
"""Two signs at a time: a quarter of the work in the database."""


def check_sign(signs: str) -> str:
    """The last sign of a row id (Luhn, modulo 32): one sign misread, or two neighbours swapped, does not fit."""
    total = 0
    for place, sign in enumerate(reversed(signs)):
        value = ROW_ALPHABET.index(sign)
        total += _doubled(value) if place % 2 == 0 else value
    return ROW_ALPHABET[-total % 32]


def _doubled(value: int) -> int:
    return 2 * value // 32 + 2 * value % 32


PAIRS = "".join(ROW_ALPHABET[number % 32] + ROW_ALPHABET[number // 32] for number in range(_PAIR)).encode()
SUMS = bytes(number % 32 + _doubled(number // 32) for number in range(_PAIR))
"""Of two signs: themselves, and what they add to the sum behind the check sign."""

KEEP = sa.text(
    """
    insert into target_row (list_id, person_id, row_id, selected, reason, county, partner, station, record_id, facts)
    select :list_id, person_id,
        convert_from(
            substring(:pairs from 2 * a + 1 for 2) || substring(:pairs from 2 * b + 1 for 2) || '-'::bytea
            || substring(:pairs from 2 * c + 1 for 2) || substring(:pairs from 2 * d + 1 for 2)
            || substring(:pairs from 1 + 2 * (
                -(get_byte(:sums, a) + get_byte(:sums, b) + get_byte(:sums, c) + get_byte(:sums, d)) & 31) for 1),
            'UTF8'),
        selected, reason, county, partner, station, record_id, facts
    from drawn_row
    cross join lateral (
        select (get_byte(number, 0) << 2) | (get_byte(number, 1) >> 6) as a,
               ((get_byte(number, 1) & 63) << 4) | (get_byte(number, 2) >> 4) as b,
               ((get_byte(number, 2) & 15) << 6) | (get_byte(number, 3) >> 2) as c,
               ((get_byte(number, 3) & 3) << 8) | get_byte(number, 4) as d
    ) as pair
    """
).bindparams(sa.bindparam("pairs", PAIRS, BYTEA), sa.bindparam("sums", SUMS, BYTEA))
"""drawn_row (rows.py) into a list: of each number four signs, a dash, four signs and the check sign. PostgreSQL gives <<, | and
>> one precedence, from left to right: each is in brackets."""


def new_salt() -> sa.CTE:
    """One row with `salt`, drawn once by the database's strong source when the statement runs."""
    halves = (sa.func.uuid_send(sa.func.gen_random_uuid()) for _ in range(2))
    return sa.select(sa.func.sha256(next(halves).op("||")(next(halves))).label("salt")).cte("salt")


def number_of(person: sa.ColumnElement[UUID], salt: sa.CTE) -> sa.ColumnElement[bytes]:
    """The 40 bits of a person under the salt."""
    return _start(sa.func.sha256(salt.c.salt.op("||")(sa.func.uuid_send(person))))


def part_equal_numbers(conn: sa.Connection, table: sa.TableClause) -> None:
    """Draw anew for all rows of `table` whose `number` another row has too: of a million, one pair in two lists."""
    of = table.c.number
    twice = sa.select(of).group_by(of).having(sa.func.count() > 1)
    anew = table.update().values(number=_start(sa.func.uuid_send(sa.func.gen_random_uuid()))).returning(of)
    fresh = conn.scalars(anew.where(of.in_(twice))).all()
    while fresh:  # only one that was drawn just now can be there twice again
        fresh = conn.scalars(anew.where(of.in_(twice.where(of.in_(fresh))))).all()


def _start(of: sa.ColumnElement[bytes]) -> sa.ColumnElement[bytes]:
    return sa.func.substring(of, 1, 5, type_=BYTEA)
