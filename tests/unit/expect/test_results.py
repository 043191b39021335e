"""What each rule found is stored with the verdict: in all and by county, with line numbers and no value, and scores of it."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from rosters import Office, person, write_template
from talentpool.check import check
from talentpool.decide import decide
from talentpool.expect import dimension_of, run_suite
from talentpool.expect.rules import ROW_RULES, STAGING_CHECKS
from talentpool.guard import scoped
from talentpool.guard.scope import Scope, console_engine
from talentpool.settings import INCLUDE
from talentpool.texts.dimensions import Dimension, placed
from talentpool.texts.reasons import reasons

HERE, THERE = "140403", "140425"


def results(office: Office, side: str = "") -> dict[str, tuple[int, int, str, list[int]]]:
    rows = office.ask(
        "select rule, rows, failed, outcome, samples from rule_result where side = :side and level <> 'staging'"
        " and delivery_id = (select max(delivery_id) from rule_result)",
        side=side,
    )
    return {rule: (looked, failed, outcome, samples) for rule, looked, failed, outcome, samples in rows}


def scores(office: Office, side: str = "") -> dict[str, tuple[int, int]]:
    query = "select dimension, rows, faulty from dimension_score where side = :side"
    return {dimension: (rows, faulty) for dimension, rows, faulty in office.ask(query, side=side)}


def mixed(office: Office) -> list[dict[str, str]]:
    """Ten people, in two counties: line 2 without a name, 3 and 4 one number, 5 without consent, 6 masked, 7 without a mobile."""
    rows = [person(n, county=HERE if n <= 6 else THERE) for n in range(1, 11)]
    rows[1]["name"] = ""
    rows[3]["staff_no"] = rows[2]["staff_no"]
    rows[4] |= {"consented_on": "", "mobile": "123"}
    rows[5] |= {"document_no": "1401**********0012", "mobile": "139****0042"}
    rows[6]["mobile"] = ""
    return rows


def test_every_rule_has_a_row_with_what_it_looked_at_and_what_followed(office: Office) -> None:
    found = office.deliver("2026-10-31", mixed(office))
    assert (found.status, found.rows, found.quarantined, found.refused) == ("published", 10, 3, 1)
    stored = results(office)
    assert {rule.code for rule in ROW_RULES} <= set(stored)
    assert stored["name_empty"] == (10, 1, "quarantined", [2])
    assert stored["staff_no_doubled"] == (10, 2, "quarantined", [3, 4])
    assert stored["no_consent"] == (10, 1, "refused", []), "nothing is kept of such a row, no line number either"
    assert stored["under_14"] == (10, 0, "passed", [])
    assert stored["mobile_missing"] == (9, 1, "noted", [7]) and stored["mobile_masked"][1] == 1
    assert stored["mobile_unusable"][1] == 0, "of a row that is refused no value is judged"
    assert {code for code, count in found.reasons.items() if stored[code][1] != count} == set()


def test_a_county_has_what_its_own_rows_have_and_the_sides_add_up(office: Office) -> None:
    office.deliver("2026-10-31", mixed(office))
    here, there = results(office, HERE), results(office, THERE)
    assert here["name_empty"] == (6, 1, "quarantined", [2]) and "name_empty" not in there
    assert there["mobile_missing"] == (4, 1, "noted", [7]) and "mobile_missing" not in here
    whole = results(office)
    for code in set(here) | set(there):
        assert sum(side[code][1] for side in (here, there) if code in side) == whole[code][1], code


def test_a_score_counts_rows_once_and_a_mask_that_was_agreed_as_complete(office: Office) -> None:
    office.deliver("2026-10-31", mixed(office))
    whole = scores(office)
    assert whole[Dimension.COMPLETENESS] == (10, 3), "no name, no consent, no mobile; a mask is no gap"
    assert whole[Dimension.UNIQUENESS] == (10, 2)
    assert whole[Dimension.CONSISTENCY] == (10, 0)
    assert scores(office, HERE)[Dimension.COMPLETENESS] == (6, 2)
    assert scores(office, THERE)[Dimension.COMPLETENESS] == (4, 1)


def test_two_faults_of_one_dimension_in_a_row_are_one_faulty_row(office: Office) -> None:
    rows = [person(n) for n in range(1, 8)]
    rows[0] |= {"name": "", "mobile": "", "document_no": ""}
    office.deliver("2026-10-31", rows)
    assert scores(office)[Dimension.COMPLETENESS] == (7, 1)


def test_great_expectations_and_the_recount_are_named_where_both_counted(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "count", run_suite)
    office.deliver("2026-10-31", mixed(office))
    engines = dict(office.ask("select rule, engine from rule_result where side = ''"))
    assert {engines[rule.code] for rule in ROW_RULES} == {"gx"} == {engines[name] for name in STAGING_CHECKS}
    assert engines["mobile_masked"] == "recount"
    assert set(office.ask("select engine from rule_result where side <> ''")) == {("recount",)}


def test_a_verdict_given_again_replaces_its_results_and_a_trial_leaves_none(office: Office, tmp_path: Path) -> None:
    assert office.deliver("2026-10-31", [person(n) for n in range(1, 31)]).status == "published"
    held = office.deliver("2026-11-30", [person(n) for n in range(1, 5)])
    assert held.status == "held"
    assert results(office)["removals_high"][1:3] == (2, "held"), "in all, and in the one county"
    assert results(office, HERE)["removals_high"][1:3] == (1, "held")
    before = office.ask("select * from rule_result order by 1, 2, 3")
    checked = check(
        office, office.partner(), write_template(tmp_path / "x.csv", mixed(office)), as_of=date(2026, 12, 1)
    )
    assert checked.outcome.status in ("published", "held", "audited")
    assert office.ask("select * from rule_result order by 1, 2, 3") == before
    decide(office, office.partner(), held.delivery_id or 0, "all", by="zhang", reason="已核实")
    assert office.one("select count(*) from rule_result where delivery_id = :id and rule = 'name_empty'",
                      id=held.delivery_id) == 1  # fmt: skip


def test_a_roster_that_was_refused_unread_has_the_one_reason(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    write_template(path, [])
    found = office.take(path)
    assert found.status == "rejected"
    assert results(office) == {"no_rows": (0, 1, "rejected", [])}


def test_a_countys_login_reads_its_own_side_and_never_who_withdrew(office: Office) -> None:
    office.deliver("2026-10-31", mixed(office))
    with office.engine.begin() as conn:
        conn.execute(sa.text("update rule_result set failed = 1 where rule = 'withdrawn'"))
        conn.execute(sa.text("insert into rule_result select delivery_id, :side, rule, code, dimension, level, rows, 1,"
                             " 'refused', engine, '{}' from rule_result where rule = 'withdrawn'"), {"side": HERE})  # fmt: skip
    engine = console_engine(office.settings)
    county = Scope("li", frozenset({f"county_officer_{HERE}"}), (HERE,))
    for scope, sides, withdrawn in ((county, {HERE}, 0), (Scope("wang", frozenset({"city_officer"}), None), None, 2),
                                    (Scope("shen", frozenset({"auditor"}), ()), set(), 0)):  # fmt: skip
        with scoped(engine, scope) as conn:
            seen = set(conn.scalars(sa.text("select side from rule_result")))
            assert set(conn.scalars(sa.text("select side from dimension_score"))) == seen
            assert seen == ({"", HERE, THERE} if sides is None else sides)
            assert conn.scalar(sa.text("select count(*) from rule_result where code = 'withdrawn'")) == withdrawn
    with pytest.raises(sa.exc.ProgrammingError), scoped(engine, county) as conn:
        conn.execute(sa.text("delete from rule_result"))
    engine.dispose()


def test_every_code_there_is_belongs_to_one_dimension() -> None:
    ruled = {rule.code for rule in ROW_RULES}
    assert set(reasons()) == ruled | set(placed()) and not ruled & set(placed())
    assert {dimension_of(code) for code in reasons()} == set(Dimension)
    with (INCLUDE / "reference" / "rule_dimensions.csv").open(encoding="utf-8", newline="") as lines:
        assert {row["counts"] for row in csv.DictReader(lines)} == {"yes", "no"}
    masks = [code for code in placed() if code.endswith("_masked")]
    assert len(masks) == 3 and not any(placed()[code].counts for code in masks)
