"""Run Great Expectations over a staged delivery: the row rules and checks of conform, by the SQL engine.

It counts the flags the predicates left, one column a rule under the rule's own name, all of them in one pass: a suite of the
partner's, a validation definition of its delivery, a checkpoint whose action hands the counts over. Nothing personal comes
back: results are counts, matched by the code in their meta. An expectation that raises is a broken rule, never bad data.
"""

from __future__ import annotations

import importlib
import logging
import os
import re
import threading
import warnings
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from talentpool.expect.audit import flags_name
from talentpool.expect.rules import ROW_RULES, STAGING_CHECKS
from talentpool.model import STAGING_SCHEMA
from talentpool.texts.reasons import reasons

LONGEST_NAME = 63
"""Bytes of a column's name in PostgreSQL; codes are ASCII."""
RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": 0, "include_unexpected_rows": False}


@dataclass(frozen=True)
class Audited:
    """`counts`: rule code -> rows; `faults`: staging checks that failed (name -> rows); `broken`: rules that raised."""

    counts: dict[str, int]
    faults: dict[str, int]
    broken: list[str]


def get_ready() -> None:
    """Begin to load Great Expectations (seconds) while the database works; `run_suite` waits for the end of it."""
    _configure()
    threading.Thread(target=_load, daemon=True).start()


def _load() -> None:
    with suppress(ImportError):  # run_suite imports it again, and says what is wrong
        importlib.import_module("great_expectations")


def _configure() -> None:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"


def run_suite(engine: sa.Engine, delivery_id: int, *, rows: int, partner: str) -> Audited:
    """Validate staging.flags_<id> of a partner's delivery, which must have exactly `rows` rows numbered from 1."""
    _configure()
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    from talentpool.expect.action import HandOver

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    url = engine.url.render_as_string(hide_password=False)
    with warnings.catch_warnings():
        # it recommends add_postgres, which refuses a URL with a socket, and a schema in the URL, which would be the engine's
        warnings.simplefilter("ignore")
        source = context.data_sources.add_sql("staging", connection_string=url)
        try:
            asset = source.add_table_asset("delivery", table_name=flags_name(delivery_id), schema_name=STAGING_SCHEMA)
            validation = gx.ValidationDefinition(
                name=f"{partner}_delivery_{delivery_id}",
                data=asset.add_batch_definition_whole_table("whole"),
                suite=context.suites.add(suite_of(gx, rows, partner)),
            )
            checkpoint = gx.Checkpoint(
                name=f"{partner}_delivery", validation_definitions=[context.validation_definitions.add(validation)],
                actions=[HandOver(name="hand over the counts")], result_format=RESULT_FORMAT,
            )  # fmt: skip
            kept = context.checkpoints.add(checkpoint)
            kept.run()
        finally:
            execution = source.get_execution_engine()
            execution.close()
            for opened in (execution.engine, source.get_engine()):  # their pools would keep connections
                opened.dispose()
    handed: Any = kept.actions[0]  # made again by the store, as what it is
    return _read(handed.found)


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
    counts: dict[str, int] = {}
    faults = {} if found["rows"] == found["numbers"] == rows else {"row numbers do not repeat": found["rows"]}
    for name, (code, (kind, _)) in zip(names, predicates().items(), strict=True):
        if kind == "rule":
            counts[code] = found[name]
        elif found[name]:
            faults[code] = found[name]
    return Audited(counts, faults, [])


def flag_of(code: str) -> str:
    """The column that holds the flags of a predicate: a rule's code as it is, a staging check's sentence as one word."""
    word = re.sub(r"\W+", "_", code)[:LONGEST_NAME]
    return word if code == word else f"staging_{word}"[:LONGEST_NAME]


def predicates() -> dict[str, tuple[str, str]]:
    """All predicates in the order of their flags: code -> (rule or staging, predicate)."""
    rules = {rule.code: ("rule", rule.bad) for rule in ROW_RULES}
    return rules | {name: ("staging", bad) for name, bad in STAGING_CHECKS.items()}


def suite_of(gx: Any, rows: int, partner: str) -> Any:
    """The named suite of a partner: a rule an expectation, the checks of staging, and three of the table as a whole."""
    expect, said = gx.expectations, reasons()
    rules = [
        expect.ExpectColumnSumToBeBetween(
            column=flag_of(rule.code), min_value=0, max_value=0, severity="warning",
            description=f"{said[rule.code].text_zh} / {rule.said}",
            meta={"code": rule.code, "kind": "rule", "dimension": rule.dimension.value,
                  "dimension_en": rule.dimension.name.lower(), "outcome": said[rule.code].outcome},
        )
        for rule in ROW_RULES
    ]  # fmt: skip
    staging = [
        expect.ExpectColumnSumToBeBetween(
            column=flag_of(name), min_value=0, max_value=0, description=name, meta=_meta(name)
        )
        for name in STAGING_CHECKS
    ]
    whole = [
        expect.ExpectTableRowCountToEqual(value=rows, meta=_meta("as many rows as were read")),
        expect.ExpectColumnValuesToBeBetween(
            column="row_no", min_value=1, max_value=rows, meta=_meta("row numbers run from 1 to the number of rows")
        ),
        expect.ExpectColumnValuesToBeUnique(column="row_no", meta=_meta("row numbers do not repeat")),
    ]
    # all at once: added one by one, each is compared with every other
    return gx.ExpectationSuite(name=f"{partner}_roster", expectations=[*rules, *staging, *whole])


def _meta(code: str) -> dict[str, str]:
    return {"code": code, "kind": "staging"}


def _read(found: Any) -> Audited:
    counts: dict[str, int] = {}
    faults: dict[str, int] = {}
    broken: list[str] = []
    for result in found.results:
        meta = result.expectation_config.meta
        if any(info.get("raised_exception") for info in _exceptions(result.exception_info)):
            broken.append(meta["code"])
        elif meta["kind"] == "rule":
            counts[meta["code"]] = int(result.result["observed_value"])
        elif not result.success:
            observed = result.result.get("unexpected_count", result.result.get("observed_value", 0))
            faults[meta["code"]] = int(observed or 0)
    return Audited(counts, faults, broken)


def _exceptions(info: dict[str, Any]) -> list[dict[str, Any]]:
    """One dictionary, or one for each metric."""
    return [info] if "raised_exception" in info else [value for value in info.values() if isinstance(value, dict)]
