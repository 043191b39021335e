"""The life of a delivery: the enum says it, the database holds it, and no other word for a state stands in the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
import sqlalchemy as sa

from rosters import Office, person
from talentpool.deliveries.delivery_state import NEXT, State

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = {"child.py": {"rejected"}, "questions.py": {"held"}, "decisions.py": {"held"}, "office.py": {"held"},
             "verdict.py": {"audited"}, "of_delivery.py": {"held", "rejected"}}  # fmt: skip
"""File -> words in it that look like a state and are none: a question's, a check's, a rule's, a child's answer."""


def test_the_database_lets_pass_what_the_enum_allows_and_refuses_every_other_step(office: Office) -> None:
    number = office.deliver("2026-09-30", [person(n) for n in range(10)]).delivery_id
    refused, passed = set(), set()
    with office.engine.connect() as conn:
        for old, new in product(State, State):
            if old == new:
                continue
            conn.execute(sa.text("alter table delivery disable trigger delivery_moves"))
            conn.execute(sa.text("update delivery set state = :old"), {"old": old})
            conn.execute(sa.text("alter table delivery enable trigger delivery_moves"))
            with conn.begin_nested() as inside:
                try:
                    conn.execute(sa.text("update delivery set state = :new"), {"new": new})
                    passed.add((old, new))
                except sa.exc.IntegrityError as error:
                    refused.add((old, new))
                    assert f"delivery {number} is {old}; it cannot become {new}" in str(error)
                    inside.rollback()
        conn.rollback()
    assert passed == {(old, new) for old, those in NEXT.items() for new in those}
    assert len(passed) + len(refused) == 30


def test_a_word_that_is_no_state_is_refused(office: Office) -> None:
    office.deliver("2026-09-30", [person(n) for n in range(10)])
    with office.engine.begin() as conn, pytest.raises(sa.exc.IntegrityError):
        conn.execute(sa.text("alter table delivery disable trigger delivery_moves"))
        conn.execute(sa.text("update delivery set state = 'done'"))


def test_every_state_leads_somewhere_and_none_to_itself() -> None:
    assert set(NEXT) == set(State)
    assert all(old not in those for old, those in NEXT.items())
    assert [old for old, those in NEXT.items() if not those] == [State.PUBLISHED]


def test_no_state_is_written_as_a_bare_word() -> None:
    states = {state.value for state in State}
    offenders = [
        f"{path.relative_to(ROOT)}:{line}: {word}"
        for folder in ("include/talentpool", "include/talentpool_airflow", "dags")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "delivery_state.py"
        for line, word in _words(path)
        if word in states - ELSEWHERE.get(path.name, set())
    ]
    assert offenders == []


def _words(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
