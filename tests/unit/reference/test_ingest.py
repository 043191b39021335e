"""What an edit does to the next delivery, and that rows which it does not concern stay as they were."""

from __future__ import annotations

from datetime import date

import pytest

from approvals import unapproved
from reference_cli import SIGNED, Run
from rosters import Office, document, person
from talentpool.campaigns import draw


@pytest.mark.parametrize(
    ("written", "county"),
    [
        ("屯留县", "140405"),
        ("长治县", "140404"),
        ("潞城市", "140406"),
        ("长治市郊区", "140403"),
        ("140424", "140405"),
        ("山西省长治市屯留县", "140405"),
    ],
)
def test_an_abolished_county_is_todays_with_a_note(office: Office, written: str, county: str) -> None:
    done = office.deliver("2026-01-31", [person(1, county=written), person(2)])
    assert (done.accepted, done.notes["division_mapped"]) == (2, 1)
    assert office.one("select county from source_record where staff_no = 'T00001'") == county


def test_an_abolition_moves_the_next_deliverys_rows_and_no_others(run: Run, office: Office) -> None:
    rows = [person(1, county="沁县"), person(2), *(person(n) for n in range(3, 30))]
    office.deliver("2026-01-31", rows)
    hashes = dict(office.ask("select staff_no, row_hash from source_record"))
    run("set", "division", "code=140430", "name=沁县", "status=abolished", "successor_code=140431", *SIGNED)

    done = office.deliver("2026-02-28", rows)
    assert (done.status, done.accepted, done.notes["division_mapped"]) == ("published", 29, 1)
    assert office.one("select changed from delivery where delivery_id = :id", id=done.delivery_id) == 1
    assert office.one("select county from source_record where staff_no = 'T00001'") == "140431"
    after = dict(office.ask("select staff_no, row_hash from source_record"))
    assert {number for number in hashes if after[number] != hashes[number]} == {"T00001"}
    versions = office.ask("select reference_version from delivery order by delivery_id")
    assert [v["division"] for (v,) in versions] == [0, 1]
    assert all(v["occupation"] == 0 for (v,) in versions)


def test_an_edit_that_concerns_nobody_changes_no_row(run: Run, office: Office) -> None:
    rows = [person(n, occupation="快递员") for n in range(1, 6)]
    office.deliver("2026-01-31", rows)
    run("set", "occupation", "code=sorter", "aliases=分拣|理货员", *SIGNED)
    done = office.deliver("2026-02-28", rows)
    assert office.one("select changed from delivery where delivery_id = :id", id=done.delivery_id) == 0


def test_a_new_alias_makes_a_word_known_at_the_next_delivery(run: Run, office: Office) -> None:
    rows = [person(1, occupation="跑腿小哥"), person(2, occupation="外卖骑手")]
    first = office.deliver("2026-01-31", rows)
    assert first.notes["occupation_unknown"] == 1
    assert office.one("select occupation from source_record where staff_no = 'T00001'") == "other"
    code, _ = run("set", "occupation", "code=food_rider", "aliases+=跑腿小哥", *SIGNED)
    assert code == 0

    second = office.deliver("2026-02-28", rows)
    assert "occupation_unknown" not in second.notes
    assert office.one("select occupation from source_record where staff_no = 'T00001'") == "food_rider"
    assert office.one("select changed from delivery where delivery_id = :id", id=second.delivery_id) == 1


def test_a_new_notice_version_makes_rows_accepted(run: Run, office: Office) -> None:
    rows = [person(1, notice_version="v2"), person(2)]
    first = office.deliver("2026-01-31", rows)
    assert (first.accepted, first.refused, first.reasons) == (1, 1, {"no_consent": 1})
    assert run("set", "notice", "version=v2", "purpose=registry", *SIGNED)[0] == 0
    second = office.deliver("2026-02-28", rows)
    assert (second.accepted, second.refused, second.reasons) == (2, 0, {})


def test_a_purpose_that_is_removed_takes_people_off_the_next_list(run: Run, office: Office) -> None:
    rows = [person(n, document_no=document(n, "1996-05-05")) for n in range(1, 4)]
    office.deliver("2026-10-31", rows)
    campaign = unapproved(office.settings)

    def drawn() -> tuple[int, dict[str, int]]:
        found = draw(office, campaign, date(2026, 10, 31))
        return found.selected, found.excluded

    assert drawn() == (3, {})
    code, done = run("remove", "notice", "v1", "warm_winter", *SIGNED)
    assert (code, done["removed"]) == (0, 1)
    assert drawn() == (0, {"no_notice": 3})
    code, checked = run("check", "--on", "2026-10-31")
    assert (code, checked["not_yet_lawful"]["warm_winter"]) == (0, "warm_winter")
