"""Count what the rules and remarks of a staged delivery found, in all and by county, in one pass over its rows.

A rule's count is of rows as the rule alone sees them; what is said of values is counted in rows that are kept. Rows of which
nothing is kept lend no line number, and who withdrew counts for nobody's quality.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from talentpool.conform import OUTSIDE
from talentpool.expect.rules import ROW_RULES
from talentpool.model import staging_table, verdict_table
from talentpool.texts.dimensions import Dimension, placed
from talentpool.texts.reasons import reasons

WHOLE = ""
"""The side of the whole delivery."""
SAMPLES = 5
OFFICE_ALONE = frozenset({"withdrawn", "withdrawn_doubtful"})
"""Nobody's fault, and for nobody but the city's office to know (migration 0055 holds counties to it)."""
BLANK = {"id_missing": "id_number_status", "mobile_missing": "mobile_status"}
"""Code -> the status column that says `missing`."""
Key = tuple[str, str]
"""(side, code)."""


@dataclass(frozen=True)
class Measured:
    """`rows`: of each side; `kept`: those that are not refused; `failed`, `samples` by (side, code): rows, and line numbers of
    the delivery; `faulty` by (side, dimension): rows with one fault or more. Codes of row rules, of notes and of BLANK."""

    rows: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    failed: Counter[Key] = field(default_factory=Counter)
    samples: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))
    faulty: Counter[tuple[str, Dimension]] = field(default_factory=Counter)

    def told_in_rows(self) -> dict[str, int]:
        """Rows of the whole delivery by code of their notes, `weak_identity` among them; what is blank is no note."""
        ruled = {rule.code for rule in ROW_RULES}
        return {
            code: count for (side, code), count in self.failed.items()
            if side == WHOLE and count and code not in ruled and code not in BLANK
        }  # fmt: skip


def measure(conn: sa.Connection, delivery_id: int) -> Measured:
    """What verdict_<id> and the notes of staging say, before refusals overrule other verdicts; equal rows are one group."""
    found = Measured()
    counting = _counting()
    for group in conn.execute(_groups(delivery_id)):
        sides = (WHOLE, group.county) if group.county else (WHOLE,)
        codes = group.codes.split()
        refused = any(reasons()[code].outcome == "refused" for code in codes)
        if OUTSIDE in codes:
            codes = [OUTSIDE]  # what else is wrong with such a row is not its sender's to know
        told = [*codes, *([] if refused else [*group.notes.split(), *(code for code in BLANK if getattr(group, code))])]
        if group.weak and not refused:
            told.append("weak_identity")
        faults = {counting[code] for code in told if code in counting}
        for side in sides:
            found.rows[side] += group.n
            found.kept[side] += 0 if refused else group.n
            for code in told:
                found.failed[side, code] += group.n
                if not refused and code not in OFFICE_ALONE:
                    found.samples[side, code].append(group.first)
            for dimension in faults:
                found.faulty[side, dimension] += group.n
    for numbers in found.samples.values():
        numbers[:] = sorted(set(numbers))[:SAMPLES]
    _whole_rules(conn, delivery_id, found)
    return found


def _groups(delivery_id: int) -> sa.Select[Any]:
    """Rows with equal county, notes, verdicts and blanks, in five parts each, so that each lends five line numbers at most."""
    staged, verdicts = staging_table(delivery_id), verdict_table(delivery_id)
    of_row = (
        sa.select(verdicts.c.row_no, sa.func.string_agg(verdicts.c.code, sa.literal(" ")).label("codes"))
        .group_by(verdicts.c.row_no)
        .subquery("of_row")
    )
    each = (
        sa.select(
            staged.c.row_no,
            sa.func.coalesce(staged.c.county, "").label("county"),
            staged.c.notes,
            sa.func.coalesce(of_row.c.codes, "").label("codes"),
            *((staged.c[column] == "missing").label(code) for code, column in BLANK.items()),
            staged.c.weak_identity.label("weak"),
            (staged.c.row_no % SAMPLES).label("part"),
        )
        .select_from(staged.outerjoin(of_row, of_row.c.row_no == staged.c.row_no))
        .subquery("each")
    )
    by = [column for column in each.c if column.name != "row_no"]
    return sa.select(*by, sa.func.count().label("n"), sa.func.min(each.c.row_no).label("first")).group_by(*by)


def _whole_rules(conn: sa.Connection, delivery_id: int, found: Measured) -> None:
    """Each rule by itself, in all: what Great Expectations must find as well."""
    verdicts = verdict_table(delivery_id)
    counted: Mapping[str, int] = dict(
        conn.execute(sa.select(verdicts.c.code, sa.func.count()).group_by(verdicts.c.code)).all()
    )
    for rule in ROW_RULES:
        found.failed[WHOLE, rule.code] = counted.get(rule.code, 0)


def _counting() -> dict[str, Dimension]:
    """Code -> the dimension of which a row with it has a fault."""
    ruled = {rule.code: rule.dimension for rule in ROW_RULES if rule.code not in OFFICE_ALONE}
    return ruled | {code: place.dimension for code, place in placed().items() if place.counts}
