"""What a signed HTTPS API offers: which roster is next, what is wrong with an offer, and its way to the pool."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from rosters import person
from sf_partner import AS_OF, Sf
from talentpool.acquire import backlog
from talentpool.errors import UsageError
from talentpool.flow import finish, ingest, outcome


def test_the_oldest_waits_first_and_each_is_taken_once(partner: Sf) -> None:
    partner.offer(30, date(2026, 9, 30))
    partner.offer(4, AS_OF, "delta", since=date(2026, 9, 30), first=20)
    partner.offer(5, date(2026, 10, 15), "delta", since=date(2026, 9, 30), first=29)
    room = (partner.office, partner.office.partner("sf"))
    assert backlog(*room, connection=partner.connection) == 3
    taken = []
    while (landed := partner.take()) is not None:
        taken.append((landed.as_of.isoformat(), landed.kind))
        finish(
            partner.office, partner.office.partner("sf"),
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
    finish(office, office.partner("sf"), first.delivery_id, count=office.count)
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
    ({"kind": "delta"}, "--kind 写的是 delta，合作单位写的是 full"),
    ({"since": date(2026, 9, 30)}, "--since 写的是 2026-09-30，合作单位没有写这一项"),
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
        ("as_of_future", {"as_of": datetime.now(UTC).date() + timedelta(days=1000)}),
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
    found = [ingest(office, office.partner("sf"), count=office.count) for _ in range(3)]
    assert [(o.status, o.as_of, o.rows, o.accepted) for o in found] == [
        ("published", "2026-09-30", 30, 30), ("published", "2026-10-07", 3, 3), ("nothing", None, 0, 0),
    ]  # fmt: skip
    assert office.one("select count(*) from source_record where partner = 'sf'") == 31


def test_a_gap_between_deltas_holds_the_delivery(partner: Sf) -> None:
    office = partner.office
    partner.offer(30, date(2026, 9, 30))
    partner.offer(3, date(2026, 10, 21), "delta", since=date(2026, 10, 14))
    for status in ("published", "held"):
        found = ingest(office, office.partner("sf"), connection=partner.connection, count=office.count)
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
    found = ingest(office, office.partner("sf"), connection=partner.connection, count=office.count)
    assert (found.status, found.reasons) == ("rejected", {"row_count_mismatch": 1})
