"""Compare two records field by field without showing a value, and say what would settle a doubt."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.guard import KeyRing, Personal, open_personal
from talentpool.guard.alike import Alike, alike, nearest
from talentpool.model import source_record

FIELDS = ("name", "document", "mobile", "birth_date", "sex")
Agreement = dict[str, Alike]


def agreement(conn: sa.Connection, keys: KeyRing, left: UUID, right: UUID) -> Agreement:
    """FIELDS -> how the two records agree; {} where the connection does not see both, or one's consent ended."""
    live = source_record
    rows = {
        row.record_id: row
        for row in conn.execute(
            sa.select(live.c.record_id, live.c.birth_date, live.c.sex).where(
                live.c.record_id.in_((left, right)), live.c.status != "suspended"
            )
        )
    }
    people = open_personal(conn, keys, list(rows))
    if not {left, right} <= set(rows) & set(people):
        return {}
    return compared(people[left], rows[left], people[right], rows[right])


def compared(left: Personal, facts: Any, right: Personal, other: Any) -> Agreement:
    """The same of what is open already. `facts`, `other`: anything with birth_date and sex."""
    return {
        "name": alike(left.name, right.name),
        "document": alike(left.document_no, right.document_no),
        "mobile": nearest((left.mobile, left.mobile2), (right.mobile, right.mobile2)),
        "birth_date": alike(_day(facts), _day(other)),
        "sex": alike(_sex(facts), _sex(other)),
    }


def settled_by(fields: Agreement) -> list[str]:
    """What would settle whether they are one person, the most telling first: a field and how it agrees, `document_slip`."""
    asked = []
    if fields.get("document") in ("slip", "missing", "different"):
        asked.append(f"document_{fields['document']}")
    elif fields.get("document") == "same" and fields.get("name") != "same":
        asked.append("name_of_document")
    if fields.get("document") != "same" and fields.get("birth_date") in ("slip", "missing"):
        asked.append(f"birth_date_{fields['birth_date']}")
    if fields.get("mobile") == "same" and fields.get("name") != "same":
        asked.append("mobile_of_two_names")
    elif fields.get("mobile") == "slip":
        asked.append("mobile_slip")
    return asked


def _day(facts: Any) -> str:
    return facts.birth_date.isoformat() if facts.birth_date else ""


def _sex(facts: Any) -> str:
    return str(facts.sex) if facts.sex in (1, 2) else ""
