"""People whose term is over are erased as everybody is, on the day after their last one; whoever has a reason to stay stays."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from approvals import unapproved
from asking import withdraw
from databases import Twins
from killed import ended, start
from rosters import Office, document, person
from talentpool.campaigns import draw, lists
from talentpool.errors import RefusedError, UsageError
from talentpool.match import links, match
from talentpool.pool import city_counts, snapshot
from talentpool.services.retention import Carried, carry_out, outlook, place
from talentpool.services.retention import people as people_module
from talentpool.services.rights import pending, register, revoke
from talentpool.services.rights import requests as requests_module
from talentpool.settings import INCLUDE

OTHERS = [person(n) for n in range(10, 22)]
HERS = person(7, name="欧阳槿翊", document_no=document(7, "1996-05-05"))
LEFT, LAST = date(2026, 9, 30), date(2027, 9, 30)
"""The last roster that names her, and the last day of her term: 365 days on."""
DUE = LAST + timedelta(days=1)
WHO = {"by": "sun", "reason": "诉讼保全"}


def leave(office: Office) -> Office:
    """She is in the roster of September and in no full one after it."""
    office.deliver("2026-09-30", [HERS, *OTHERS])
    for as_of in ("2026-10-31", "2026-11-30"):
        office.deliver(as_of, OTHERS)
    match(office.engine, office.keys)
    assert office.ask("select status, spell_to from source_record where staff_no = 'T00007'") == [("left", LEFT)]
    return office


@pytest.fixture
def city(office: Office) -> Office:
    return leave(office)


def go(office: Office, day: date = DUE) -> Carried:
    return carry_out(office, "people", day)


def there(office: Office) -> int:
    return int(office.one("select count(*) from source_record where staff_no = 'T00007'"))


def test_a_day_of_another_year_is_no_end_until_it_has_stood_for_a_while(office: Office) -> None:
    """Two years back by a slip of the hand: there is time to put it right."""
    office.deliver("2026-09-30", [HERS, *OTHERS])
    office.deliver("2026-10-31", [HERS | {"left_on": "2024-10-01"}, *OTHERS])
    match(office.engine, office.keys)
    for days, gone in ((60, 0), (61, 1)):
        assert go(office, date(2026, 10, 31) + timedelta(days=days)).gone == gone, days


def test_who_withdrew_through_the_employer_is_not_brought_back_by_an_older_roster(city: Office) -> None:
    with city.engine.begin() as conn:
        conn.execute(sa.text("insert into consent_end (partner, record_id, as_of, delivery_id, cause) select partner, record_id,"
                             " '2026-09-30', delivery_id, 'withdrawn' from source_record where staff_no = 'T00007'"))  # fmt: skip
    assert go(city).gone == 1 and there(city) == 0
    again = city.deliver("2026-12-31", [HERS, *OTHERS])
    assert again.reasons.get("withdrawn") == 1 and there(city) == 0


def test_more_people_than_usual_wait_for_a_word(city: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_module, "MANY", 0)
    monkeypatch.setattr(people_module, "SHARE", 0.0)
    with pytest.raises(UsageError, match="--sure"):
        go(city)
    assert there(city) == 1
    assert carry_out(city, "people", DUE, sure=True).gone == 1 and there(city) == 0


def test_who_left_goes_the_day_after_the_last_day_and_nothing_names_them(city: Office) -> None:
    before = snapshot(city, LEFT)
    with city.engine.connect() as conn:
        counted = city_counts(conn, before.snapshot_id)
    ids = [str(one) for row in city.ask("select of.person_id, of.record_id from record_person of join source_record r"
                                        " using (record_id) where r.staff_no = 'T00007'") for one in row]  # fmt: skip
    assert (go(city, LAST), there(city)) == (Carried("people", 0, 0, 0), 1)
    assert outlook(city, LAST)["people"].free == 0 and outlook(city, DUE)["people"].free == 1
    assert (go(city), there(city)) == (Carried("people", 1, 0, 0), 0)
    assert go(city) == Carried("people", 0, 0, 0), "once"
    tables = city.ask("select tablename from pg_tables where schemaname = 'public'")
    named = [name for (name,) in tables if name not in ("person_request", "audit_log")
             for one in ids if one in str(city.ask(f"select t\\:\\:text from {name} t"))]  # fmt: skip
    assert named == []
    with city.engine.connect() as conn:
        assert city_counts(conn, before.snapshot_id) == counted, "figures stay"
    assert city.ask("select kind, gone from retention_report where gone > 0") == [("people", 1)]
    said = city.ask("select actor, reason, details from audit_log where subject = 'retention:people'")
    assert said == [("retention", "保存期满", {"kind": "people", "gone": 1, "day": "2027-10-01"})]
    assert city.one("select count(*) from source_record") == len(OTHERS)


def test_who_came_back_before_the_term_was_over_stays(city: Office) -> None:
    city.deliver("2026-12-31", [HERS, *OTHERS])
    assert (go(city, date(2030, 1, 1)).gone, there(city)) == (0, 1)


def test_who_works_for_another_partner_stays_whole_and_goes_by_the_last_term(city: Office) -> None:
    hers = HERS | {"staff_no": "S7"}
    for as_of, rows in (("2026-09-30", [hers]), ("2026-10-31", [hers]), ("2026-11-15", []), ("2026-11-30", [])):
        city.deliver(as_of, [*rows, *(person(n) for n in range(50, 62))], partner="sf")
        if as_of == "2026-10-31":
            match(city.engine, city.keys)
            assert len({one for _, number, one in links(city.engine) if number in ("T00007", "S7")}) == 1
            assert go(city, date(2030, 1, 1)).gone == 0, "one of two records goes on"
    assert go(city, date(2027, 10, 31)).gone == 0, "the last day of the later one"
    assert (go(city, date(2027, 11, 1)).gone, there(city)) == (1, 0)
    assert city.one("select count(*) from source_record where staff_no = 'S7'") == 0


@pytest.fixture
def declared(city: Office, tmp_path: Path) -> Callable[..., None]:
    """Change the folder of declarations: partner -> text before and after; None = the declaration is gone."""
    folder = tmp_path / "declared"
    shutil.copytree(INCLUDE / "partners", folder)
    city.settings = city.settings.model_copy(update={"partners": str(folder)})

    def change(partner: str, words: tuple[str, str] | None) -> None:
        path = folder / partner / "partner.yml"
        if words is None:
            path.unlink()
            return
        text = path.read_text(encoding="utf-8")
        assert words[0] in text
        path.write_text(text.replace(*words), encoding="utf-8")

    return change


def test_the_declaration_has_the_word_on_the_term(city: Office, declared: Callable[..., None]) -> None:
    declared("didi", ("left_days: 365", "left_days: 60"))
    assert go(city, date(2026, 11, 29)).gone == 0
    assert go(city, date(2026, 11, 30)).gone == 1


def test_nothing_goes_of_a_partner_whose_declaration_cannot_be_read(
    city: Office, declared: Callable[..., None]
) -> None:
    declared("didi", ("retention: {", "retention: ["))
    assert go(city, date(2040, 1, 1)).gone == 0


def test_people_of_a_partner_that_is_declared_no_more_have_the_term_of_the_table(
    city: Office, declared: Callable[..., None]
) -> None:
    declared("didi", None)
    assert go(city, LAST).gone == 0
    assert go(city).gone == 1, "who left"
    assert go(city, date(2027, 11, 30)).gone == 0, "the last day of those whom the last roster names"
    assert go(city, date(2027, 12, 1)).gone == len(OTHERS)
    assert city.ask("select 1 from source_record") == []


def test_who_stays_suspended_for_a_year_without_a_word_goes(city: Office) -> None:
    rows = [person(10, consented_on=""), *OTHERS[1:]]
    city.deliver("2026-12-31", rows)
    assert city.ask("select status from source_record where staff_no = 'T00010'") == [("suspended",)]
    assert go(city, date(2027, 12, 31)).gone == 1, "she alone"
    assert go(city, date(2028, 1, 1)).gone == 1
    assert city.ask("select 1 from source_record where staff_no = 'T00010'") == []


@pytest.mark.parametrize("about", ["kind:people", "partner:didi", "delivery:1", "person:didi:T00007"])
def test_who_is_under_hold_stays_until_it_ends(city: Office, about: str) -> None:
    place(city, about, until=date(2027, 12, 31), **WHO)
    assert (go(city), there(city)) == (Carried("people", 0, 1, 0), 1)
    assert outlook(city, DUE)["people"].held == 1
    assert go(city, date(2027, 12, 31)).gone == 0, "its last day"
    assert go(city, date(2028, 1, 1)).gone == 1, "it ends by itself"


def test_a_hold_on_something_else_keeps_nobody(city: Office) -> None:
    for about in ("kind:raw_files", "partner:sf", "person:didi:T00010"):
        place(city, about, until=date(2028, 12, 31), **WHO)
    assert go(city).gone == 1


def test_who_asked_for_something_waits_for_the_answer(city: Office) -> None:
    entry = register(city, "access", "didi:T00007", by="sun", reason="本人", received_on=date(2026, 12, 1))
    assert (go(city), there(city)) == (Carried("people", 0, 0, 1), 1)
    revoke(city, entry.request_id, "mistake", by="sun")
    assert go(city).gone == 1


def test_an_erasure_that_the_person_asks_for_waits_for_the_end_of_a_hold(city: Office) -> None:
    place(city, "person:didi:T00010", until=date(2027, 12, 31), **WHO)
    with pytest.raises(RefusedError) as refused:
        withdraw(city, "didi:T00010", by="王主任", reason="本人申请", received_on=date(2026, 12, 1))
    assert refused.value.code == "hold"
    found = city.ask("select status from source_record where staff_no = 'T00010'")
    assert found == [("suspended",)], "use has stopped all the same"


def test_a_draft_that_says_why_they_are_not_on_it_stays_with_its_hash(city: Office) -> None:
    snapshot(city, date(2026, 11, 30))
    draft = draw(city, unapproved(city.settings, oldest=45), date(2026, 11, 30))
    assert city.one("select count(*) from target_row") == len(OTHERS) + 1
    asked = {"dag_id": "campaign__warm_winter", "run_id": "r", "task_id": "t", "map_index": 0, "number": 1, "body": ""}
    with city.engine.begin() as conn:
        stored = lists.find(conn, draft.list_id)
        table = sa.table("list_question", *map(sa.column, (*asked, "list_id", "content_hash")))
        row = asked | {"list_id": draft.list_id, "content_hash": stored.content_hash}
        conn.execute(table.insert().values(row))
    assert go(city).gone == 1
    with city.engine.connect() as conn:
        after = lists.find(conn, draft.list_id)
        assert (after.state, after.selected, after.excluded) == (stored.state, stored.selected, stored.excluded)
        assert stored.content_hash != after.content_hash == lists.hash_stored(conn, after)
        assert conn.scalar(sa.text("select content_hash from list_question")) == after.content_hash
    assert city.ask("select count(*) from target_row where facts ? 'erased' and not selected") == [(1,)]


def test_a_draft_that_they_are_on_goes_and_a_locked_list_keeps_a_nameless_place(city: Office) -> None:
    winter = unapproved(city.settings, oldest=45)
    locked = draw(city, winter, LEFT, lock=True)
    assert city.ask("select selected from target_row t join source_record r using (record_id)"
                    " where r.staff_no = 'T00007'") == [(True,)]  # fmt: skip
    before = city.ask("select content_hash, selected, state from target_list")
    assert go(city).gone == 1
    assert city.ask("select content_hash, selected, state from target_list") == before
    assert city.ask("select erased from target_list") == [(True,)]
    assert city.one("select count(*) from target_row where facts ? 'erased' and selected") == 1
    assert locked.list_id == city.one("select list_id from target_list")


def test_many_go_in_batches(city: Office, declared: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("talentpool.services.retention.people.MOST", 5)
    declared("didi", None)
    assert go(city, date(2030, 1, 1)).gone == len(OTHERS) + 1
    assert city.ask("select gone from retention_report where gone > 0 order by report_id") == [(5,), (5,), (3,)]
    assert city.one("select count(*) from audit_log where subject = 'retention:people'") == 3


def test_a_run_that_died_between_is_gone_on_with(city: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(city, unapproved(city.settings, oldest=45), LEFT, lock=True)

    def dies(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(requests_module, "rewrite_files", dies)
    with pytest.raises(KeyboardInterrupt):
        go(city)
    monkeypatch.undo()
    with city.engine.connect() as conn:
        assert len(pending(conn)) == 1, "erased, its sheets not yet"
    assert go(city).gone == 0, "nobody is counted twice"
    with city.engine.connect() as conn:
        assert pending(conn) == []
    assert city.ask("select sum(gone) from retention_report") == [(1,)]


def test_a_command_that_is_killed_at_any_of_its_steps_leaves_whole_batches(twins: Twins) -> None:
    day = {"TALENTPOOL_TODAY": DUE.isoformat()}
    office = leave(twins.office())
    _, steps = ended(start(leave(twins.office()), "retention", "--kind", "people", **day))
    for point in (steps // 2, steps - 12):
        ended(start(office, "retention", "--kind", "people", point=point, **day), -9)
    said, _ = ended(start(office, "retention", "--kind", "people", **day))
    assert there(office) == 0 and said["failed"] == {}
    assert office.ask("select sum(gone) from retention_report where kind = 'people'") == [(1,)]
    assert office.ask("select count(*) from audit_log where subject = 'retention:people'") == [(1,)]
    assert office.ask("select count(*) from person_request where done_at is null") == [(0,)]
