"""A withdrawal stops all use at once and can be taken back; what cannot be undone waits for two people and an identity."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from approvals import unapproved
from rosters import Office, document, person
from talentpool.campaigns import draw
from talentpool.deliveries.ending import follow_stops
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.load import digest
from talentpool.match import links, match
from talentpool.pool import snapshot
from talentpool.services.rights import Answered, Entry, confirm, register, resume, revoke, suspensions, verify

SEPTEMBER, DAY = date(2026, 9, 30), date(2026, 11, 20)
HERS = person(7, name="欧阳槿翊", document_no=document(7, "1996-05-05"))
OTHERS = [person(n) for n in range(10, 40)]


@pytest.fixture
def city(office: Office) -> Office:
    """Thirty people of one partner; one of them also works for a second partner under another number."""
    office.deliver("2026-09-30", [HERS, *OTHERS])
    office.deliver(
        "2026-09-30", [HERS | {"staff_no": "S00007", "station": "城南站"}, person(50)], partner="sf", kind="full"
    )
    match(office.engine, office.keys)
    snapshot(office, SEPTEMBER)
    return office


def ask(office: Office, kind: str = "withdraw", asked: str = "didi:T00007", **more: object) -> Entry:
    given = {"by": "王主任", "reason": "本人书面申请", "received_on": DAY} | more
    return register(office, kind, asked, **given)  # type: ignore[arg-type]


def take_back(office: Office, entry: Entry, why: str = "mistake", **more: object) -> Entry:
    return revoke(office, entry.request_id, why, **{"by": "王主任"} | more)  # type: ignore[arg-type]


def carry_out(office: Office, entry: Entry, by: str = "李主任") -> Answered | Entry:
    return confirm(office, entry.request_id, by=by)


def status(office: Office) -> dict[str, str]:
    return dict(office.ask("select staff_no, status from source_record where staff_no in ('T00007', 'S00007')"))


def reason(office: Office, campaign: str = "warm_winter", *, lock: bool = False) -> tuple[bool, str]:
    found = draw(
        office, unapproved(office.settings, campaign, oldest=45), SEPTEMBER,
        lock=lock,
    )  # fmt: skip
    hers = {number: one for _, number, one in links(office.engine)}["T00007"]
    rows = office.ask(
        "select selected, reason from target_row where list_id = :l and person_id = :p", l=found.list_id, p=hers
    )
    return rows[0]


def names(office: Office) -> str:
    cells = []
    for path in Path(office.settings.lists_dir).rglob("*.xlsx"):
        book = openpyxl.load_workbook(path)
        cells += [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    return "|".join(cells)


def test_use_stops_in_the_moment_of_asking_and_begins_again_when_it_was_a_mistake(city: Office) -> None:
    before = digest(city.engine)
    assert reason(city) == (True, "eligible")
    entry = ask(city)
    assert (entry.state, entry.needs_second, entry.due_on) == ("registered", True, date(2026, 12, 5))
    assert status(city) == {"T00007": "suspended", "S00007": "suspended"}
    assert city.ask("select 1 from target_list") == [], "the draft she stood on went"
    assert reason(city) == (False, "use_stopped"), "of a pool from before, too"
    assert ask(city, by="周主任").request_id == entry.request_id, "asked twice is one request"
    back = take_back(city, entry)
    assert (back.state, status(city)) == ("revoked", {"T00007": "active", "S00007": "active"})
    assert reason(city) == (True, "eligible")
    assert city.ask("select 1 from suppression") == []
    assert digest(city.engine) == before
    with pytest.raises(UsageError, match="already"):
        take_back(city, entry)


def test_no_roster_brings_back_who_asked_and_revoking_does(city: Office) -> None:
    entry = ask(city)
    again = city.deliver("2026-10-31", [HERS | {"consented_on": "2026-10-30"}, *OTHERS])
    assert (again.reasons, status(city)["T00007"]) == ({"withdrawn": 1}, "suspended")
    elsewhere = city.deliver("2026-10-31", [HERS | {"staff_no": "Z1"}, person(50)], partner="sf")
    assert elsewhere.refused == 1 and "Z1" not in {number for _, number, _ in links(city.engine)}
    take_back(city, entry, "own_wish", proof="档案 12 号", by="周主任")
    assert status(city) == {"T00007": "active", "S00007": "suspected"}, "that roster did not name her under S00007"
    november = city.deliver("2026-11-30", [HERS, *OTHERS])
    assert (november.refused, november.accepted, status(city)["T00007"]) == (0, 31, "active")


def test_what_the_partner_reported_meanwhile_holds_after_the_request_is_revoked(city: Office) -> None:
    entry = ask(city)
    city.deliver("2026-10-31", [HERS | {"notice_version": "撤回"}, *OTHERS])
    take_back(city, entry)
    assert status(city) == {"T00007": "suspended", "S00007": "active"}
    with city.engine.connect() as conn:
        (waiting,), _ = suspensions(conn, None)
    assert waiting.cause == "withdrawn"


def test_the_offices_word_on_the_consent_does_not_lift_what_the_person_asked(city: Office) -> None:
    city.deliver("2026-10-31", [HERS | {"notice_version": ""}, *OTHERS])
    ask(city)
    resume(city, "didi:T00007", by="王主任", reason="单位补交了授权")
    assert status(city)["T00007"] == "suspended"


def test_erasing_waits_for_the_identity_and_a_second_person_who_cannot_be_the_first(city: Office) -> None:
    entry = ask(city)
    with pytest.raises(UsageError, match="identity"):
        carry_out(city, entry)
    with pytest.raises(UsageError, match="identity"):
        verify(city, entry.request_id, "not_at_all", by="王主任")
    assert verify(city, entry.request_id, "in_person", by="王主任").state == "verified"
    for same in ("王主任", " 王主任"):
        with pytest.raises(RefusedError, match="somebody else"):
            carry_out(city, entry, by=same)
    assert status(city) == {"T00007": "suspended", "S00007": "suspended"}
    done = carry_out(city, entry)
    assert isinstance(done, Answered) and done.records == 2
    assert status(city) == {}
    for step in (lambda: carry_out(city, entry), lambda: take_back(city, entry)):
        with pytest.raises(UsageError):
            step()
    assert city.deliver("2026-10-31", [HERS, *OTHERS]).reasons == {"withdrawn": 1}


def test_nobody_refuses_anothers_withdrawal_by_calling_it_a_mistake(city: Office) -> None:
    entry = ask(city)
    with pytest.raises(RefusedError, match="paper"):
        take_back(city, entry, by="李主任")
    with pytest.raises(UsageError, match="paper"):
        take_back(city, entry, "own_wish", by="李主任")
    assert status(city)["T00007"] == "suspended"


def test_a_county_registers_for_its_own_people_alone(city: Office) -> None:
    (county,) = {one for (one,) in city.ask("select distinct county from source_record where staff_no = 'T00007'")}
    for kind in ("withdraw", "access"):
        with pytest.raises(RefusedError, match="another county"):
            ask(city, kind, by="county", counties=["140499"])
    entry = ask(city, by="county", counties=[county])
    with pytest.raises(RefusedError, match="another county"):
        verify(city, entry.request_id, "in_person", by="other", counties=["140499"])
    with pytest.raises(RefusedError, match="another county"):
        take_back(city, entry, "own_wish", proof="1", by="other", counties=["140499"])


def test_who_does_not_want_one_thing_is_used_for_the_others(city: Office) -> None:
    entry = ask(city, "opt_out", purpose="warm_winter")
    assert entry.state == "done" and status(city)["T00007"] == "active"
    assert reason(city) == (False, "opted_out")
    assert city.one("select count(*) from use_stop where purpose = 'warm_winter' and lifted_at is null") == 2
    assert ask(city, "opt_out", purpose="warm_winter").request_id == entry.request_id
    other = ask(city, "opt_out", purpose="dragon_boat")
    assert other.request_id != entry.request_id
    assert reason(city, lock=True) == (False, "opted_out")
    asked = ask(city)
    assert "lists_cut" in asked.proof and not asked.proof["lists_flagged"], "no sheet of that list ever showed her"
    take_back(city, asked)
    take_back(city, entry, "own_wish", proof="档案 3 号", by="周主任")
    with city.engine.begin() as conn:
        conn.exec_driver_sql("update target_list set state = 'void'")
    assert reason(city) == (True, "eligible")
    for wrong in ({"kind": "opt_out"}, {"kind": "withdraw", "purpose": "warm_winter"}, {"kind": "sell"}):
        with pytest.raises(UsageError):
            ask(city, **wrong)  # type: ignore[arg-type]


def test_sheets_of_a_locked_list_lose_the_name_at_once_and_have_it_again_after_a_mistake(city: Office) -> None:
    campaign = unapproved(city.settings, oldest=45)
    locked = draw(city, campaign, SEPTEMBER, lock=True, out=None)
    assert "欧阳槿翊" in names(city)
    entry = ask(city)
    assert "欧阳槿翊" not in names(city) and "（信息已删除）" in names(city)
    assert city.one("select content_hash from target_list where list_id = :l", l=locked.list_id) == locked.content_hash
    take_back(city, entry)
    assert "欧阳槿翊" in names(city)
    assert city.one("select count(*) from person_request where proof->>'sheets_due' = 'true'") == 0


def test_what_was_staged_before_a_request_was_revoked_is_staged_again(city: Office) -> None:
    """The number that a delivery remembers never comes back to what it was."""
    from talentpool.deliveries.ending import suppression_size

    sizes = []
    for _ in range(2):
        with city.engine.connect() as conn:
            sizes.append(suppression_size(conn))
        entry = ask(city)
        with city.engine.connect() as conn:
            sizes.append(suppression_size(conn))
        take_back(city, entry)
    with city.engine.connect() as conn:
        sizes.append(suppression_size(conn))
    assert sizes == sorted(sizes) and len(set(sizes)) == len(sizes)


def test_what_comes_to_the_person_after_the_request_is_out_of_use_too(city: Office) -> None:
    """A record that matching, or an officer, says is theirs by now."""
    entry = ask(city, "opt_out", "didi:T00010", purpose="warm_winter")
    wholly = ask(city, asked="didi:T00011")
    city.deliver("2026-10-05", [person(10, staff_no="S1"), person(11, staff_no="S2", document_no="")], partner="sf")
    match(city.engine, city.keys)
    stops = city.ask("select r.staff_no from use_stop s join source_record r using (record_id) where request_id = :n",
                     n=entry.request_id)  # fmt: skip
    assert sorted(number for (number,) in stops) == ["S1", "T00010"]
    with city.engine.begin() as conn:  # as an officer's word on the pair does
        conn.exec_driver_sql(
            "update record_person set person_id = (select person_id from record_person join source_record using (record_id)"
            " where staff_no = 'T00011') where record_id = (select record_id from source_record where staff_no = 'T00012')"
        )
        assert follow_stops(conn) == 1
    assert city.one("select status from source_record where staff_no = 'T00012'") == "suspended"
    take_back(city, wholly)
    assert city.one("select status from source_record where staff_no = 'T00012'") == "active"


def test_nobody_is_erased_of_whom_a_record_was_told_apart_since(city: Office) -> None:
    entry = ask(city, identity="in_person")
    with city.engine.begin() as conn:  # as a split does
        conn.exec_driver_sql(
            "update record_person set person_id = gen_random_uuid() where record_id ="
            " (select record_id from source_record where staff_no = 'S00007')"
        )
    with pytest.raises(ConflictError, match="split since"):
        carry_out(city, entry)
    assert len(status(city)) == 2


@pytest.mark.parametrize("day", ["2099-01-01", "0999-01-01", "2024-12-01"])
def test_a_day_that_cannot_be_is_refused(city: Office, day: str) -> None:
    with pytest.raises(UsageError, match="came in"):
        ask(city, received_on=date.fromisoformat(day))
    assert status(city)["T00007"] == "active"


def test_an_opt_out_of_a_purpose_that_nobody_has_is_refused_naming_those_there_are(city: Office) -> None:
    with pytest.raises(UsageError, match=r"warm_wintr.*known: courier_letter.*dragon_boat.*warm_winter"):
        ask(city, "opt_out", purpose="warm_wintr")
    assert city.ask("select 1 from use_stop") == []
