"""Remember what officers answered about a partner's columns: every staging reads it, only a person changes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.conform.files.header import ARROW, forms_of
from talentpool.conform.files.header_names import IGNORE, header_key, is_place
from talentpool.declare import FIELDS, Partner
from talentpool.errors import UsageError
from talentpool.model import partner_column

UNCLEAR = "column_unclear"
_NOTHING = ("", IGNORE, "忽略")


@dataclass(frozen=True)
class Answered:
    """`fields`: name as compared -> field, None = no field's. `revision` moves with every answer."""

    fields: dict[str, str | None]
    revision: int


def answers_of(conn: sa.Connection, partner: str, delivery_id: int) -> Answered:
    """The answers that hold for a delivery. One about a column without a name holds for the delivery that asked."""
    table = partner_column
    rows = conn.execute(
        sa.select(table.c.header, table.c.field, table.c.delivery_id, table.c.revision).where(
            table.c.partner == partner
        )
    ).all()
    fields = {row.header: row.field for row in rows if row.delivery_id == delivery_id or not is_place(row.header)}
    return Answered(fields, sum(row.revision for row in rows))


def answered(conn: sa.Connection, partner: str | None = None) -> list[dict[str, Any]]:
    """Every answer that holds, of one partner or all, the newest first, with its author."""
    table = partner_column
    query = sa.select(table).order_by(table.c.made_at.desc(), table.c.partner, table.c.header)
    rows = conn.execute(query if partner is None else query.where(table.c.partner == partner))
    return [dict(row) for row in rows.mappings()]


def asked(findings: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Columns a delivery is held for: name -> the columns of the form that it may be."""
    found: dict[str, list[str]] = {}
    for finding in findings:
        if finding["code"] == UNCLEAR:
            header, _, label = str(finding["detail"]).partition(ARROW)
            found.setdefault(header, []).append(label.removesuffix("？"))
    return found


def read_answers(partner: Partner, given: Iterable[tuple[str, str]]) -> dict[str, str | None]:
    """Answers as people give them (a column's name, and the column it is or `ignore`). UsageError when one makes no
    sense."""
    words = {to: to for to in FIELDS}
    for form in reversed(forms_of(partner)):
        words |= {header_key(label): to for to, label in form.labels.items()}
    found: dict[str, str | None] = {}
    for header, word in given:
        key = header.strip() if is_place(header.strip()) else header_key(header)
        to = None if word.strip().lower() in _NOTHING else words.get(word.strip(), words.get(header_key(word)))
        if not key or (to is None and word.strip().lower() not in _NOTHING):
            raise UsageError(
                f"列名的答复应写作 --column 列名=约定的列，或 列名={IGNORE}（忽略）；约定的列是：{'、'.join(words)}；请改正后重试"
            )
        if found.setdefault(key, to) != to or (to and list(found.values()).count(to) > 1):
            raise UsageError(f"列“{key}”的答复与另一条答复互相矛盾（一列对应两处，或两列对应同一列）；请只保留一条")
        found[key] = to
    return found


def unanswered(findings: Iterable[Mapping[str, Any]], answers: Mapping[str, str | None]) -> str:
    """The questions that `answers` leave open, in words; '' when none."""
    open_ones = {header: labels for header, labels in asked(findings).items() if header not in answers}
    return "、".join(f"{header}{ARROW}{'/'.join(labels)}？" for header, labels in open_ones.items())


def remember(
    conn: sa.Connection,
    partner: str,
    delivery_id: int | None,
    answers: Mapping[str, str | None],
    *,
    by: str,
    reason: str,
) -> None:
    """Write answers down; the newest holds. What held before is in the audit log, which the caller writes."""
    for header, to in answers.items():
        row = {"field": to, "decided_by": by, "reason": reason, "delivery_id": delivery_id, "made_at": sa.func.now()}
        conn.execute(
            insert(partner_column)
            .values(partner=partner, header=header, **row)
            .on_conflict_do_update(
                index_elements=["partner", "header"], set_=row | {"revision": partner_column.c.revision + 1}
            )
        )
