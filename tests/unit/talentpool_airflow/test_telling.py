"""Alerts leave the machine, over real SMTP and HTTP: once, escalated, as a digest; and what was not taken is on record."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from arrivals import arrive
from planted import MARK, found
from receivers import Hook, MailServer, mail_server, web_hook
from rosters import Office
from talentpool.model import alert
from talentpool.services.alarm import Alarm, look, raise_alert
from talentpool.services.alarm.sending import Round, send_due
from talentpool.services.alarm.standing import acknowledge, sendings
from talentpool.services.alarm.taking_in import take_in
from talentpool_airflow.alerts import say_alert
from talentpool_airflow.telling import channels
from talentpool_airflow.watch import tell_plainly, watch_once

pytestmark = pytest.mark.airflow
TODAY = date(2026, 12, 31)
BASE = "https://pool.example"


@dataclass
class Outside:
    """The world that alerts go to."""

    office: Office
    mail: MailServer
    hook: Hook

    def send(self, hours: float = 0, today: date = TODAY) -> Round:
        """A round as if so many hours had passed."""
        at = datetime.now(UTC) + timedelta(hours=hours)
        return send_due(self.office, channels(self.office.settings), today, at, BASE)

    def told(self) -> list[str]:
        """Subjects of the letters."""
        return [str(letter["subject"]) for letter in self.mail.letters]


@pytest.fixture
def outside(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    with mail_server() as mail, web_hook() as hook:
        monkeypatch.setenv("AIRFLOW_CONN_ALERT_MAIL", mail.connection())
        monkeypatch.setenv("AIRFLOW_CONN_ALERT_HOOK", hook.connection())
        monkeypatch.setenv("AIRFLOW_CONN_ALERT_HOOK_SECOND", '{"conn_type": "generic"}')
        changes = {"alert_to": "duty@office.example, it@office.example", "alert_second": "head@office.example"}
        # whatever the clock shows, the digest has its own test
        office.settings = office.settings.model_copy(update={**changes, "alert_digest_hour": 24})
        yield Outside(office, mail, hook)


def raised(office: Office, kind: str = "roster_late", **more: str) -> str:
    with office.engine.begin() as conn:
        return raise_alert(conn, Alarm(kind, "postal", "邮政快递的名册 2026-12-01 应到，仍未收到", **more))


def test_an_alert_leaves_once_by_mail_and_webhook_with_a_link(outside: Outside) -> None:
    key = raised(outside.office)
    assert outside.send() == Round(sent=2)
    raised(outside.office)  # seen once more
    assert outside.send() == Round()
    (letter,), (posted,) = outside.mail.letters, outside.hook.posted
    assert outside.mail.to == [["duty@office.example", "it@office.example"]]
    assert "名册迟到" in str(letter["subject"]) and "名册迟到" in posted["title"]
    page = letter.get_body().get_content()  # type: ignore[union-attr]
    assert f"{BASE}/console/alerts?key={key.replace(':', '%3A')}" in page and "应到，仍未收到" in page
    assert f"{BASE}/console/alerts?key=" in posted["message"]


def test_a_matter_that_lasts_for_weeks_is_told_and_escalated_once(outside: Outside) -> None:
    raised(outside.office)
    assert [outside.send(), outside.send(hours=30)] == [Round(sent=2), Round(sent=1)]
    backdate = "set local session_replication_role = replica; update alert_sending set day = day - 20"
    with outside.office.engine.begin() as conn:
        conn.exec_driver_sql(backdate)
    raised(outside.office)  # as the daily look does
    assert outside.send(hours=31) == Round()


def test_many_alerts_of_a_round_are_one_letter_and_a_mere_note_is_none(outside: Outside) -> None:
    for number in range(3):
        raised(outside.office, about=str(number))
    with outside.office.engine.begin() as conn:
        raise_alert(conn, Alarm("other", "x", "y", severity="note"))
    assert outside.send() == Round(sent=2)
    assert outside.told() == ["[青年人才库] 告警：名册迟到 等 3 件"]


def test_what_nobody_has_taken_note_of_goes_to_the_second_address_once(outside: Outside) -> None:
    raised(outside.office, about="seen")
    raised(outside.office, about="unseen")
    outside.send()
    with outside.office.engine.begin() as conn:
        acknowledge(conn, "roster_late:postal:seen", by="sun")
    assert outside.send(hours=23) == Round(), "not yet"
    assert outside.send(hours=25) == Round(sent=1)
    assert outside.mail.to[-1] == ["head@office.example"] and outside.told()[-1].startswith(
        "[青年人才库] 24 小时无人确认"
    )
    with outside.office.engine.connect() as conn:
        (escalated,) = [one for one in sendings(conn, TODAY) if one.what == "escalated"]
    assert escalated.keys == ("roster_late:postal:unseen",)
    assert outside.send(hours=49) == Round()


def test_a_digest_comes_every_day_also_when_nothing_happened(outside: Outside) -> None:
    outside.office.settings = outside.office.settings.model_copy(update={"alert_digest_hour": 0})
    assert outside.send() == Round(sent=2)
    assert outside.told() == ["[青年人才库] 2026-12-31 汇总：一切正常"]
    assert "某天没有收到" in outside.mail.letters[0].get_body().get_content()  # type: ignore[union-attr]
    assert outside.send() == Round(), "one a day"
    arrive(outside.office, "postal", "2026-10-31", "2026-11-02")
    look(outside.office, TODAY, datetime.now(UTC))
    outside.send(hours=24, today=TODAY + timedelta(days=1))
    digest = next(letter for letter in outside.mail.letters if "2027-01-01 汇总" in str(letter["subject"]))
    page = digest.get_body().get_content()  # type: ignore[union-attr]
    assert "邮政快递：2026-12-01 应到" in page and "未确认" in str(digest["subject"])


def test_a_dead_mail_server_is_on_record_tried_again_and_fails_nobody(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = outside.mail.connection()
    monkeypatch.setenv("AIRFLOW_CONN_ALERT_MAIL", good.replace(str(outside.mail.port), "9"))
    say_alert({"dag_id": "pool__people", "run_id": "r1", "task_id": "match", "message": "失败"})  # raises nothing
    assert outside.send() == Round(sent=1, unsent=1), "the webhook took it"
    assert outside.send() == Round(), "it rests"
    with outside.office.engine.connect() as conn:
        (failed,) = [one for one in sendings(conn, TODAY) if not one.sent]
    assert (failed.channel, failed.fault) == ("mail", "邮件服务器没有接受：连接被拒绝")
    monkeypatch.setenv("AIRFLOW_CONN_ALERT_MAIL", good)
    assert outside.send(hours=1) == Round(sent=1)
    assert "任务失败" in outside.told()[0]


def test_a_refusing_server_and_a_failing_webhook_are_unsent_each_on_its_own(outside: Outside) -> None:
    outside.mail.refuses, outside.hook.status = True, 500
    raised(outside.office)
    assert outside.send() == Round(unsent=2)
    outside.mail.refuses = False
    assert outside.send(hours=1) == Round(sent=1, unsent=1)
    with outside.office.engine.connect() as conn:
        assert {one.channel for one in sendings(conn, TODAY) if not one.sent} == {"mail", "hook/json"}


def test_an_address_that_no_server_takes_is_on_record_and_the_others_are_told(outside: Outside) -> None:
    addresses = {"alert_to": "王@office.example，duty@office.example", "alert_second": "head@例子.example"}
    outside.office.settings = outside.office.settings.model_copy(update=addresses)
    raised(outside.office)
    assert outside.send(hours=25) == Round(sent=2, unsent=2)
    assert outside.mail.to == [["duty@office.example"]] and len(outside.hook.posted) == 1
    failed = outside.office.ask("select channel, fault from alert_sending where not sent order by sending_id")
    assert [name for name, _ in failed] == ["mail2", "mail2-second"]
    assert "ALERT_TO 中有 1 个" in failed[0][1] and "ALERT_SECOND" in failed[1][1] and "王" not in failed[0][1]


def test_no_planted_person_stands_in_an_alert_a_letter_a_webhook_or_a_log(
    outside: Outside, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even where whoever raises it was careless with numbers; words of ours hold no name."""
    caplog.set_level(logging.DEBUG)
    careless = "行 17 的证件 140199199005050017 与手机 19900000017 不符"
    say_alert({"dag_id": "roster__didi", "run_id": "manual__19900000017", "task_id": "expect", "message": careless})
    outside.send()
    table = repr(outside.office.ask("select * from alert")) + repr(outside.office.ask("select * from alert_sending"))
    letters = "".join(letter.as_string() + str(letter.get_body().get_content()) for letter in outside.mail.letters)  # type: ignore[union-attr]
    assert outside.mail.letters and outside.hook.posted and MARK not in table
    for everything in (table, letters, repr(outside.hook.posted)):
        assert "roster__didi" in everything or "任务失败" in everything
        assert found(everything.encode()) == set(), everything
    printed = capsys.readouterr()
    assert found((printed.out + printed.err).encode()) == set()


def gone(office: Office) -> str:
    """URL of a database that is not there."""
    return sa.make_url(office.settings.database_url or "").set(database="gone").render_as_string(hide_password=False)


def test_a_full_disk_keeps_no_alert_from_the_table_and_no_dead_database_one_from_the_file(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = {"dag_id": "pool__people", "run_id": "r1", "task_id": "match", "message": "失败"}
    monkeypatch.setenv("TALENTPOOL_ALERTS", "/dev/full")
    say_alert(line)
    with outside.office.engine.connect() as conn:
        assert conn.execute(alert.select()).one().kind == "task_failed"
    monkeypatch.delenv("TALENTPOOL_ALERTS")
    monkeypatch.setenv("TALENTPOOL_DATABASE_URL", gone(outside.office))
    say_alert(line | {"run_id": "r2"})
    assert "r2" in outside.office.settings.alerts_file.read_text(encoding="utf-8")
    with outside.office.engine.begin() as conn:
        assert take_in(conn, outside.office.settings.alerts_file, datetime.now(UTC)) == 1
        assert take_in(conn, outside.office.settings.alerts_file, datetime.now(UTC)) == 0


def test_a_database_that_is_away_is_told_by_the_watch_once_a_day(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = outside.office.settings.model_copy(update={"database_url": gone(outside.office)})
    told_on: set[date] = set()
    assert [watch_once(away, told_on) for _ in range(2)] == [5, 5]
    assert outside.told() == ["[青年人才库] 紧急：数据库无法访问"] * 2, "to both addresses"
    assert len(outside.hook.posted) == 1
    monkeypatch.setenv("AIRFLOW_CONN_ALERT_MAIL", outside.mail.connection().replace(str(outside.mail.port), "9"))
    outside.hook.status = 500
    assert tell_plainly(away) == 0, "and is not stopped by the others being away too"


def test_the_watch_looks_and_sends_by_itself(outside: Outside) -> None:
    assert watch_once(outside.office.settings) == 3
    for key in outside.office.ask("select distinct dedup_key from alert"):  # next year's holidays
        with outside.office.engine.begin() as conn:
            acknowledge(conn, *key, by="sun")
    assert watch_once(outside.office.settings) == 0
    arrive(outside.office, "postal", "2026-10-31", "2026-11-02")
    assert watch_once(outside.office.settings) == 3
    assert "名册迟到" in outside.told()[-1]
