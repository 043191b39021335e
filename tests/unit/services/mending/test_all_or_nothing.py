"""A correction that ends midway leaves nothing, and is made again; the word that a row is taken by outlives corrections of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa

from asking import withdraw
from databases import Twins
from rosters import TODAY, Office, document, person
from set_aside import CITY, asked, bring, live, many, rows, words
from talentpool import mend
from talentpool.errors import ConflictError, TalentpoolError, UsageError
from talentpool.expect import Verdict
from talentpool.flow import ingest
from talentpool.guard import record_id
from talentpool.services.mending import Act, Place, answer, correct, end_value, release
from talentpool.services.rights import register, revoke
from talentpool.texts.finding import Finding

OTHER = Act("赵专员", "单位来函")
CORRECTIONS = "select state from delivery where source_name like 'correction%' order by delivery_id"


@pytest.fixture
def city(twins: Twins) -> Office:
    return twins.office()


def kill(monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """The server ends the connection at this step of what is no trial, as it does when the process dies."""
    whole: Callable[..., Any] = getattr(mend, at)

    def killed(office: Office, *given: Any, **more: Any) -> Any:
        if not office.settings.landing_url.startswith("memory"):
            with office.engine.connect() as conn:
                conn.execute(sa.text("select pg_terminate_backend(pg_backend_pid())"))
        return whole(office, *given, **more)

    monkeypatch.setattr(mend, at, killed)


@pytest.mark.parametrize("step", ["conform_share", "expect", "publish"])
def test_a_correction_that_is_killed_leaves_nothing_and_is_made_again(
    city: Office, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    place = Place(bring(city, person(7, hired_on="2024-13-45")), 7)
    with monkeypatch.context() as killing:
        kill(killing, step)
        with pytest.raises(sa.exc.OperationalError):
            correct(city, place, "hired_on", "2024-03-05", CITY)
    assert words(city) == [] and city.ask(CORRECTIONS) == [] and len(rows(city)) == 1
    assert correct(city, place, "hired_on", "2024-04-06", OTHER).outcome == "taken", (
        "somebody else's is not asked about"
    )
    with suppress(TalentpoolError):
        ingest(city, city.partner(), count=city.count)
    assert live(city, "T00007", "hired_on") == date(2024, 4, 6) and city.ask(CORRECTIONS) == [("published",)]


def test_a_request_whose_correction_is_killed_stays_open_and_the_same_value_closes_it(
    city: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(city, person(7))
    entry = register(
        city, "correct", "didi:T00007", by=CITY.by, reason="本人到访", received_on=TODAY, identity="in_person"
    )
    record = record_id(city.keys, "didi", "T00007")
    with monkeypatch.context() as killing:
        kill(killing, "publish")
        with pytest.raises(sa.exc.OperationalError):
            answer(city, entry.request_id, record, "station", "城东站", CITY)
    done = "select done_at is not null from person_request"
    assert city.ask(done) == [(False,)] and words(city) == []
    assert answer(city, entry.request_id, record, "station", "城东站", CITY).outcome == "taken"
    assert city.ask(done) == [(True,)] and live(city, "T00007", "station") == "城东站"
    assert asked(city, "T00007", "station", "城东站", CITY).outcome == "taken", (
        "what stands by a word closes a request too"
    )
    assert city.one("select count(*) from person_request where done_at is null") == 0


def test_a_request_that_is_revoked_meanwhile_corrects_nothing(city: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(city, person(7))
    entry = register(
        city, "correct", "didi:T00007", by=CITY.by, reason="本人到访", received_on=TODAY, identity="in_person"
    )
    faults_of = mend.faults_of

    def revoked_meanwhile(*given: Any) -> set[str]:
        with suppress(UsageError):
            revoke(city, entry.request_id, "mistake", by=CITY.by)
        return faults_of(*given)

    monkeypatch.setattr(mend, "faults_of", revoked_meanwhile)
    with pytest.raises(ConflictError, match="已办结或撤销"):
        answer(city, entry.request_id, record_id(city.keys, "didi", "T00007"), "station", "城东站", CITY)
    assert words(city) == [] and live(city, "T00007", "station") == "太行站"


def test_a_correction_that_a_release_of_before_left_is_void_whatever_came_since(city: Office) -> None:
    delivery = bring(city, person(7, hired_on="2024-13-45"))
    row = mend.read_row(city, city.partner(), delivery, row_no=7)
    assert row is not None
    with city.engine.begin() as conn:
        stale = row.cells | {"hired_on": "2024-01-01"}
        mend._bring(conn, city, city.partner(), row, stale, mend.Sender("王专员", ("140403",)))
    correct(city, Place(delivery, 7), "hired_on", "2024-03-05", CITY)
    with suppress(TalentpoolError):
        ingest(city, city.partner(), count=city.count)
    assert live(city, "T00007", "hired_on") == date(2024, 3, 5)
    assert city.ask(CORRECTIONS) == [("rejected",), ("published",)]
    assert "已作废" in city.one("select message from delivery where state = 'rejected'")


def test_what_a_person_must_decide_and_who_withdrew_leave_no_word(
    city: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(bring(city, person(7, hired_on="2024-13-45"), person(8, hired_on="2024-13-46")), 7)
    judged = mend._judged

    def held(office: Office, *given: Any) -> Verdict:
        if office.settings.landing_url.startswith("memory"):
            return judged(office, *given)
        return Verdict(0, "held", 1, 1, 0, 0, {}, {}, [Finding("delta_gap", 1, 0).as_json()])

    with monkeypatch.context() as patched:
        patched.setattr(mend, "_judged", held)
        with pytest.raises(UsageError, match="由人判断"):
            correct(city, place, "hired_on", "2024-03-05", CITY)
    assert words(city) == [] and city.ask(CORRECTIONS) == []
    correct(city, place, "hired_on", "2024-03-05", CITY)
    withdraw(city, "didi:T00007", by="王主任", reason="本人书面申请", received_on=TODAY)
    with pytest.raises(ConflictError):
        correct(city, place, "hired_on", "2024-03-06", CITY)
    assert words(city) == []


def test_a_released_row_stays_taken_when_a_correction_of_it_ends(city: Office) -> None:
    old = person(7, document_no=document(7, "1931-05-05"))
    release(city, Place(bring(city, old), 7), CITY)
    asked(city, "T00007", "station", "城东站", CITY)
    end_value(city, 2, by=CITY.by, reason="单位已核对")
    again = city.deliver("2026-11-30", many(old))
    assert (again.quarantined, again.notes["taken_as_it_is"]) == (0, 1) and live(city, "T00007", "station") == "太行站"
    assert words(city) == [("", ""), ("station", "ended")]


def test_two_corrections_of_a_released_row_at_once_end_no_word(city: Office) -> None:
    old = person(7, document_no=document(7, "1931-05-05"))
    release(city, Place(bring(city, old), 7), CITY)
    entry = register(
        city, "correct", "didi:T00007", by=CITY.by, reason="本人到访", received_on=TODAY, identity="in_person"
    )
    record, start, told = record_id(city.keys, "didi", "T00007"), Barrier(2), []

    def at_once(field: str, value: str) -> None:
        start.wait()
        try:
            told.append(answer(city, entry.request_id, record, field, value, CITY).outcome)
        except UsageError as error:
            told.append(str(error))

    both = [Thread(target=at_once, args=pair) for pair in (("station", "城东站"), ("mobile", "13900000001"))]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert "taken" in told and len(told) == 2
    assert any("刚刚已办结" in one or "请刷新" in one for one in told), "the second is told"
    again = city.deliver("2026-11-30", many(old))
    assert (again.quarantined, again.notes["taken_as_it_is"]) == (0, 1)
    assert words(city)[0] == ("", "") and len(words(city)) == 2, "the second is asked to look again"
