"""Give the verdict on a staged delivery: set rows aside with reasons, and say whether the whole may be published.

Two roads to the same counts: the statement that sets rows aside, and Great Expectations over the same predicates. When
they differ, or a check of the staging itself fails, the fault is ours and nothing is published. A fault of the database or of
the moment is no verdict: it is raised, the delivery stays as it is, and is tried again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa
from psycopg.errors import UndefinedTable

from talentpool.bounds import gauge_of, keep
from talentpool.conform import OUTSIDE
from talentpool.declare import Partner
from talentpool.deliveries.delivery_state import State
from talentpool.deliveries.publications import corrects_a_row, goes_to_history
from talentpool.deliveries.staging import Stage, stage_of
from talentpool.errors import RejectedError, StaleStageError
from talentpool.expect.audit import (
    OF_A_STATEMENT,
    analyze_staged,
    audited_rows,
    cannot_run,
    drop_audit,
    mark,
    raise_flags,
)
from talentpool.expect.breaker import findings, profile
from talentpool.expect.consent import count_ended, too_many_ended
from talentpool.expect.damage import value_codes
from talentpool.expect.faults import count_told_cells, keep_cell_faults, keep_row_faults
from talentpool.expect.library import get_ready
from talentpool.expect.measures import WHOLE, Measured, measure
from talentpool.expect.people import keep_people
from talentpool.expect.remarks import count_remarks
from talentpool.expect.results import GX, RECOUNT, Kept, keep_results
from talentpool.expect.rules import AS_IT_IS, ROW_RULES
from talentpool.expect.suite import Audited, flag_of, predicates, run_suite
from talentpool.expect.under_audit import UnderAudit
from talentpool.expect.words import in_words, rejected_in_words, rule_in_words
from talentpool.model import delivery, delivery_decision, staging_table, verdict_table
from talentpool.office import Office
from talentpool.office_day import today_in_office
from talentpool.texts.finding import Finding
from talentpool.texts.reasons import reasons as known_reasons


class Counting(Protocol):
    """Counts the flags of a delivery."""

    def __call__(self, engine: sa.Engine, delivery_id: int, *, rows: int, partner: str) -> Audited: ...


@dataclass(frozen=True)
class Verdict:
    """`status` is audited (may be published), held or rejected. rows = accepted + quarantined + refused."""

    delivery_id: int
    status: str
    rows: int
    accepted: int
    quarantined: int
    refused: int
    reasons: dict[str, int]
    notes: dict[str, int]
    findings: list[dict[str, Any]]


def expect(
    office: Office, partner: Partner, delivery_id: int, *, count: Counting = run_suite,
    know_people: bool = True,
) -> Verdict:  # fmt: skip
    """Audit a staged delivery and record the verdict. RejectedError when it cannot be trusted at all.

    Without `know_people` no row is compared with whom the pool knows (a trial for outsiders). `count` is the second road to
    the counts; only what runs in one transaction (a trial, a correction) takes another than Great Expectations.
    """
    if count is run_suite:
        get_ready()
    try:
        with office.engine.begin() as conn:
            facts = conn.execute(sa.select(delivery).where(delivery.c.delivery_id == delivery_id)).one()
            stage = _staged(conn, facts)
            past = goes_to_history(conn, partner.code, facts.as_of)
            days_ahead = (facts.as_of - today_in_office(office.settings)).days
            gauge = gauge_of(conn, partner, facts, past=past)
            case = UnderAudit(partner, facts, past, days_ahead, know_people, gauge)
            analyze_staged(conn, delivery_id)
            mark(conn, case)
            query = audited_rows(conn, case, office.settings.area)
            _flag(conn, query, facts)
            _set_aside(conn, query, delivery_id)
            measured = measure(conn, delivery_id)
            _take_as_it_is(conn, staging_table(delivery_id), verdict_table(delivery_id))
            told = keep_row_faults(conn, facts)
            _overrule(conn, delivery_id, measured)
        audited = count(office.engine, delivery_id, rows=stage.rows, partner=partner.code)
        with office.engine.begin() as conn:
            if stage_of(conn, delivery_id, stage.rows) != stage:
                raise StaleStageError(f"delivery {delivery_id}: another run staged it meanwhile; stage it again")
            _agree(audited, measured, facts)
            seen = profile(conn, delivery_id) | {"told": told | count_told_cells(conn, delivery_id)}
            verdict = _judge(conn, case, seen, measured)
            _record(conn, facts, verdict, seen)
            keep_cell_faults(conn, facts)
            counts = verdict.reasons | verdict.notes
            engine = GX if count is run_suite else RECOUNT
            if not corrects_a_row(facts):  # quality is of rosters
                keep_results(conn, Kept(delivery_id, measured, counts, verdict.findings, engine))
            keep(conn, delivery_id, gauge)
            keep_people(conn, case, held=verdict.status == State.HELD)
        return verdict
    except sa.exc.ProgrammingError as error:
        if not isinstance(error.orig, UndefinedTable):
            raise
        raise StaleStageError(f"delivery {delivery_id}: what was staged is gone; stage it again") from error
    finally:
        with office.engine.begin() as conn:
            drop_audit(conn, delivery_id)


def _staged(conn: sa.Connection, facts: sa.Row) -> Stage:
    """The rows that were read, all of them there."""
    rows = facts.profile["rows"]
    stage = stage_of(conn, facts.delivery_id, rows)
    if rows == 0:
        raise RejectedError(
            "no_rows", f"{facts.source_name}：表头之下没有数据行，没有入库；可能导出条件有误；请核对后重新交付"
        )
    if facts.manifest_rows is not None and facts.manifest_rows != rows:
        raise RejectedError(
            "row_count_mismatch",
            f"{facts.source_name}：文件有 {rows} 行数据，清单写的是 {facts.manifest_rows} 行；"
            "可能文件没有导全，或清单计入了表头、合计行；请核对后重新交付",
        )
    return stage


def _flag(conn: sa.Connection, query: str, facts: sa.Row) -> None:
    """Raise the flags. A predicate is broken when it fails while the rows can be read, and by no fault of the database's."""
    bad = {code: predicate for code, (_, predicate) in predicates().items()}
    try:
        with conn.begin_nested():
            raise_flags(conn, query, facts.delivery_id, {flag_of(code): predicate for code, predicate in bad.items()})
    except OF_A_STATEMENT as error:
        broken = [code for code, predicate in bad.items() if cannot_run(conn, query, predicate)]
        if not broken or cannot_run(conn, query, "true"):
            raise
        raise _not_theirs("rule_broken", facts, f"校验规则执行失败：{'、'.join(map(rule_in_words, broken))}") from error


def _set_aside(conn: sa.Connection, audited: str, delivery_id: int) -> None:
    """Fill verdict_<id> as the rules found the rows, before refusal overrules quarantine."""
    verdicts = verdict_table(delivery_id)
    verdicts.drop(conn, checkfirst=True)
    verdicts.create(conn)
    view = sa.text(audited).columns(sa.column("row_no")).subquery("audited")
    codes = [sa.case((sa.text(rule.bad), sa.literal(rule.code, sa.Text)), else_=sa.null()) for rule in ROW_RULES]
    array = sa.func.array_remove(sa.dialects.postgresql.array(codes, type_=sa.Text), None)  # type: ignore[misc]
    bad = sa.select(view.c.row_no, array.label("codes")).subquery()
    code = sa.func.unnest(bad.c.codes).label("code")
    each = sa.select(bad.c.row_no, code).where(sa.func.cardinality(bad.c.codes) > 0).subquery()
    outcome = sa.case({rule.code: known_reasons()[rule.code].outcome for rule in ROW_RULES}, value=each.c.code)
    conn.execute(
        verdicts.insert().from_select(["row_no", "code", "outcome"], sa.select(each.c.row_no, each.c.code, outcome))
    )


def _overrule(conn: sa.Connection, delivery_id: int, measured: Measured) -> None:
    """Of a row that is refused nothing else is said; of one that is not its sender's, that alone."""
    verdicts = verdict_table(delivery_id)
    refused = sa.select(verdicts.c.row_no).where(verdicts.c.outcome == "refused")
    conn.execute(verdicts.delete().where(verdicts.c.outcome == "quarantined", verdicts.c.row_no.in_(refused)))
    if measured.failed[WHOLE, OUTSIDE]:
        # what else is wrong with such a row is not its sender's to know, and not its sender's word: it ends no consent
        outside = sa.select(verdicts.c.row_no).where(verdicts.c.code == OUTSIDE)
        conn.execute(verdicts.delete().where(verdicts.c.code != OUTSIDE, verdicts.c.row_no.in_(outside)))


def _take_as_it_is(conn: sa.Connection, staged: sa.Table, verdicts: sa.Table) -> None:
    """An officer took the row as it is for these codes, and it is still the same (conform/rows/remembered.py)."""
    said = sa.func.string_to_array(staged.c.remembered, " ")
    conn.execute(
        verdicts.delete().where(
            verdicts.c.code.in_(AS_IT_IS),
            sa.exists().where(
                staged.c.row_no == verdicts.c.row_no, staged.c.remembered.is_not(None), verdicts.c.code == sa.any_(said)
            ),
        )
    )


def _agree(audited: Audited, measured: Measured, facts: sa.Row) -> None:
    set_aside = {code: measured.failed[WHOLE, code] for code in audited.counts}
    faults = [f"{rule_in_words(name)}（{count} 行）" for name, count in sorted(audited.faults.items())]
    faults += [
        f"{rule_in_words(code)} 两次计数不同（{audited.counts[code]} 与 {set_aside[code]}）"
        for code in sorted(audited.counts)
        if audited.counts[code] != set_aside[code]
    ]
    if faults:
        raise _not_theirs("staging_inconsistent", facts, f"暂存数据与独立校验不一致：{'、'.join(faults)}")


def _not_theirs(code: str, facts: sa.Row, why: str) -> RejectedError:
    """A refusal that nothing in the roster is the cause of."""
    return RejectedError(
        code,
        f"{facts.source_name}：{why}（系统问题，与名册内容无关），没有入库；请联系市级数据专员，由运维人员查看流程记录",
    )


def _judge(conn: sa.Connection, case: UnderAudit, seen: dict[str, Any], measured: Measured) -> Verdict:
    facts, past, delivery_id, rows = case.facts, case.past, case.delivery_id, seen["rows"]
    verdicts = verdict_table(delivery_id)
    by_outcome: dict[str, int] = dict(
        conn.execute(
            sa.select(verdicts.c.outcome, sa.func.count(verdicts.c.row_no.distinct())).group_by(verdicts.c.outcome)
        ).all()
    )
    quarantined, refused = by_outcome.get("quarantined", 0), by_outcome.get("refused", 0)
    reasons: Counter[str] = Counter(
        dict(conn.execute(sa.select(verdicts.c.code, sa.func.count()).group_by(verdicts.c.code)).all())
    )
    notes = Counter(facts.notes)
    for code, count in measured.told_in_rows().items():
        (reasons if code in value_codes() else notes)[code] += count
    ended = count_ended(conn, case.partner, delivery_id, past=past)
    if ended and not past:
        notes["consent_ended"] = sum(ended.values())
    if past:
        notes["as_of_older"] = 1
    notes.update(count_remarks(conn, case))
    set_aside = quarantined + refused
    found = findings(conn, case, seen, counts=notes | reasons, set_aside=set_aside)
    if not past:
        found += too_many_ended(conn, case, ended)
    status = State.HELD if _still_open(conn, facts, found) else State.AUDITED
    # who withdrew looks accepted to everybody outside; a word that consent ended is not nothing; and what the file
    # itself asks comes first
    told = reasons.get("withdrawn", 0) + reasons.get("withdrawn_doubtful", 0)
    told += sum(ended.values()) if facts.kind == "delta" else ended.get("withdrawn", 0)
    if set_aside - told == rows and not (status == State.HELD and facts.findings):
        status = State.REJECTED
        reasons["nobody_accepted"] = 1
    reasons.update({finding.code: 1 for finding in found})
    return Verdict(
        delivery_id=delivery_id,
        status=status,
        rows=rows,
        accepted=rows - set_aside,
        quarantined=quarantined,
        refused=refused,
        reasons=dict(sorted(reasons.items())),
        notes=dict(sorted(notes.items())),
        findings=[finding.as_json() for finding in found],
    )


def _still_open(conn: sa.Connection, facts: sa.Row, found: list[Finding]) -> bool:
    """Whether something speaks against the delivery that no person has said yes to."""
    if facts.decided not in ("all", "no-removals"):
        return bool(found)
    known = conn.scalar(
        sa.select(delivery_decision.c.findings)
        .where(delivery_decision.c.delivery_id == facts.delivery_id)
        .order_by(delivery_decision.c.decision_id.desc())
        .limit(1)
    )
    agreed = {Finding(**finding).what for finding in known or []}
    if facts.decided == "no-removals":
        found = [finding for finding in found if finding.code != "removals_high"]
    return any(finding.what not in agreed for finding in found)


def _record(conn: sa.Connection, facts: sa.Row, verdict: Verdict, seen: dict[str, Any]) -> None:
    message = "；".join(in_words(finding) for finding in verdict.findings) if verdict.status == State.HELD else None
    if verdict.status == State.REJECTED:
        message = rejected_in_words(facts.source_name, verdict.reasons)
    conn.execute(
        delivery.update()
        .where(delivery.c.delivery_id == facts.delivery_id)
        .values(
            state=verdict.status,
            rows=verdict.rows,
            accepted=verdict.accepted,
            quarantined=verdict.quarantined,
            refused=verdict.refused,
            reasons=verdict.reasons,
            notes=verdict.notes,
            findings=verdict.findings,
            profile=seen,
            message=message,
        )
    )
