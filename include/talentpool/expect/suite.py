"""Run Great Expectations over a staged delivery: the row rules and checks of conform, by the SQL engine.

It counts the flags the predicates left, one column a rule under the rule's own name, all of them in one pass: a suite of the
partner's, a validation definition of its delivery, a checkpoint whose action hands the counts over; none of them goes into a
store (unstored.py). Nothing personal comes back: results are counts, matched by the code in their meta. The predicates
have run by then, so an expectation that raises is a fault of the database or of Great Expectations, and no verdict.
"""

from __future__ import annotations

import logging
import re
import warnings
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from talentpool.errors import StaleStageError, UnavailableError
from talentpool.expect.audit import flags_name
from talentpool.expect.library import let_go, load
from talentpool.expect.rules import ROW_RULES, STAGING_CHECKS
from talentpool.model import STAGING_SCHEMA
from talentpool.texts.reasons import reasons

LONGEST_NAME = 63
"""Bytes of a column's name in PostgreSQL; codes are ASCII."""
NAME_OF_ERROR = re.compile(r"psycopg\.errors\.(\w+)|^[\w.]+(?:Error|Exception)\b", re.M)
"""In a traceback."""
ROW_COUNT = "as many rows as were read"
ROW_NUMBERS = "row numbers do not repeat"
FIRST, LAST = "the first row number is 1", "the last row number is the number of rows"
WHOLE_TABLE = (FIRST, LAST, ROW_NUMBERS)
RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": 0, "include_unexpected_rows": False}


@dataclass(frozen=True)
class Audited:
    """`counts`: rule code -> rows; `faults`: staging checks that failed (name -> rows)."""

    counts: dict[str, int]
    faults: dict[str, int]


def run_suite(engine: sa.Engine, delivery_id: int, *, rows: int, partner: str) -> Audited:
    """Validate staging.flags_<id> of a partner's delivery, which must have exactly `rows` rows numbered from 1.

    UnavailableError when that could not be done, or what the server says itself when it or the table is away.
    """
    load()
    # a fault is raised; what the library logs of it quotes the query
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    import great_expectations as gx

    try:
        found = _validated(gx, engine, delivery_id, rows, partner)
        why = _raised(found)
    except (gx.exceptions.GreatExpectationsError, sa.exc.SQLAlchemyError, ConnectionError) as error:
        why = type(error.__cause__ or error).__name__
    finally:
        let_go()
    if why:
        # it raises what is wrong, unless that is over by now
        count_flags(engine, delivery_id, rows=rows, partner=partner)
        raise UnavailableError(f"delivery {delivery_id}: its flags could not be counted ({why}); not judged, try again")
    return _read(found, delivery_id, rows)


def _validated(gx: Any, engine: sa.Engine, delivery_id: int, rows: int, partner: str) -> Any:
    """What the checkpoint's one validation found."""
    from talentpool.expect.action import HandOver
    from talentpool.expect.unstored import UnstoredCheckpoint, UnstoredValidation, unstored

    context = gx.get_context(mode="ephemeral", project_config=unstored())
    url = engine.url.render_as_string(hide_password=False)
    with warnings.catch_warnings():
        # it recommends add_postgres, which refuses a URL with a socket, and a schema in the URL, which would be the engine's
        warnings.simplefilter("ignore")
        source = context.data_sources.add_sql("staging", connection_string=url)
        try:
            asset = source.add_table_asset("delivery", table_name=flags_name(delivery_id), schema_name=STAGING_SCHEMA)
            validation = UnstoredValidation(
                name=f"{partner}_delivery_{delivery_id}",
                data=asset.add_batch_definition_whole_table("whole"),
                suite=suite_of(gx, rows, partner),
            )
            checkpoint = UnstoredCheckpoint(
                name=f"{partner}_delivery", validation_definitions=[validation],
                actions=[HandOver(name="hand over the counts")], result_format=RESULT_FORMAT,
            )  # fmt: skip
            checkpoint.run()
        finally:
            execution = source.get_execution_engine()
            execution.close()
            for opened in (execution.engine, source.get_engine()):  # their pools would keep connections
                opened.dispose()
    handed: Any = checkpoint.actions[0]  # the checkpoint's own copy of it
    return handed.found


def count_flags(engine: sa.Engine, delivery_id: int, *, rows: int, partner: str) -> Audited:  # noqa: ARG001 (Counting)
    """The same counts in one statement: for a transaction that no other connection can look into."""
    table = sa.table(flags_name(delivery_id), sa.column("row_no"), schema=STAGING_SCHEMA)
    names = [flag_of(code) for code in predicates()]
    query = sa.select(
        sa.func.count().label("rows"),
        sa.func.count(table.c.row_no.distinct()).label("numbers"),
        *(sa.func.sum(sa.column(name, sa.SmallInteger)).label(name) for name in names),
    ).select_from(table)
    with engine.connect() as conn:
        found = conn.execute(query).mappings().one()
    _all_there(delivery_id, found["rows"], rows)
    counts: dict[str, int] = {}
    faults = {} if found["numbers"] == rows else {ROW_NUMBERS: rows}
    for name, (code, (kind, _)) in zip(names, predicates().items(), strict=True):
        if kind == "rule":
            counts[code] = found[name]
        elif found[name]:
            faults[code] = found[name]
    return Audited(counts, faults)


def _all_there(delivery_id: int, found: int, rows: int) -> None:
    """As many flags as rows; else they were emptied or replaced since they were raised."""
    if found != rows:
        raise StaleStageError(f"delivery {delivery_id}: {found} of {rows} rows have flags; stage it again")


def flag_of(code: str) -> str:
    """The column that holds the flags of a predicate: a rule's code as it is, a staging check's sentence as one word."""
    word = re.sub(r"\W+", "_", code)[:LONGEST_NAME]
    return word if code == word else f"staging_{word}"[:LONGEST_NAME]


def predicates() -> dict[str, tuple[str, str]]:
    """All predicates in the order of their flags: code -> (rule or staging, predicate)."""
    rules = {rule.code: ("rule", rule.bad) for rule in ROW_RULES}
    return rules | {name: ("staging", bad) for name, bad in STAGING_CHECKS.items()}


def suite_of(gx: Any, rows: int, partner: str) -> Any:
    """The named suite of a partner: a rule an expectation, the checks of staging, and four of the table as a whole."""
    from great_expectations.expectations.metadata_types import FailureSeverity

    from talentpool.expect.unstored import ExpectFlagsToAddUpToNone

    expect, said = gx.expectations, reasons()
    rules = [
        ExpectFlagsToAddUpToNone(
            column=flag_of(rule.code), min_value=0, max_value=0, severity=FailureSeverity.WARNING,
            description=f"{said[rule.code].text_zh} / {rule.said}",
            meta={"code": rule.code, "kind": "rule", "dimension": rule.dimension.value,
                  "dimension_en": rule.dimension.name.lower(), "outcome": said[rule.code].outcome},
        )
        for rule in ROW_RULES
    ]  # fmt: skip
    staging = [
        ExpectFlagsToAddUpToNone(column=flag_of(name), min_value=0, max_value=0, description=name, meta=_meta(name))
        for name in STAGING_CHECKS
    ]
    whole = [
        expect.ExpectTableRowCountToEqual(value=rows, meta=_meta(ROW_COUNT, "table")),
        expect.ExpectColumnMinToBeBetween(
            column="row_no", min_value=1, max_value=1, meta=_meta(FIRST, "table")
        ),
        expect.ExpectColumnMaxToBeBetween(
            column="row_no", min_value=rows, max_value=rows,
            meta=_meta(LAST, "table"),
        ),
        expect.ExpectColumnUniqueValueCountToBeBetween(
            column="row_no", min_value=rows, max_value=rows, meta=_meta(ROW_NUMBERS, "table")
        ),
    ]  # fmt: skip
    # all at once: added one by one, each is compared with every other
    return gx.ExpectationSuite(name=f"{partner}_roster", expectations=[*rules, *staging, *whole])


def _meta(code: str, kind: str = "staging") -> dict[str, str]:
    return {"code": code, "kind": kind}


def _raised(found: Any) -> str:
    """The name of the error that kept an expectation from being counted, the server's own where it is one; '' without any."""
    for result in found.results:
        for info in _exceptions(result.exception_info):
            if info.get("raised_exception"):
                names = [one[1] or one[0] for one in NAME_OF_ERROR.finditer(info["exception_traceback"])]
                return names[0] if names else "unknown"
    return ""


def _read(found: Any, delivery_id: int, rows: int) -> Audited:
    counts: dict[str, int] = {}
    faults: dict[str, int] = {}
    by_code = {result.expectation_config.meta["code"]: result for result in found.results}
    _all_there(delivery_id, by_code[ROW_COUNT].result["observed_value"], rows)
    for code, (kind, _) in predicates().items():
        count = int(by_code[code].result["observed_value"])
        if kind == "rule":
            counts[code] = count
        elif count:
            faults[code] = count
    faults |= {code: rows for code in WHOLE_TABLE if not by_code[code].success}
    return Audited(counts, faults)


def _exceptions(info: dict[str, Any]) -> list[dict[str, Any]]:
    """One dictionary, or one for each metric."""
    return [info] if "raised_exception" in info else [value for value in info.values() if isinstance(value, dict)]
