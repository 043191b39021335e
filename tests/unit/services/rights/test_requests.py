"""What people may ask about themselves, on a real database: gone is gone, everywhere, and the figures stay right."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest
import sqlalchemy as sa

from approvals import unapproved
from asking import erase, withdraw
from rosters import Office, document, person
from talentpool.campaigns import draw
from talentpool.errors import StaleStageError, UsageError
from talentpool.flow import conform_and_expect
from talentpool.load import digest, publish
from talentpool.match import links, match
from talentpool.pool import city_counts, snapshot
from talentpool.services.rights import Answered, pending
from talentpool.services.rights import requests as requests_module

SEPTEMBER, OCTOBER, DAY = date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 20)
HERS = person(7, name="欧阳槿翊", document_no=document(7, "1996-05-05"))
SAME = HERS | {"staff_no": "S00007", "station": "城南站"}
SIGNED = {"by": "王主任", "reason": "本人书面申请", "received_on": DAY}


@pytest.fixture
def city(office: Office) -> Office:
    """Thirty people of one partner; one of them also works for a second partner under another number."""
    office.deliver("2026-09-30", [HERS, *(person(n) for n in range(10, 40))])
    office.deliver("2026-09-30", [SAME, person(50), person(51)], partner="sf", kind="full")
    match(office.engine, office.keys)
    return office


def person_of(office: Office, staff_no: str) -> str:
    return {number: person_id for _, number, person_id in links(office.engine)}[staff_no]


def ask(office: Office, what: object, subject: str, **more: object) -> Answered:
    return what(office, subject, **SIGNED, **more)  # type: ignore[operator]


def drawn(office: Office, *, lock: bool, out: Path | None = None) -> object:
    campaign = unapproved(office.settings, oldest=45)
    return draw(office, campaign, SEPTEMBER, lock=lock, out=out)


def names_in(folder: Path) -> str:
    cells = []
    for path in folder.rglob("*.xlsx"):
        book = openpyxl.load_workbook(path)
        cells += [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert cells
    return "|".join(cells)


def rows_that_name(office: Office, ids: set[str]) -> list[str]:
    """Tables of which a row, as text, still holds one of the ids; requests and the audit log may."""
    found = []
    with office.engine.connect() as conn:
        tables = conn.scalars(sa.text("select tablename from pg_tables where schemaname = 'public'")).all()
        for table in set(tables) - {"person_request", "audit_log"}:
            quoted = conn.dialect.identifier_preparer.quote(table)
            text = "\n".join(conn.exec_driver_sql(f"select t::text from {quoted} t").scalars())
            found += [table for one in ids if one in text]
    return found


@pytest.mark.parametrize("asked", ["person", "didi:T00007", "sf:S00007"])
def test_who_withdraws_is_gone_from_both_rosters_whatever_they_were_asked_by(city: Office, asked: str) -> None:
    person_id = person_of(city, "T00007")
    records = {str(r) for (r,) in city.ask("select record_id from record_person where person_id = :p", p=person_id)}
    assert person_of(city, "S00007") == person_id
    found = ask(city, withdraw, person_id if asked == "person" else asked)
    assert (found.records, found.kind, found.due_on) == (2, "withdraw", "2026-12-05")
    assert len(records) == 2
    assert rows_that_name(city, {person_id, *records}) == []
    assert {number for _, number, _ in links(city.engine)} & {"T00007", "S00007"} == set()


def test_who_withdrew_does_not_come_back_and_no_partner_is_told(city: Office) -> None:
    from rosters import write_template
    from talentpool.check import check

    ask(city, withdraw, "didi:T00007")
    again = city.deliver("2026-10-31", [HERS, *(person(n) for n in range(10, 40))])
    assert (again.status, again.refused, again.reasons) == ("published", 1, {"withdrawn": 1})
    elsewhere = city.deliver("2026-10-31", [SAME | {"staff_no": "S99999"}, person(50), person(51)], partner="sf")
    assert (elsewhere.refused, elsewhere.reasons["withdrawn"]) == (1, 1), "known by the document under a new number"
    assert city.one("select count(*) from source_record where staff_no in ('T00007', 'S00007', 'S99999')") == 0
    told = check(city, city.partner(),
                 write_template(city.folder / "roster_check.csv", [HERS, person(90)]), as_of=date(2026, 11, 30))  # fmt: skip
    assert (told.outcome.refused, told.outcome.accepted) == (0, 2)


def test_what_was_staged_before_a_withdrawal_is_staged_again(city: Office) -> None:
    from rosters import write_template
    from talentpool.acquire import acquire

    path = write_template(city.folder / "roster_late.csv", [HERS, *(person(n) for n in range(10, 40))])
    landed = acquire(city, city.partner(), file=path, as_of=OCTOBER, kind="full")
    assert landed is not None
    assert conform_and_expect(city, city.partner(), landed.delivery_id, count=city.count)
    ask(city, withdraw, "didi:T00007")
    with pytest.raises(StaleStageError, match="withdrew"):
        publish(city, city.partner(), landed.delivery_id)
    assert city.one("select count(*) from source_record where staff_no = 'T00007'") == 0


def test_frozen_figures_stay_right_and_the_next_version_is_one_less(city: Office) -> None:
    before = snapshot(city, SEPTEMBER)
    with city.engine.connect() as conn:
        counted = city_counts(conn, before.snapshot_id)
    ask(city, withdraw, "didi:T00007")
    with city.engine.connect() as conn:
        assert city_counts(conn, before.snapshot_id) == counted
    after = snapshot(city, SEPTEMBER)
    assert (after.version, after.people) == (2, before.people - 1)


def test_a_draft_goes_and_a_locked_list_keeps_a_nameless_place(city: Office) -> None:
    draft = drawn(city, lock=False)
    found = ask(city, withdraw, "didi:T00007")
    assert (found.lists_cut, found.lists_flagged) == ([draft.list_id], [])
    assert city.ask("select list_id from target_list") == []
    locked = drawn(city, lock=True)
    assert locked.selected == draft.selected - 1
    assert city.ask("select erased from target_list") == [(False,)]


def test_a_locked_list_says_that_somebody_was_erased_and_its_sheets_forget_the_name(city: Office) -> None:
    folder = city.settings.lists_dir
    locked = drawn(city, lock=True)
    assert "欧阳槿翊" in names_in(folder)
    files = {path.name for path in folder.rglob("*.xlsx")}
    found = ask(city, withdraw, "didi:T00007")
    assert (found.lists_cut, found.lists_flagged) == ([], [locked.list_id])
    assert city.ask("select erased, selected from target_list") == [(True, locked.selected)]
    sheets = names_in(folder)
    assert "欧阳槿翊" not in sheets
    assert "（信息已删除）" in sheets
    assert city.one("select count(*) from target_row where selected") == locked.selected
    with city.engine.begin() as conn:  # as of who was judged and not selected: the row is nobody's as well
        conn.exec_driver_sql("set local session_replication_role = replica")  # past the lock of a list
        conn.exec_driver_sql("update target_row set selected = false")
    other = person_of(city, "T00010")
    assert ask(city, withdraw, "didi:T00010").lists_flagged == [] and rows_that_name(city, {other}) == []
    listed = set(city.ask("select name from list_file"))
    assert {path.name for path in folder.iterdir()} == {name for (name,) in listed}
    assert files


def test_an_erased_record_does_not_open_in_a_copy_made_before_and_the_raw_files_are_gone(city: Office) -> None:
    from talentpool.guard import open_personal

    record = city.one("select record_id from source_record where staff_no = 'T00007'")
    city.ask("select 1")
    with city.engine.begin() as conn:
        conn.exec_driver_sql("create table backup_of_records as select * from source_record where staff_no = 'T00007'")
    raw = list(Path(city.settings.landing_url).rglob("*.tpl"))
    assert raw
    found = ask(city, withdraw, "didi:T00007")
    assert found.landed_files == 2
    assert [path for path in raw if path.exists()] == []
    with city.engine.begin() as conn:
        conn.exec_driver_sql("insert into source_record select * from backup_of_records")
        assert open_personal(conn, city.keys, [UUID(str(record))]) == {}, "the salt is gone: nothing opens"
        conn.exec_driver_sql("drop table backup_of_records")


def test_erasing_is_for_those_who_have_left(city: Office) -> None:
    with pytest.raises(UsageError, match="withdraw"):
        ask(city, erase, "didi:T00007")
    for as_of in ("2026-10-31", "2026-11-30"):
        city.deliver(as_of, [person(n) for n in range(10, 40)])
        city.deliver(as_of, [person(50), person(51)], partner="sf")
    assert ask(city, erase, "didi:T00007").records == 2
    back = city.deliver("2026-12-31", [HERS, *(person(n) for n in range(10, 40))])
    assert (back.accepted, back.refused) == (31, 0), "hired again with a consent of their own, they are welcome"


def test_a_killed_withdrawal_is_finished_by_the_next_request(city: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn(city, lock=True)

    def dies(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(requests_module, "rewrite_files", dies)
    with pytest.raises(KeyboardInterrupt):
        ask(city, withdraw, "didi:T00007")
    monkeypatch.undo()
    with city.engine.connect() as conn:
        assert len(pending(conn)) == 1
    ask(city, withdraw, "didi:T00010")
    with city.engine.connect() as conn:
        assert pending(conn) == []
    assert "欧阳槿翊" not in names_in(city.settings.lists_dir)
    assert not list(Path(city.settings.landing_url).rglob("*.tpl"))


@pytest.mark.parametrize(
    "asked", ["didi:T99999", "nobody:T00007", "00000000-0000-0000-0000-000000000000", "T00007", "didi:", ":"]
)
def test_nobody_by_that_name_is_a_usage_error_that_repeats_nothing_and_changes_nothing(
    city: Office, asked: str
) -> None:
    before = digest(city.engine)
    with pytest.raises(UsageError) as told:
        ask(city, withdraw, asked)
    assert "T00007" not in str(told.value)
    assert "T99999" not in str(told.value)
    assert digest(city.engine) == before
    assert city.ask("select 1 from person_request") == []


def test_whose_row_is_only_set_aside_can_withdraw_too(city: Office) -> None:
    doubled = [
        person(60),
        person(60, name="另一人", document_no=document(61)),
        *(person(n) for n in range(10, 40)),
        HERS,
    ]
    assert city.deliver("2026-10-31", doubled).quarantined == 2
    assert ask(city, withdraw, "didi:T00060").records == 1
    assert city.one("select count(*) from quarantine") == 0


NOWHERE = {"county": "火星县"}
ASIDE = {
    "didi": [
        HERS | NOWHERE | {"name": "欧阳槿翊", "mobile": ""},  # the same number
        person(80, document_no=HERS["document_no"], mobile="", name="欧阳槿翊") | NOWHERE,
        person(81, document_no="", name="欧阳槿翊", mobile=HERS["mobile"]) | NOWHERE,
        person(82, document_no="", name="欧阳**", mobile=HERS["mobile"]) | NOWHERE,
        person(12, document_no=HERS["document_no"], name="欧阳槿翊") | NOWHERE,  # the number is another's in the pool
    ],
    "sf": [person(83, document_no=HERS["document_no"], mobile=HERS["mobile"], name="欧阳槿翊") | NOWHERE],
}  # fmt: skip
OTHERS = [
    person(84, name="欧阳槿翊", document_no="") | NOWHERE,  # one of the same name
    person(85, document_no="", mobile=HERS["mobile"], name="赵一二") | NOWHERE,  # a mobile handed on
    person(86, document_no="", mobile="", name="") | NOWHERE,
]


@pytest.fixture
def waiting(city: Office) -> Office:
    """Rows of one person set aside under every number there is, beside rows of others."""
    for day, first in enumerate((90, 119, 148, 177), start=1):  # no more at once than a roster may grow by
        city.deliver(f"2026-10-{day:02d}", [person(n) for n in range(first, first + 29)], kind="delta")
    others = [person(n) for n in range(90, 200)]
    found = city.deliver("2026-10-31", [*ASIDE["didi"], *OTHERS, *others], kind="delta")
    assert (found.status, found.quarantined, found.accepted) == ("published", 8, 110), found.reasons
    assert city.deliver("2026-10-31", [*ASIDE["sf"], person(91)], partner="sf", kind="delta").quarantined == 1
    return city


@pytest.mark.parametrize("asked", ["didi:T00007", "sf:T00083", "didi:T00080"])
def test_who_withdraws_is_gone_from_what_was_set_aside_by_number_document_and_mobile(
    waiting: Office, asked: str
) -> None:
    found = ask(waiting, withdraw, asked)
    assert waiting.one("select count(distinct row_no) from quarantine") == len(OTHERS)
    assert waiting.one("select count(*) from source_record where staff_no in ('T00007', 'S00007')") == 0
    assert waiting.one("select count(*) from source_record where staff_no = 'T00012'") == 1, "another's record stays"
    left = "select count(*) from record_salt s where not exists (select from source_record r where r.record_id = s.record_id)"
    assert waiting.one(left) == len(OTHERS), "no backup opens them"
    assert found.landed_files >= 2


def test_every_request_stands_in_the_audit_log_and_nothing_of_the_person_does(city: Office) -> None:
    ask(city, withdraw, "didi:T00007")
    kept = "\n".join(str(row) for row in city.ask("select * from audit_log")) + str(
        city.ask("select * from person_request")
    )
    assert "withdrawal" in kept
    for value in ("欧阳槿翊", HERS["document_no"], HERS["mobile"], "T00007"):
        assert value not in kept
