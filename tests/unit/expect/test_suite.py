"""The suite that Great Expectations runs: named after the partner, each rule by its own name, described in two languages."""

from __future__ import annotations

import gc
import importlib
from copy import copy
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from rosters import Office, person
from talentpool.expect import library, run_suite
from talentpool.expect.rules import ROW_RULES, Dimension
from talentpool.expect.suite import flag_of, predicates, suite_of


def test_every_rule_stands_under_its_name_with_its_dimension_and_two_languages() -> None:
    suite = suite_of(importlib.import_module("great_expectations"), 3, "sf")
    assert suite.name == "sf_roster"
    by_code = {one.meta["code"]: one for one in suite.expectations}
    for rule in ROW_RULES:
        one = by_code[rule.code]
        assert one.column == rule.code
        assert Dimension(one.meta["dimension"]) is rule.dimension
        chinese, english = one.description.split(" / ")
        assert english == rule.said and any("一" <= sign <= "龥" for sign in chinese)


def test_no_two_predicates_share_a_column() -> None:
    names = [flag_of(code) for code in predicates()]
    assert len(set(names)) == len(names) and all(len(name) <= 63 and name.isidentifier() for name in names)


def test_a_delivery_is_judged_by_the_checkpoint(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "count", run_suite)
    rows = [person(1), person(2, staff_no=""), person(3, county="110101")]
    found = office.deliver("2026-10-31", rows)
    assert (found.status, found.accepted) == ("published", 1)
    assert found.reasons == {"staff_no_missing": 1, "county_unknown": 1}


def test_a_delivery_makes_its_suite_once_and_stores_nothing_in_great_expectations(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Held against a store, suite and result would be made, written and read about fourteen times."""
    gx = importlib.import_module("great_expectations")
    store = importlib.import_module("great_expectations.data_context.store.store").Store
    begun, written = [], []
    begin, write = gx.ExpectationSuite.__init__, store.set

    def beginning(self: Any, *given: Any, **named: Any) -> None:
        begun.append(self)
        begin(self, *given, **named)

    def writing(self: Any, *given: Any, **named: Any) -> Any:
        written.append(type(self).__name__)
        return write(self, *given, **named)

    monkeypatch.setattr(gx.ExpectationSuite, "__init__", beginning)
    monkeypatch.setattr(store, "set", writing)
    monkeypatch.setattr(office, "count", run_suite)
    assert office.deliver("2026-10-31", [person(1), person(2, staff_no="")]).reasons == {"staff_no_missing": 1}
    assert [suite.name for suite in begun].count("didi_roster") == 1
    assert not {name for name in written if name not in ("DatasourceStore", "InlineStore", "DataContextStore")}


def test_the_configuration_of_a_rule_is_made_once_and_is_what_its_fields_say() -> None:
    library.load()
    unstored = importlib.import_module("talentpool.expect.unstored")
    core = importlib.import_module("great_expectations.expectations.core").ExpectColumnSumToBeBetween
    given: dict[str, Any] = {"column": "name_empty", "min_value": 0, "max_value": 0, "meta": {"code": "name_empty"}}
    ours, theirs = unstored.ExpectFlagsToAddUpToNone(**given), core(**given)
    made = ours.configuration
    assert ours.configuration is made
    assert (made.kwargs, made.meta, made.severity) == (theirs.configuration.kwargs, given["meta"], "critical")
    ours.id = "7"
    assert (made.id, ours.configuration.id, copy(ours).configuration.id) == (None, "7", None)
    assert ours.copy(update={"max_value": 3}).configuration.kwargs["max_value"] == 3


def test_nothing_of_a_run_stays_in_the_process(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker judges rosters for weeks. Engines as of the product: those of tests share what they compiled (statements.py)."""
    monkeypatch.setitem(registry.impls, "postgresql.psycopg", lambda: PGDialect_psycopg)
    columns = ", ".join(f"{flag_of(code)} int2 default 0" for code in predicates())
    with engine.begin() as conn:
        conn.exec_driver_sql(f"create table staging.flags_1 (row_no int, {columns})")
        conn.exec_driver_sql("insert into staging.flags_1 (row_no) select generate_series(1, 3)")

    def objects() -> int:
        run_suite(engine, 1, rows=3, partner="sf")
        while gc.collect():  # what an engine leaves at its end is collected after it
            pass
        return len(gc.get_objects())

    objects()  # what is made once
    before = objects()
    objects()
    assert objects() - before < 2 * 100


def test_what_is_loaded_is_left_alone_by_the_collector_which_works_on(monkeypatch: pytest.MonkeyPatch) -> None:
    library.load()
    assert gc.isenabled() and gc.get_freeze_count() > 100_000

    def missing(name: str) -> None:
        raise ImportError(name)

    library._load.cache_clear()
    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(ImportError):
        library.load()
    assert gc.isenabled()
