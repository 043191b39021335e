"""Show who is signed in for an event the rows they hand out, masked: by the row's check code, or the end of a mobile."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from talentpool.campaigns.handout.passes import Holder
from talentpool.campaigns.receipts.judging import plain_id
from talentpool.campaigns.receipts.outcomes import HANDED_OUT, Outcome
from talentpool.campaigns.receipts.standing import last_word
from talentpool.campaigns.selection.row_ids import ROW_ALPHABET, check_sign
from talentpool.campaigns.withdrawn import withdrawn_rows
from talentpool.errors import UsageError
from talentpool.guard import KeyRing, mask_name, open_personal
from talentpool.guard.mask import mask_mobile
from talentpool.model import target_row
from talentpool.office import Office

TAIL = re.compile(r"[0-9]{4}")
MOST = 20
"""Rows that one question shows."""
_ROW = re.compile(rf"[{ROW_ALPHABET}]{{4}}[- ]?[{ROW_ALPHABET}]{{5}}")


@dataclass(frozen=True, repr=False)
class Seen:
    """A row as it is shown. `name`, `mobile`: masked, '' where nothing of them may be seen any more; `outcome`: what stands."""

    row_id: str
    name: str
    mobile: str
    partner: str
    station: str
    outcome: str | None


def find_rows(conn: sa.Connection, office: Office, holder: Holder, asked: str) -> list[Seen]:
    """The rows of that check code (none or one) or that end of a mobile. `conn`: scoped to the holder; who withdrew is asked
    of the `office`, and is not found by a mobile.

    UsageError for what is neither, or a check code that was misread.
    """
    asked = unicodedata.normalize("NFKC", asked).strip()
    if TAIL.fullmatch(asked):
        rows = _by_tail(conn, office.keys, holder, asked)
        gone = _gone(office, holder, rows)
        return _shown(conn, office.keys, holder, [one for one in rows if one not in gone], gone)
    found = _ROW.search(asked.upper())
    row_id = plain_id(found[0]) if found else ""
    if not row_id or check_sign(row_id.replace("-", "")[:8]) != row_id[-1]:
        raise UsageError("请输入表上的行号（如 K7QM-2F4HX），或手机号码后四位")
    return _shown(conn, office.keys, holder, [row_id], _gone(office, holder, [row_id]))


def counts(conn: sa.Connection, holder: Holder) -> dict[str, int]:
    """Rows that the holder hands out: people, handed out, refused, absent, and those of which nothing is known yet."""
    stands = last_word(target_row)
    query = (
        sa.select(stands.c.outcome, sa.func.count())
        .select_from(target_row)
        .outerjoin(stands, sa.true())
        .where(*holder.rows)
        .group_by(stands.c.outcome)
    )
    found: dict[str | None, int] = {outcome: int(count) for outcome, count in conn.execute(query)}
    return {
        "people": sum(found.values()),
        "handed": sum(found.get(one.value, 0) for one in HANDED_OUT),
        "refused": found.get(Outcome.REFUSED.value, 0),
        "absent": found.get(Outcome.NONE.value, 0),
        "open": found.get(None, 0),
    }


def _by_tail(conn: sa.Connection, keys: KeyRing, holder: Holder, tail: str) -> list[str]:
    """Mobiles are sealed and no index of their ends is kept: the holder's rows are opened here, in memory."""
    rows = conn.execute(sa.select(target_row.c.row_id, target_row.c.record_id).where(*holder.rows)).all()
    people = open_personal(conn, keys, [row.record_id for row in rows])
    fits = [
        row.row_id for row in rows
        if (one := people.get(row.record_id)) and any(number.endswith(tail) for number in (one.mobile, one.mobile2))
    ]  # fmt: skip
    return sorted(fits)[:MOST]


def every_row(conn: sa.Connection, keys: KeyRing, holder: Holder) -> list[tuple[Seen, list[str]]]:
    """All rows of the holder, each with the ends of the mobiles by which it is found. `conn`: the office's own."""
    rows = conn.scalars(sa.select(target_row.c.row_id).where(*holder.rows)).all()
    return _opened(conn, keys, holder, sa.true(), withdrawn_rows(conn, holder.list_id, rows))


def _gone(office: Office, holder: Holder, rows: Sequence[str]) -> frozenset[str]:
    with office.engine.connect() as conn:
        return withdrawn_rows(conn, holder.list_id, rows)


def _shown(conn: sa.Connection, keys: KeyRing, holder: Holder, rows: Sequence[str], gone: frozenset[str]) -> list[Seen]:
    return [seen for seen, _ in _opened(conn, keys, holder, target_row.c.row_id.in_(rows), gone)] if rows else []


def _opened(
    conn: sa.Connection, keys: KeyRing, holder: Holder, which: sa.ColumnElement[bool], gone: frozenset[str]
) -> list[tuple[Seen, list[str]]]:
    """`gone`: rows of which nothing is opened."""
    row, stands = target_row.c, last_word(target_row)
    query = (
        sa.select(row.row_id, row.record_id, row.partner, row.station, stands.c.outcome)
        .outerjoin(stands, sa.true())
        .where(*holder.rows, which)
        .order_by(row.station, row.row_id)
    )
    rows = conn.execute(query).all()
    people = open_personal(conn, keys, [one.record_id for one in rows if one.row_id not in gone])
    shown = []
    for one in rows:
        person = None if one.row_id in gone else people.get(one.record_id)
        name, mobile = (mask_name(person.name), mask_mobile(person.mobile or "")) if person else ("", "")
        tails = {
            number[-4:] for number in ((person.mobile, person.mobile2) if person else ()) if TAIL.fullmatch(number[-4:])
        }
        shown.append((Seen(one.row_id, name, mobile, one.partner, one.station, one.outcome), sorted(tails)))
    return shown
