"""Letters leave by a real SFTP server once, wait for an officer on the page, and show while they cannot be sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncssh
import pytest
import sqlalchemy as sa

from letters import PASSWORD, connect, faulty, lines, opened
from planted import found, planted
from rosters import TODAY, Office
from sftp_servers import Server
from simulators.postal import LetterBox, ReadOnly
from talentpool.acquire import Connection
from talentpool.errors import UnavailableError
from talentpool.services.alarm.standing import standing
from talentpool.services.letters import Outside, Post, Round, overview, send_due, take_out


def now(**later: float) -> datetime:
    """This moment, or one that is so much later."""
    return datetime.now(UTC) + timedelta(**later)


def no_mail(post: Post) -> None:
    raise AssertionError(post.name)


@pytest.fixture(params=[asyncssh.SFTPServer, LetterBox], ids=["may write", "a letter box alone"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    served = Server(tmp_path / "partner", request.param)
    yield served
    served.close()


def by(server: Server) -> Outside:
    return Outside(lambda name: server.connection if name == "partner_postal" else connect(name), no_mail)


def lost(server: Server) -> Outside:
    """The same server, which does not answer."""
    away = replace(server.connection, port=9)
    return Outside(lambda name: away if name == "partner_postal" else connect(name), no_mail)


def unreached(name: str) -> Connection:
    raise UnavailableError(name)


def shown(office: Office) -> list[str]:
    with office.engine.connect() as conn:
        return [one.words for one in overview(conn, office.settings, TODAY)]


def alerts(office: Office) -> list[tuple[str, str | None]]:
    with office.engine.connect() as conn:
        return [(one.key, one.noted_by) for one in standing(conn, timedelta(days=7), now(days=1))]


def test_a_letter_lies_once_on_the_partners_server_and_opens_with_the_agreed_password(
    office: Office, server: Server
) -> None:
    number = office.deliver("2026-10-31", faulty(), partner="postal").delivery_id
    assert shown(office) == ["待发送"]
    assert send_due(office, by(server), TODAY, now()) == Round(made=1, sent=1)
    assert send_due(office, by(server), TODAY, now(days=2)) == Round()
    (path,) = (server.root / "letters").iterdir()
    assert path.name == f"letter_postal_20261031_{number}_published.xlsx"
    assert {row[2] for row in lines(opened(path.read_bytes(), PASSWORD))} >= {"手机号码", "工作区县"}
    assert office.one("select sha256 from letter") == hashlib.sha256(path.read_bytes()).hexdigest()
    assert shown(office) == ["已送出（对方 SFTP）"] and alerts(office) == []
    actions = office.ask("select actor, details->>'way' from audit_log where action = 'export' order by seq")
    assert actions == [("letters__send", None), ("letters__send", "sftp")]


def test_a_dead_server_is_shown_told_by_one_alert_tried_again_and_then_sent_once(
    office: Office, server: Server
) -> None:
    office.deliver("2026-10-31", faulty(), partner="postal")
    assert send_due(office, lost(server), TODAY, now()) == Round(made=1, unsent=1)
    assert send_due(office, lost(server), TODAY, now()) == Round(unsent=1), "it rests"
    assert office.one("select count(*) from letter_sending") == 1
    assert send_due(office, lost(server), TODAY, now(minutes=11)) == Round(unsent=1)
    assert shown(office) == ["未送达"] and [key.split(":")[0] for key, _ in alerts(office)] == ["letter_unsent"]
    assert send_due(office, by(server), TODAY, now(minutes=32)) == Round(sent=1)
    assert send_due(office, by(server), TODAY, now(days=2)) == Round()
    assert len(list((server.root / "letters").iterdir())) == 1
    assert [noted for _, noted in alerts(office)] == ["系统"], "the alert ended by itself"
    assert office.ask("select sent from letter_sending order by sending_id") == [(False,), (False,), (True,)]


def test_of_two_letters_on_a_delivery_that_wait_the_last_word_alone_is_sent(office: Office, server: Server) -> None:
    office.deliver("2026-10-31", faulty(), partner="postal")
    send_due(office, lost(server), TODAY, now())
    with office.engine.begin() as conn:
        conn.execute(sa.text("set local session_replication_role = replica"))
        conn.execute(sa.text("update delivery set state = 'rejected'"))
    send_due(office, lost(server), TODAY, now(days=1))
    assert office.one("select count(*) from letter") == 2 and shown(office) == ["未送达"]
    assert send_due(office, by(server), TODAY, now(days=2)).sent == 1
    assert [path.name.split("_")[-1] for path in (server.root / "letters").iterdir()] == ["rejected.xlsx"]


def test_a_second_letter_that_cannot_leave_is_told_like_the_first(office: Office, server: Server) -> None:
    office.deliver("2026-10-31", faulty(), partner="postal")
    send_due(office, lost(server), TODAY, now())
    send_due(office, by(server), TODAY, now(minutes=11))
    assert [noted for _, noted in alerts(office)] == ["系统"]
    with office.engine.begin() as conn:
        conn.execute(sa.text("set local session_replication_role = replica"))
        conn.execute(sa.text("update delivery set state = 'rejected'"))
    assert send_due(office, lost(server), TODAY, now(days=1)).unsent == 1
    assert [noted for _, noted in alerts(office)] == [None] and "未送达" in shown(office)


def test_what_could_not_be_made_is_tried_and_told_until_it_is(office: Office, server: Server) -> None:
    office.deliver("2026-10-31", faulty(), partner="postal")
    send_due(office, Outside(unreached, no_mail), TODAY, now())
    with office.engine.begin() as conn:
        conn.execute(sa.text("set local session_replication_role = replica"))
        conn.execute(sa.text("update delivery set published_at = published_at - interval '20 days'"))
    assert shown(office) == ["未送达"]
    assert send_due(office, by(server), TODAY, now(days=1)) == Round(made=1, sent=1)


def test_a_server_that_takes_nothing_is_unsent_in_words_without_an_address(
    office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="talentpool")
    served = Server(tmp_path / "closed", ReadOnly)
    try:
        office.deliver("2026-10-31", faulty(), partner="postal")
        assert send_due(office, by(served), TODAY, now()) == Round(made=1, unsent=1)
    finally:
        served.close()
    faults = office.ask("select fault from letter_sending")
    assert faults == [("对方的服务器不接受写入",)] and "127.0.0.1" not in repr(faults)
    assert found((repr(office.ask("select * from alert")) + caplog.text).encode()) == set()


def test_without_the_password_nothing_is_made_and_that_shows(office: Office, server: Server) -> None:
    office.deliver("2026-10-31", faulty(), partner="postal")

    def none(name: str) -> Connection:
        raise UnavailableError(name)

    assert send_due(office, Outside(none, no_mail), TODAY, now()) == Round(unsent=1)
    assert office.one("select count(*) from letter") == 0 and shown(office) == ["未送达"]
    assert len(alerts(office)) == 1
    assert send_due(office, by(server), TODAY, now(minutes=11)) == Round(made=1, sent=1)


def test_a_letter_on_the_page_waits_for_an_officer_who_is_reminded_after_a_day(office: Office) -> None:
    office.deliver("2026-10-31", faulty(), partner="didi")
    outside = Outside(connect, no_mail)
    assert send_due(office, outside, TODAY, now()) == Round(made=1, waiting=1)
    assert shown(office) == ["待下载转交"] and alerts(office) == []
    assert send_due(office, outside, TODAY, now(days=1, hours=1)) == Round(waiting=1)
    assert [noted for _, noted in alerts(office)] == [None]
    name, sealed = take_out(office, office.one("select letter_id from letter"), by="sun")
    assert name.startswith("letter_didi_") and lines(opened(sealed))
    assert send_due(office, outside, TODAY, now(days=2)) == Round() and shown(office) == ["已送出（页面下载转交）"]
    assert [noted for _, noted in alerts(office)] == ["系统"]


def test_a_run_that_is_killed_between_making_and_sending_is_gone_on_with(
    office: Office, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.deliver("2026-10-31", faulty(), partner="postal")
    office.deliver("2026-10-31", faulty(), partner="didi")
    with monkeypatch.context() as killed:
        killed.setattr("talentpool.services.letters.sending._leave", _dies)
        with pytest.raises(KeyboardInterrupt):
            send_due(office, by(server), TODAY, now())
    assert office.one("select count(*) from letter") == 2 and office.one("select count(*) from letter_sending") == 0
    assert send_due(office, by(server), TODAY, now()) == Round(sent=1, waiting=1)


def _dies(*_: Any) -> None:
    raise KeyboardInterrupt


def test_two_sweeps_at_once_send_nothing_twice(office: Office, server: Server) -> None:
    from talentpool.locks import LETTERS_LOCK, try_hold

    office.deliver("2026-10-31", faulty(), partner="postal")
    with office.engine.begin() as holding:
        assert try_hold(holding, LETTERS_LOCK)
        assert send_due(office, by(server), TODAY, now()) == Round(busy=True)
    assert office.one("select count(*) from letter") == 0


def test_one_broken_declaration_or_exchanged_file_holds_back_no_other(office: Office, server: Server) -> None:
    first = office.deliver("2026-10-31", faulty(), partner="didi").delivery_id
    office.deliver("2026-10-31", faulty(), partner="postal")
    path = Path(office.one("select landed_url from delivery where delivery_id = :d", d=first))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert send_due(office, by(server), TODAY, now()) == Round(made=1, sent=1, unsent=1)


def test_a_mended_roster_has_no_letter_and_faults_go_with_the_landed_file(office: Office) -> None:
    office.deliver("2026-10-31", faulty(), partner="didi")
    office.deliver("2026-11-30", [planted(number) for number in range(1, 21)], partner="didi")
    assert send_due(office, Outside(connect, no_mail), TODAY, now()).made == 1
    assert office.one("select count(*) from delivery_fault") == 4
    with office.engine.begin() as conn:
        conn.execute(sa.text("update delivery set landed_url = null"))
    send_due(office, Outside(connect, no_mail), TODAY, now())
    assert office.one("select count(*) from delivery_fault") == 0
