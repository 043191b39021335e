"""A signed HTTPS API, for real: a roster lands whole and the same however the day goes, or not at all."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from rosters import person
from sf_partner import AS_OF, Sf, Waits
from talentpool.acquire import backlog, signed_calls
from talentpool.errors import UnavailableError, UsageError
from talentpool.flow import finish, ingest, outcome


@pytest.fixture
def undisturbed(partner: Sf) -> Callable[[], bytes]:
    """The bytes that the delivered file becomes: what the server holds, without mark, line ends as written."""

    def read() -> bytes:
        (path,) = (partner.root / "rosters").glob("*.csv")
        return path.read_bytes().removeprefix(b"\xef\xbb\xbf")

    return read


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
    ({"answer": "B7777"}, "do not know .B7777"),
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
    ({"not_success": True}, "did not succeed .errorCode S0002"),
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


def test_the_oldest_waits_first_and_each_is_taken_once(partner: Sf) -> None:
    partner.offer(30, date(2026, 9, 30))
    partner.offer(4, AS_OF, "delta", since=date(2026, 9, 30), first=20)
    partner.offer(5, date(2026, 10, 15), "delta", since=date(2026, 9, 30), first=29)
    assert backlog(partner.office.engine, partner.office.partner("sf"), connection=partner.connection) == 3
    taken = []
    while (landed := partner.take()) is not None:
        taken.append((landed.as_of.isoformat(), landed.kind))
        finish(
            partner.office.engine, partner.office.keys, partner.office.settings, partner.office.partner("sf"),
            landed.delivery_id,
        )  # fmt: skip
    assert taken == [("2026-09-30", "full"), ("2026-10-15", "delta"), ("2026-10-31", "delta")]
    assert [row[0] for row in partner.office.ask("select state from delivery")] == ["published"] * 3
    assert partner.office.ask("select since from delivery where kind = 'delta'") == [(date(2026, 9, 30),)] * 2


def test_a_roster_made_anew_is_taken_anew(partner: Sf) -> None:
    partner.offer(25)
    first = partner.take()
    assert first is not None
    office = partner.office
    finish(office.engine, office.keys, office.settings, office.partner("sf"), first.delivery_id)
    partner.offer(26, version=2)
    second = partner.take()
    assert second is not None and second.delivery_id != first.delivery_id
    assert office.one("select notes from delivery order by delivery_id desc") == {"name_reissued": 1}


def test_a_backfill_takes_only_its_date(partner: Sf) -> None:
    partner.offer(25, date(2026, 9, 30))
    partner.offer(26)
    landed = partner.take(call={"as_of": AS_OF})
    assert landed is not None and landed.as_of == AS_OF
    assert partner.take(call={"as_of": date(2026, 8, 31)}) is None


@pytest.mark.parametrize(("call", "says"), [
    ({"kind": "delta"}, "--kind says delta, the partner says full"),
    ({"since": date(2026, 9, 30)}, "--since says 2026-09-30, the partner says None"),
])  # fmt: skip
def test_what_the_call_says_against_the_index_is_a_contradiction(partner: Sf, call: dict[str, Any], says: str) -> None:
    partner.offer(25)
    with pytest.raises(UsageError, match=says):
        partner.take(call=call)
    assert partner.nothing_was_kept()
    assert partner.take(call={"kind": "full"}) is not None


@pytest.mark.parametrize(
    ("code", "offered"),
    [
        ("manifest_invalid", {"kind": "delta", "since": AS_OF}),
        ("manifest_invalid", {"kind": "full", "since": date(2026, 9, 30)}),
        ("no_rows", {"count": 0}),
        ("file_name_invalid", {"as_of": datetime.now(UTC).date() + timedelta(days=1000)}),
    ],
)
def test_an_offer_that_cannot_be_is_rejected_once_and_blocks_nothing(
    partner: Sf, code: str, offered: dict[str, Any]
) -> None:
    partner.offer(**offered)
    landed = partner.take()
    assert landed is not None
    assert outcome(partner.office.engine, landed.delivery_id).reasons == {code: 1}
    assert partner.take() is None


def test_a_strange_entry_of_the_index_never_stops_the_real_ones(partner: Sf, caplog: pytest.LogCaptureFixture) -> None:
    partner.offer(25)
    for number, text in enumerate(('{"rosterNo": "../x"}', '{"asOf": "2026-13-01"}', "{}", '{"kind": "monthly"}')):
        whole = (partner.root / "rosters/SF2026103101.json").read_text()
        changed = text if text == "{}" else whole[:-1] + ", " + text[1:]
        (partner.root / f"rosters/SF0{number}.json").write_text(changed)
    landed = partner.take()
    assert landed is not None
    assert partner.office.ask("select source_name from delivery") == [("roster_sf_20261031_SF2026103101.csv",)]
    assert "left alone, wrong or missing: rosterNo" in caplog.text and "asOf" in caplog.text


def test_no_value_of_a_person_is_in_any_log_or_error(partner: Sf, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    partner.offer(25)
    partner.misbehave(total_moves_once=True, page_fails_once=3, token_expired_once=True)
    assert partner.take() is not None
    told = caplog.text
    assert "reading it from the start" in told  # the search would see something
    for number in range(1, 26):
        row = person(number)
        for field in ("name", "document_no", "mobile", "staff_no"):
            assert row[field] not in told
    assert partner.connection.password not in told


def test_the_whole_of_a_large_roster_is_ready_page_by_page(partner: Sf, undisturbed: Callable[[], bytes]) -> None:
    partner.offer(3000)
    assert partner.take(options={"page_size": 700}) is not None
    assert partner.landed() == undisturbed()


def test_delta_and_full_go_through_to_the_pool(partner: Sf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALENTPOOL_CONN_PARTNER_SF", partner.as_json())
    office = partner.office
    partner.offer(30, date(2026, 9, 30))
    partner.offer_rows(
        [person(1, left_on="2026-10-05"), person(2, mobile="13900000002"), person(31)],
        date(2026, 10, 7), "delta", since=date(2026, 9, 30),
    )  # fmt: skip
    found = [ingest(office.engine, office.keys, office.settings, office.partner("sf")) for _ in range(3)]
    assert [(o.status, o.as_of, o.rows, o.accepted) for o in found] == [
        ("published", "2026-09-30", 30, 30), ("published", "2026-10-07", 3, 3), ("nothing", None, 0, 0),
    ]  # fmt: skip
    assert office.one("select count(*) from source_record where partner = 'sf'") == 31


def test_a_gap_between_deltas_holds_the_delivery(partner: Sf) -> None:
    office = partner.office
    partner.offer(30, date(2026, 9, 30))
    partner.offer(3, date(2026, 10, 21), "delta", since=date(2026, 10, 14))
    for status in ("published", "held"):
        found = ingest(office.engine, office.keys, office.settings, office.partner("sf"), connection=partner.connection)
        assert found.status == status
    assert "delta_gap" in found.reasons


def test_the_command_says_what_became_of_it(partner: Sf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALENTPOOL_CONN_PARTNER_SF", partner.as_json())
    command = [sys.executable, "-m", "talentpool", "ingest", "sf"]
    partner.offer(30)
    partner.misbehave(answer="A1003")
    failed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert failed.returncode == 5 and "A1003" in json.loads(failed.stdout)["error"]
    assert partner.nothing_was_kept()
    partner.misbehave()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["status"], said["as_of"], said["rows"], said["accepted"]) == ("published", "2026-10-31", 30, 30)
    assert person(1)["name"] not in failed.stderr + done.stderr


def test_a_partner_that_states_another_number_of_rows_is_rejected(partner: Sf) -> None:
    """A blank row is a row to the API and none to us: the number the index states is held against what was read."""
    office = partner.office
    partner.offer_rows([person(1), person(2), {}])
    found = ingest(office.engine, office.keys, office.settings, office.partner("sf"), connection=partner.connection)
    assert (found.status, found.reasons) == ("rejected", {"row_count_mismatch": 1})
