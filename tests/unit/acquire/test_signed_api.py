"""A signed HTTPS API, for real: a roster lands whole and the same however the day goes, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from rosters import person
from sf_partner import AS_OF, Sf, Waits
from talentpool.acquire import signed_calls
from talentpool.errors import UnavailableError


def test_a_roster_lands_as_the_partner_wrote_it(partner: Sf, undisturbed: Callable[[], bytes]) -> None:
    partner.offer(25)
    landed = partner.take()
    assert landed is not None and (landed.as_of, landed.kind) == (AS_OF, "full")
    assert partner.landed() == undisturbed()
    assert partner.pages == [1, 2, 3]
    facts = "source_name, manifest_rows, notice_version, since, state, kind"
    assert partner.office.ask(f"select {facts} from delivery") == [
        ("roster_sf_20261031_SF2026103101.csv", 25, "v1", None, "landed", "full")
    ]
    assert partner.office.ask("select offer_id from handled_offer") == [("SF2026103101@1@25",)]
    url = partner.office.one("select landed_url from delivery")
    assert person(1)["name"].encode() not in Path(url).read_bytes()


DISTURBED = [
    {"rate_limit": 2},
    {"rate_limit_http": 2},
    {"server_error_5xx_once": True},
    {"hang_up_once": True},
    {"token_expired_once": True},
    {"page_fails_once": 1},
    {"page_fails_once": 3},
    {"total_moves_once": True},
    {"version_moves_once": True},
    {"duplicate_page_once": True},
    {"shuffled_page_once": True},
    {"short_page": 3},
    {"empty_page_once": True},
    {"page_fails_once": 3, "total_moves_once": True, "token_expired_once": True, "rate_limit": 1, "short_page": 1},
    {"slow": 0.05},
    {"skewed_clock": 240},
]


@pytest.mark.parametrize("switches", DISTURBED, ids="+".join)
def test_a_disturbed_pull_lands_the_bytes_of_an_undisturbed_one(
    partner: Sf, undisturbed: Callable[[], bytes], switches: dict[str, Any]
) -> None:
    partner.offer(25)
    partner.misbehave(**switches)
    assert partner.take() is not None
    assert partner.landed() == undisturbed()
    assert partner.office.one("select count(*) from delivery") == 1


RESTARTING = ("total_moves_once", "version_moves_once", "duplicate_page_once", "shuffled_page_once", "empty_page_once")


@pytest.mark.parametrize("switch", RESTARTING)
def test_a_roster_that_moves_is_read_again_from_the_start(partner: Sf, switch: str) -> None:
    partner.offer(25)
    partner.misbehave(**{switch: True})
    partner.take()
    assert partner.pages == [1, 2, 1, 2, 3]


FAILING = [
    ({"rate_limit": True}, "too often|A1005"),
    ({"rate_limit_http": 99}, "HTTP 429"),
    ({"server_error_5xx": True}, "HTTP 503"),
    ({"bad_signature": True}, "signature.*A1006"),
    ({"answer": "A1003"}, "address.*A1003"),
    ({"answer": "A1004"}, "permit.*A1004"),
    ({"answer": "A1001"}, "A1001"),
    ({"answer": "A1007"}, "A1007"),
    ({"answer": "A1009"}, "A1009"),
    ({"answer": "A1099"}, "A1099"),
    ({"answer": "B7777"}, "unknown answer .B7777"),
    ({"answer": "王建国 13812345601"}, "no known form"),
    ({"token_expired_always": True}, "refused as expired"),
    ({"page_fails_always": 3}, "A1099"),
    ({"total_moves_always": True}, "changed under every one"),
    ({"duplicate_page_always": True}, "changed under every one"),
    ({"short_page": True}, "changed under every one"),
    ({"down": True}, "cannot be reached"),
    ({"skewed_clock": 301}, "clock"),
    ({"skewed_clock": -301}, "clock"),
    ({"invalid_json": True}, "not JSON"),
    ({"invalid_data": True}, "apiResultData"),
    ({"not_success": True}, "service failed .errorCode S0002"),
]  # fmt: skip


@pytest.mark.parametrize(("switches", "says"), FAILING, ids=lambda value: str(value)[:40])
def test_a_partner_that_fails_is_unavailable_and_nothing_is_kept(
    partner: Sf, switches: dict[str, Any], says: str
) -> None:
    partner.offer(25)
    partner.misbehave(**switches)
    with pytest.raises(UnavailableError, match=says) as caught:
        partner.take()
    assert caught.value.exit_code == 5
    assert "王建国" not in str(caught.value)
    assert partner.nothing_was_kept()
    partner.misbehave()
    assert partner.take() is not None


@pytest.mark.parametrize("code", ["A1001", "A1003", "A1004", "A1007", "B7777"])
def test_what_asking_again_cannot_mend_is_asked_once(partner: Sf, code: str) -> None:
    partner.offer(25)
    partner.misbehave(answer=code)
    with pytest.raises(UnavailableError):
        partner.take()
    assert len(partner.server.api.calls) == 1


@pytest.mark.parametrize("code", ["A1005", "A1009", "A1099"])
def test_what_may_pass_is_asked_a_bounded_number_of_times(partner: Sf, code: str, waits: Waits) -> None:
    partner.offer(25)
    partner.misbehave(answer=code)
    with pytest.raises(UnavailableError):
        partner.take()
    assert len(partner.server.api.calls) == signed_calls.ATTEMPTS
    assert sum(waits.slept) >= 3


def test_a_roster_that_never_holds_still_is_read_four_times(partner: Sf) -> None:
    partner.offer(25)
    partner.misbehave(total_moves_always=True)
    with pytest.raises(UnavailableError):
        partner.take()
    assert partner.pages == [1, 2] * 4


def test_a_partner_that_asks_for_a_pause_gets_it(partner: Sf, waits: Waits) -> None:
    partner.offer(25)
    partner.misbehave(rate_limit_http=1, retry_after=77)
    assert partner.take() is not None
    assert 77 in waits.slept


def test_a_pause_may_be_asked_for_as_a_date(partner: Sf, waits: Waits) -> None:
    partner.offer(25)
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    partner.misbehave(rate_limit_http=1, retry_after=at)
    assert partner.take() is not None
    assert max(waits.slept) > 30


def test_a_partner_that_asks_for_a_long_pause_is_left_alone(partner: Sf) -> None:
    partner.offer(25)
    partner.misbehave(rate_limit_http=1, retry_after=3600)
    with pytest.raises(UnavailableError, match="3600 s"):
        partner.take()
    assert partner.nothing_was_kept()


def test_calls_keep_to_the_declared_rate(partner: Sf, waits: Waits) -> None:
    partner.offer(200)
    assert partner.take(options={"calls_per_second": 0.5}) is not None
    calls = len(partner.server.api.calls) + 1  # and one for the token
    assert calls == 22
    assert sum(waits.slept) == (calls - 1) * 2
