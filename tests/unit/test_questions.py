"""A question about a held delivery and its one answer: what was shown counts, the first of two doors, both records or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest

from patience import PATIENCE
from rosters import Office, person
from talentpool.decide import Decision, decide, record
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import add_officer
from talentpool.questions import answering, asked, asking

CITY = [person(n) for n in range(1, 101)]
RUN = ("decision__didi", "delivery_2_abc")


@pytest.fixture
def held(office: Office) -> int:
    """A thin roster that lies here, held and asked about."""
    office.deliver("2026-09-30", CITY)
    found = office.deliver("2026-10-31", CITY[:60])
    assert found.status == "held" and found.delivery_id is not None
    with asking(office.engine, *RUN, "didi", found.delivery_id) as where:
        assert where == "held"
    return found.delivery_id


@contextmanager
def taking(office: Office, choice: Any = "all", by: str = "wang") -> Iterator[None]:
    with answering(office.engine, *RUN, choice, by=by, role="city_officer", reason="核实过"):
        yield


def said(office: Office) -> list[tuple]:
    return office.ask("select choice, decided_by, role from delivery_decision order by decision_id")


def test_an_answer_is_on_record_with_its_role_when_the_block_ends_and_not_before(office: Office, held: int) -> None:
    with taking(office, "no-removals"):
        assert said(office) == []
    assert said(office) == [("no-removals", "wang", "city_officer")]
    found = asked(office.engine, *RUN)
    assert found is not None and (found.delivery_id, found.where) == (held, "decided")
    details = office.one("select details from audit_log where action = 'decision'")
    assert details == {"choice": "no-removals", "role": "city_officer"}


def test_an_answer_that_airflow_refuses_is_none(office: Office, held: int) -> None:
    with pytest.raises(LookupError), taking(office):
        raise LookupError
    assert said(office) == []
    found = asked(office.engine, *RUN)
    assert found is not None and (found.delivery_id, found.where, found.as_shown) == (held, "held", True)


def test_who_looks_while_an_answer_is_being_taken_waits_for_it(office: Office, held: int) -> None:
    """A worker that Airflow has woken up is not told that nobody has decided."""
    seen: list[Any] = []
    looking = Thread(target=lambda: seen.append(asked(office.engine, *RUN)))
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    with taking(office):
        looking.start()
        while not office.one(waiting):
            assert looking.is_alive()
        assert seen == []
    looking.join(PATIENCE)
    assert [(one.delivery_id, one.where) for one in seen] == [(held, "decided")]


@pytest.mark.parametrize("first", ["all", "no-removals", "reject"])
def test_the_command_line_first_and_the_answer_comes_too_late(office: Office, held: int, first: Any) -> None:
    record(office.engine, office.partner(), held, Decision(first, "王主任", "核实过"))
    with pytest.raises(ConflictError, match="已由 王主任 决定"), taking(office):
        raise AssertionError("Airflow is not told")
    assert [row[:2] for row in said(office)] == [(first, "王主任")]


def test_the_answer_first_and_the_command_line_comes_too_late(office: Office, held: int) -> None:
    with taking(office, "reject"):
        pass
    with pytest.raises(UsageError, match="可以决定"):
        record(office.engine, office.partner(), held, Decision("all", "王主任", "核实过"))
    assert len(said(office)) == 1


def test_of_two_doors_at_once_one_is_first(office: Office, held: int) -> None:
    """The command line stands behind an answer that is being taken; then it hears that it was too late."""
    entered, told = Event(), []

    def other_door() -> None:
        entered.set()
        try:
            record(office.engine, office.partner(), held, Decision("all", "王主任", "核实过"))
        except UsageError as error:
            told.append(str(error))

    beside = Thread(target=other_door)
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    with taking(office, "reject"):
        beside.start()
        assert entered.wait(PATIENCE)
        while not office.one(waiting):
            assert beside.is_alive()
    beside.join(PATIENCE)
    assert len(told) == 1 and "已退回" in told[0]
    assert said(office) == [("reject", "wang", "city_officer")]


def test_what_overtakes_a_held_delivery_closes_its_question(office: Office, held: int) -> None:
    assert office.deliver("2026-11-30", CITY).status == "published"
    found = asked(office.engine, *RUN)
    assert found is not None and (found.delivery_id, found.where) == (held, "over")
    with pytest.raises(ConflictError, match="已不再搁置"), taking(office):
        raise AssertionError("Airflow is not told")


def test_an_answer_counts_for_what_was_shown_alone(office: Office, held: int) -> None:
    """The delivery was judged anew meanwhile; once the question is put anew, it is answered."""
    with office.engine.begin() as conn:
        conn.exec_driver_sql("update delivery set findings = findings || findings where state = 'held'")
    found = asked(office.engine, *RUN)
    assert found is not None and not found.as_shown
    with pytest.raises(ConflictError, match="与提问时不同"), taking(office):
        raise AssertionError("Airflow is not told")
    with asking(office.engine, *RUN, "didi", held):
        pass
    with taking(office, "reject"):
        pass
    assert len(said(office)) == 1


def test_a_question_that_nobody_was_shown_is_none(office: Office, held: int) -> None:
    with pytest.raises(LookupError), asking(office.engine, "decision__didi", "other", "didi", held):
        raise LookupError
    assert asked(office.engine, "decision__didi", "other") is None
    with (
        pytest.raises(ConflictError, match="没有提出过问题"),
        answering(office.engine, "decision__didi", "other", "all", by="wang", role="city_officer", reason="x"),
    ):
        raise AssertionError("Airflow is not told")
    with (
        pytest.raises(UsageError, match="合作单位 postal 没有交付"),
        asking(office.engine, "decision__postal", "x", "postal", held),
    ):
        raise AssertionError("nobody is asked about another partner's delivery")


def test_whose_duty_it_is_not_decides_by_no_door(office: Office, held: int) -> None:
    with office.engine.begin() as conn:
        add_officer(conn, "asked_operator", "operator", counties=["140403"], by="admin")
    with pytest.raises(RefusedError, match="decide on a delivery"), taking(office, by="asked_operator"):
        raise AssertionError("Airflow is not told")
    with pytest.raises(RefusedError, match="decide on a delivery"):
        decide(
            office, office.partner(), held, "all", by="Asked_Operator", reason="核实过"
        )  # fmt: skip
    assert said(office) == []
