"""What ended by itself and comes back is told again; one way out that fails keeps nothing from the others."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from arrivals import arrive
from rosters import Office
from talentpool.model import delivery
from talentpool.services.alarm import look
from talentpool.services.alarm.letters import Letter
from talentpool.services.alarm.sending import Round, send_due
from talentpool.services.alarm.standing import LATELY, Noticed, acknowledge, standing, waiting_alerts

LATE = "roster_late:postal:2026-12-01"


@pytest.fixture(autouse=True)
def rosters_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all that a look finds: next year's holiday table is missing in December as well."""
    monkeypatch.setattr("talentpool.services.alarm.looking.others", lambda *_: ())


class Way:
    """A channel that keeps what it was given, or fails as no channel should."""

    def __init__(self, name: str = "mail", fault: Exception | None = None) -> None:
        self.name, self.fault, self.told = name, fault, list[Letter]()

    def send(self, told: Letter) -> None:
        if self.fault:
            raise self.fault
        self.told.append(told)


class Days:
    """Days of an office, each with its look and its round of sending, a digest in each."""

    def __init__(self, office: Office) -> None:
        office.settings = office.settings.model_copy(update={"alert_digest_hour": 0})
        self.office = office

    def day(self, today: date, hours: float = 0, name: str = "mail") -> tuple[list[str], list[str]]:
        """Keys that are new, of rosters; subjects of what was sent."""
        way, now = Way(name), datetime.now(UTC)
        new = look(self.office, today, now)
        send_due(self.office, [way], today, now + timedelta(hours=hours), "https://x")
        subjects = [one.subject.removeprefix("[青年人才库] ") for one in way.told]
        return [one for one in new if one.startswith("roster_")], subjects

    def becomes(self, number: int, state: str) -> None:
        with self.office.engine.begin() as conn:
            conn.execute(sa.text("set local session_replication_role = replica"))
            conn.execute(delivery.update().where(delivery.c.delivery_id == number).values(state=state))

    def stands(self, key: str) -> tuple[Noticed, int]:
        now = datetime.now(UTC)
        with self.office.engine.connect() as conn:
            (one,) = standing(conn, LATELY, now, [key])
            return one, waiting_alerts(conn, now)


def test_a_roster_that_is_late_again_is_told_counted_and_escalated_again(office: Office) -> None:
    days = Days(office)
    arrive(office, "postal", "2026-10-31", "2026-11-02")
    assert days.day(date(2026, 12, 5)) == ([LATE], ["告警：名册迟到", "2026-12-05 汇总：告警 1 件未确认"])
    assert days.day(date(2026, 12, 5), 25, "mail-second")[1] == ["24 小时无人确认，告警：名册迟到"]
    number = arrive(office, "postal", "2026-11-30", "2026-12-05", "landed")
    assert days.day(date(2026, 12, 6)) == ([], ["2026-12-06 汇总：一切正常"])
    ended, waiting = days.stands(LATE)
    assert ended.ended and ended.noted_by == "系统" and waiting == 0
    days.becomes(number, "rejected")
    assert days.day(date(2026, 12, 7)) == ([LATE], ["告警：名册迟到", "2026-12-07 汇总：告警 1 件未确认"])
    again, waiting = days.stands(LATE)
    assert (again.count, again.noted_by, again.ended, waiting) == (1, None, False, 1)
    assert again.first_seen > ended.last_seen
    assert days.day(date(2026, 12, 8)) == ([], ["2026-12-08 汇总：告警 1 件未确认"]), "told once an occurrence"
    assert days.day(date(2026, 12, 8), 23, "mail-second")[1] == []
    assert days.day(date(2026, 12, 8), 25, "mail-second")[1] == ["24 小时无人确认，告警：名册迟到"]
    assert days.day(date(2026, 12, 8), 25, "mail-second")[1] == []


def test_an_officers_word_silences_its_own_occurrence_and_no_later_one(office: Office) -> None:
    days = Days(office)
    arrive(office, "postal", "2026-10-31", "2026-11-02")
    days.day(date(2026, 12, 5))
    with office.engine.begin() as conn:
        acknowledge(conn, LATE, by="sun", note="已电话联系")
    calm = "汇总：没有未确认的告警"
    assert days.day(date(2026, 12, 6)) == ([], [f"2026-12-06 {calm}"]), "late all the same: all is not well"
    number = arrive(office, "postal", "2026-11-30", "2026-12-06", "landed")
    days.day(date(2026, 12, 7))
    assert days.stands(LATE)[0].noted_by == "sun", "who took note still shows when it is over"
    with office.engine.begin() as conn:
        acknowledge(conn, LATE, by="sun")  # of what is over
    days.becomes(number, "rejected")
    assert days.day(date(2026, 12, 8)) == ([LATE], ["告警：名册迟到", "2026-12-08 汇总：告警 1 件未确认"])
    with office.engine.begin() as conn:
        acknowledge(conn, LATE, by="wang")
    assert days.day(date(2026, 12, 9)) == ([], [f"2026-12-09 {calm}"])
    assert days.stands(LATE)[0].noted_by == "wang"


def test_a_roster_that_is_held_again_after_a_decision_is_told_again(office: Office) -> None:
    days = Days(office)
    arrive(office, "postal", "2026-09-30", "2026-10-08")
    number = arrive(office, "postal", "2026-10-31", "2026-11-02", "held")
    key = f"roster_held:postal:{number}"
    for state, new in (("held", [key]), ("published", []), ("held", [key]), ("held", [])):
        days.becomes(number, state)
        found, subjects = days.day(date(2026, 11, 6))
        assert (found, "告警：名册搁置" in subjects) == (new, bool(new))
    assert days.stands(key)[1] == 1


def test_what_ended_while_nobody_looked_for_weeks_ended_all_the_same(office: Office) -> None:
    days = Days(office)
    arrive(office, "postal", "2026-10-31", "2026-11-02")
    days.day(date(2026, 12, 5))
    with office.engine.begin() as conn:
        conn.execute(sa.text("set local session_replication_role = replica"))
        for table in ("alert", "alert_sending"):
            conn.execute(sa.text(f"update {table} set made_at = made_at - interval '9 days'"))
    number = arrive(office, "postal", "2026-11-30", "2026-12-14", "landed")
    days.day(date(2026, 12, 14))
    days.becomes(number, "rejected")
    assert days.day(date(2026, 12, 15))[0] == [LATE]


def test_a_channel_that_fails_in_any_way_is_on_record_and_the_others_go_on(office: Office) -> None:
    arrive(office, "postal", "2026-10-31", "2026-11-02")
    now, good = datetime.now(UTC), Way("good")
    look(office, date(2026, 12, 5), now)
    ways = [Way("bad", RuntimeError("a@b.example")), good]
    office.settings = office.settings.model_copy(update={"alert_digest_hour": 24})
    assert send_due(office, ways, date(2026, 12, 5), now, "https://x") == Round(sent=1, unsent=1)
    told = office.ask("select channel, sent, fault from alert_sending order by sending_id")
    assert told == [("bad", False, "没有送达（RuntimeError）"), ("good", True, "")] and len(good.told) == 1
