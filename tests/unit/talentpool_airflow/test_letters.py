"""A letter leaves as a mail over real SMTP: sealed, once; a server that refuses is on record and gets it later."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from letters import PASSWORD, connect, faulty, lines, opened
from planted import found
from receivers import mail_server
from rosters import TODAY, Office
from talentpool.declare.letter import RepairLetter
from talentpool.services.letters import Outside, Round, send_due
from talentpool_airflow.letters import mail

pytestmark = pytest.mark.airflow


def test_a_mail_brings_the_sealed_letter_once(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    declared = RepairLetter(by="mail", connection="letter_mail", to="roster@partner.example", password="letter_didi")
    partner = office.partner().model_copy(update={"letter": declared})
    monkeypatch.setattr("talentpool.services.letters.sending.load_partner", lambda *_: partner)
    office.deliver("2026-10-31", faulty())
    outside, now = Outside(connect, mail), datetime.now(UTC)
    with mail_server() as server:
        assert send_due(office, outside, TODAY, now) == Round(made=1, unsent=1), "no such connection yet"
        monkeypatch.setenv("AIRFLOW_CONN_LETTER_MAIL", server.connection())
        server.refuses = True
        assert send_due(office, outside, TODAY, now + timedelta(hours=1)) == Round(unsent=1)
        server.refuses = False
        assert send_due(office, outside, TODAY, now + timedelta(hours=2)) == Round(sent=1)
        assert send_due(office, outside, TODAY, now + timedelta(hours=9)) == Round()
    (letter,), (to,) = server.letters, server.to
    faults = [fault for (fault,) in office.ask("select fault from letter_sending order by sending_id")]
    assert faults == ["没有可用的邮件连接", "邮件服务器没有接受：内容被拒收", ""]
    attached = _attached(letter)
    assert to == ["roster@partner.example"] and str(letter["message-id"]).startswith("<letter-")
    assert hashlib.sha256(attached).hexdigest() == office.one("select sha256 from letter")
    assert {row[2] for row in lines(opened(attached, PASSWORD))} >= {"手机号码", "工作区县"}
    assert found(letter.as_bytes() + caplog.text.encode()) == set() and PASSWORD not in letter.as_string() + caplog.text


def _attached(letter: Any) -> bytes:
    (part,) = letter.iter_attachments()
    assert part.get_filename().endswith(".xlsx")
    return bytes(part.get_payload(decode=True))
