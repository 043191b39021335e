"""Search finds by the very index that matching made, shows masks, and stays on the own side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa

from rosters import Office, person
from talentpool.guard import Scope, console_engine, scope_of, scoped
from talentpool.match import match
from talentpool.model import person_redirect, target_list, target_row
from talentpool.pool import snapshot
from talentpool.services.desk.find import MOST, MOST_WIDE, Wanted, find_people, masked
from talentpool.services.desk.person import view_person

HERE, THERE = "140425", "140403"
CITY, OWN = scope_of("c", frozenset({"city_officer"})), scope_of("h", frozenset({f"county_officer_{HERE}"}))


@pytest.fixture
def reader(office: Office) -> Iterator[sa.Engine]:
    """Two counties, one person in both with a second mobile."""
    both = person(1, county=HERE, mobile2="13700000011")
    office.deliver("2026-10-01", [both, person(2, county=THERE), *(person(n, county=HERE) for n in range(3, 6))])
    office.deliver("2026-10-01", [person(1, staff_no="P1", county=THERE)], partner="postal")
    match(office.engine, office.keys)
    engine = console_engine(office.settings)
    yield engine
    engine.dispose()


WANTED = [
    (Wanted("mobile", person(1)["mobile"]), 2, 1),
    (Wanted("mobile", " +86 137 0000 0011"), 1, 1),
    (Wanted("document", person(1)["document_no"]), 2, 1),
    (Wanted("name", person(1)["name"], counties=(HERE,)), 1, 1),
    (Wanted("name", person(1)["name"], counties=(HERE, THERE)), 2, 1),
    (Wanted("name", person(1)["name"], counties=(THERE,)), 1, 0),
    (Wanted("staff_no", "P1", partner="postal"), 1, 0),
    (Wanted("mobile", person(2)["mobile"]), 1, 0),
    (Wanted("mobile", "13987650912"), 0, 0),
]
"""What is looked for; how many records the city and the county find."""


def test_whole_values_are_found_on_the_own_side(office: Office, reader: sa.Engine) -> None:
    for wanted, city, own in WANTED:
        for scope, records in ((CITY, city), (OWN, own), (Scope("nobody"), 0)):
            with scoped(reader, scope) as conn:
                found = find_people(conn, office.keys, wanted)
                assert found is not None and len(found.records) == records <= MOST, (wanted.by, scope)
                shown = masked(conn, office.keys, found.records)
            assert len({one.person_id for one in shown}) == found.people
            for one in shown:
                assert one.name == "韩**" and set(one.document) == {"*"} and one.mobile.startswith("*" * 9)


def test_a_name_of_many_is_cut_short_and_says_so(office: Office, reader: sa.Engine) -> None:
    many = [person(n, name="王伟", county=HERE if n % 2 else THERE) for n in range(100, 100 + MOST_WIDE + 1)]
    office.deliver("2026-10-01", many, partner="meituan")
    match(office.engine, office.keys)
    with scoped(reader, CITY) as conn:
        wide = find_people(conn, office.keys, Wanted("name", "王伟", counties=(HERE, THERE)))
        one = find_people(conn, office.keys, Wanted("name", "王伟", counties=(HERE,)))
    assert wide is not None and one is not None
    assert (len(wide.records), wide.more) == (MOST_WIDE, True) and (len(one.records), one.more) == (10, False)


def test_the_lists_of_a_person_are_those_of_the_own_side_with_the_reason(office: Office, reader: sa.Engine) -> None:
    """Under an id from before a merge, too; nothing of a list on which another county has the person."""
    with scoped(reader, CITY) as conn:
        found = find_people(conn, office.keys, Wanted("document", person(1)["document_no"]))
        assert found
        somebody = masked(conn, office.keys, found.records)[0].person_id
    former = UUID(int=7)
    made = snapshot(office, date(2026, 10, 31)).snapshot_id
    with office.engine.begin() as conn:
        conn.exec_driver_sql("set local session_replication_role = replica")  # past the lock of a list
        conn.execute(person_redirect.insert().values(old_id=former, new_id=somebody))
        for cycle, county, selected, reason, who in (
            ("2024", HERE, True, "eligible", former), ("2025", HERE, False, "age_outside", somebody),
            ("2026", THERE, True, "eligible", somebody),
        ):  # fmt: skip
            facts = {"campaign": "warm_winter", "cycle": cycle, "as_of": date(int(cycle), 10, 31), "state": "locked",
                     "snapshot_id": made, "declaration_hash": "", "content_hash": "", "eligible": 1, "selected": 1,
                     "excluded": {}, "passport": {"name": "暖冬行动"}}  # fmt: skip
            number = conn.scalar(target_list.insert().values(facts).returning(target_list.c.list_id))
            conn.execute(target_row.insert().values(
                list_id=number, person_id=who, row_id=cycle, selected=selected, reason=reason, county=county,
                partner="didi", station="", record_id=who, facts={},
            ))  # fmt: skip
    seen = {}
    for name, scope in (("city", CITY), ("own", OWN)):
        with scoped(reader, scope) as conn:
            view = view_person(conn, office.keys, somebody)
        assert view is not None
        seen[name] = [(one.campaign, one.cycle, one.reason) for one in view.lists]
    assert seen["own"] == [("暖冬行动", "2025", "年龄不在本次活动范围内"), ("暖冬行动", "2024", "")]
    assert seen["city"] == [("暖冬行动", "2026", ""), *seen["own"]]


def test_what_cannot_be_a_value_of_its_kind_is_no_search(office: Office, reader: sa.Engine) -> None:
    with scoped(reader, CITY) as conn:
        for wanted in (Wanted("mobile", "138"), Wanted("document", "140199"), Wanted("name", "", counties=(HERE,)),
                       Wanted("staff_no", "P1"), Wanted("document", "")):  # fmt: skip
            assert find_people(conn, office.keys, wanted) is None, wanted.by


def test_a_person_is_shown_as_far_as_the_side_reaches(office: Office, reader: sa.Engine) -> None:
    with scoped(reader, CITY) as conn:
        found = find_people(conn, office.keys, Wanted("document", person(1)["document_no"]))
        assert found
        somebody = masked(conn, office.keys, found.records)[0].person_id
        whole = view_person(conn, office.keys, somebody)
    with scoped(reader, OWN) as conn:
        own = view_person(conn, office.keys, somebody)
    with scoped(reader, scope_of("x", frozenset({"county_officer_140427"}))) as conn:
        assert view_person(conn, office.keys, somebody) is None
    assert whole is not None and own is not None
    assert [job.partner for job in whole.jobs] == ["didi", "postal"]
    assert [(job.partner, job.name, job.readable) for job in own.jobs] == [("didi", "韩**", True)]
    assert whole.jobs[0].words == own.jobs[0].words == {}, "the first record is what the others are held against"
    assert set(whole.jobs[1].words.values()) == {"same"} and len(whole.jobs[1].words) == 5
    shown = repr(whole) + repr(own)
    assert person(1)["name"] not in shown and person(1)["mobile"] not in shown
    assert person(1)["document_no"] not in shown
