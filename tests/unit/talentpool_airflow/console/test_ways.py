"""A way out that fails is not hidden behind another that goes on."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from talentpool.services.alarm.standing import Sending

pytestmark = pytest.mark.airflow


def test_addresses_that_no_server_takes_show_while_the_mail_to_the_others_leaves() -> None:
    from talentpool_airflow.console.pages.alerts import _unsent, way

    def tried(channel: str, fault: str = "") -> Sending:
        return Sending("first", channel, date(2026, 12, 31), (), not fault, fault, datetime.now(UTC))

    tries = [tried("mail"), tried("mail2", "x"), tried("mail"), tried("mail2-second", "x"), tried("mail-second")]
    assert list(_unsent(tries)) == ["邮件（不能使用的地址）", "邮件（不能使用的地址）（第二地址）"]
    assert (way("mail"), way("hook/wecombot2"), way("hook/unknown")) == ("邮件", "企业微信", "其他")
