"""Keep what each rule found in a delivery, in the transaction that writes its verdict: a row a rule, and a row a dimension.

A delivery that is judged again has its results replaced; one that is refused unread: acquire/refusals.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from talentpool.expect.measures import OFFICE_ALONE, WHOLE, Measured
from talentpool.expect.rules import ROW_RULES, STAGING_CHECKS
from talentpool.model import dimension_score, rule_result
from talentpool.texts.dimensions import Dimension, placed
from talentpool.texts.reasons import Reason, reasons

RULED = {rule.code: rule.dimension for rule in ROW_RULES}
STAGING_CODE = "staging_inconsistent"
GX, RECOUNT = "gx", "recount"


@dataclass(frozen=True)
class Kept:
    """What of a verdict is stored. `counts`: of reasons and notes, by code, in all; `findings`: as they stand in the
    delivery; `engine`: who counted the row rules: GX with the recount, or RECOUNT alone."""

    delivery_id: int
    measured: Measured
    counts: Mapping[str, int]
    findings: list[dict[str, Any]]
    engine: str


def dimension_of(code: str) -> Dimension:
    """Of any reason code. One that nobody has placed yet is about what was agreed, and counts for no score."""
    if code in RULED:
        return RULED[code]
    return placed()[code].dimension if code in placed() else Dimension.CONFORMITY


def keep_results(conn: sa.Connection, kept: Kept) -> None:
    """Replace the results of the delivery."""
    _forget(conn, kept.delivery_id)
    conn.execute(rule_result.insert(), [*_rules(kept), *_staging(kept), *_remarks(kept), *_findings(kept)])
    conn.execute(dimension_score.insert(), list(_scores(kept)))


def _forget(conn: sa.Connection, delivery_id: int) -> None:
    for table in (rule_result, dimension_score):
        conn.execute(table.delete().where(table.c.delivery_id == delivery_id))


def _rules(kept: Kept) -> Iterator[dict[str, Any]]:
    """Every row rule and every remark on rows and values, in all; in a county what it has of them."""
    measured, known = kept.measured, reasons()
    remarks = [code for code, reason in known.items() if reason.level != "delivery" and code not in RULED]
    for code in (*RULED, *remarks):
        for side in measured.rows:
            failed = measured.failed[side, code]
            if side != WHOLE and not failed:
                continue
            rows = measured.rows[side] if code in RULED else measured.kept[side]
            engine = kept.engine if code in RULED and side == WHOLE else RECOUNT
            if side == WHOLE and code not in RULED:  # remarks on the whole count what no row says
                failed = max(failed, kept.counts.get(code, 0))
            yield _row(kept.delivery_id, side, code, rows=max(rows, failed), failed=failed, engine=engine) | {
                "samples": measured.samples.get((side, code), []) if code not in OFFICE_ALONE else []
            }


def _staging(kept: Kept) -> Iterator[dict[str, Any]]:
    """The checks of our own work, which all passed: else the delivery was refused."""
    told = _row(kept.delivery_id, WHOLE, STAGING_CODE, rows=kept.measured.rows[WHOLE], failed=0, engine=kept.engine)
    for name in STAGING_CHECKS:
        yield told | {"rule": name, "level": "staging", "outcome": "passed"}


def _remarks(kept: Kept) -> Iterator[dict[str, Any]]:
    """What is said of the file, where there is something to say, and the one reason that rejects what was judged."""
    held = {finding["code"] for finding in kept.findings}
    for code, count in kept.counts.items():
        if reasons()[code].level == "delivery" and code not in held:
            rows = kept.measured.rows[WHOLE]
            yield _row(kept.delivery_id, WHOLE, code, rows=rows, failed=count, engine=RECOUNT)


def _findings(kept: Kept) -> Iterator[dict[str, Any]]:
    """Rules of the whole delivery that spoke against it: how many times, in all and for each county that one names."""
    measured = kept.measured
    spoke = Counter((side, f["code"]) for f in kept.findings for side in {WHOLE, f.get("county") or WHOLE})
    for (side, code), count in sorted(spoke.items()):
        yield _row(kept.delivery_id, side, code, rows=measured.rows[side], failed=count, engine=RECOUNT)


def _row(delivery_id: int, side: str, code: str, *, rows: int, failed: int, engine: str) -> dict[str, Any]:
    reason: Reason = reasons()[code]
    return {
        "delivery_id": delivery_id, "side": side, "rule": code, "code": code, "dimension": dimension_of(code).value,
        "level": reason.level, "rows": rows, "failed": failed, "outcome": reason.outcome if failed else "passed",
        "engine": engine, "samples": [],
    }  # fmt: skip


def _scores(kept: Kept) -> Iterator[dict[str, Any]]:
    for side, rows in kept.measured.rows.items():
        for dimension in Dimension:
            yield {
                "delivery_id": kept.delivery_id, "side": side, "dimension": dimension.value, "rows": rows,
                "faulty": kept.measured.faulty[side, dimension],
            }  # fmt: skip
