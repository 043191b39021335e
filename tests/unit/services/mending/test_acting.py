"""A row that was set aside: corrected, taken as it is or returned; remembered for the next roster, and no longer than it fits."""

from __future__ import annotations

import json
from datetime import date

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from asking import withdraw
from databases import Twins
from rosters import TODAY, Office, document, person
from set_aside import BY_BIRTH, CITY, COUNTY, OURS, THEIRS, bring, live, many, rows, words
from talentpool.__main__ import cli
from talentpool.conform.rows.remembered import Remembered, Word, hasher, put_in_row, said_hash
from talentpool.declare import FIELDS
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import console_engine, open_keys, record_id, scope_of, scoped
from talentpool.guard.keys import source_of
from talentpool.guard.personal import open_personal
from talentpool.model import officer, remembered_value
from talentpool.services.mending import (
    Act,
    Place,
    ReplacesError,
    WorseError,
    correct,
    end_value,
    expire_quarantine,
    give_back,
    holding,
    release,
    waiting,
)
from talentpool.services.rotation import rotate


@pytest.fixture
def city(twins: Twins) -> Office:
    return twins.office()


def test_a_corrected_row_is_live_at_once_and_the_next_roster_is_read_with_it(city: Office) -> None:
    wrong = person(7, **BY_BIRTH, hired_on="2024-13-45")
    delivery = bring(city, wrong)
    landed = city.landed(delivery)
    assert rows(city) == [(7, "hired_on_impossible")]
    done = correct(city, Place(delivery, 7), "hired_on", "2024-03-05", COUNTY)
    assert done.outcome == "taken" and rows(city) == []
    assert live(city, "T00007", "hired_on") == date(2024, 3, 5) and live(city, "T00007", "status") == "active"
    assert city.landed(delivery) == landed, "what landed stays"
    again = city.deliver("2026-11-30", many(wrong))
    assert (again.accepted, again.quarantined, again.notes.get("value_remembered")) == (7, 0, 1)
    assert live(city, "T00007", "hired_on") == date(2024, 3, 5) and words(city) == [("hired_on", "")]
    assert city.one("select count(*) from source_record_history") == 0, (
        "the same row with the same word changes nothing"
    )


def test_another_value_of_the_partners_ends_it_with_a_note_and_the_right_one_without(city: Office) -> None:
    delivery = bring(city, person(7, hired_on="2024-13-45"), person(8, hired_on="2024-13-46"))
    for row in (7, 8):
        assert correct(city, Place(delivery, row), "hired_on", "2024-03-05", CITY).outcome == "taken"
    held = city.deliver("2026-11-30", many(person(7, hired_on="2024-04-01"), person(8, hired_on=" 2024-03-05 ")))
    assert held.status == "published" and held.notes.get("value_lapsed") == 1
    assert words(city) == [("hired_on", "changed"), ("hired_on", "mended")]
    assert live(city, "T00007", "hired_on") == date(2024, 4, 1), "the partner's own value counts again"
    assert city.deliver("2026-12-01", many(person(7, hired_on="2024-13-45"))).quarantined == 1, "it does not come back"


def test_an_empty_cell_of_a_delta_ends_nothing_and_a_held_roster_neither(city: Office) -> None:
    delivery = bring(city, person(7, hired_on="2024-13-45"))
    correct(city, Place(delivery, 7), "hired_on", "2024-03-05", CITY)
    city.deliver("2026-11-05", [person(7, hired_on="", station="新站")], kind="delta")
    assert words(city) == [("hired_on", "")] and live(city, "T00007", "hired_on") == date(2024, 3, 5)
    held = city.deliver("2027-01-02", many(person(7, hired_on="2024-05-01")))
    assert held.status == "held" and words(city) == [("hired_on", "")]


def test_a_correction_that_makes_it_worse_or_no_better_is_refused_in_words(city: Office) -> None:
    delivery = bring(city, person(7, **BY_BIRTH, hired_on="2024-13-45"), person(8, name="测试"))
    for row, field, value, said in (
        (7, "birth_date", "2019-05-05", "不满 14 周岁"),
        (7, "hired_on", "2024-14-01", "仍有同样的问题"),
        (7, "hired_on", "2030-01-01", "晚于名册日期"),
        (7, "mobile", "12345", "手机号码不可用"),
        (8, "name", "暂无", "仍有同样的问题"),
    ):
        with pytest.raises(WorseError, match=said) as refused:
            correct(city, Place(delivery, row), field, value, CITY)
        assert value not in str(refused.value)
    assert words(city) == [] and len(rows(city)) == 2
    for field, value in (
        ("staff_no", "T1"),
        ("consented_on", "2025-01-01"),
        ("hired_on", ""),
        ("hired_on", "2024-13-45"),
    ):
        with pytest.raises(UsageError):
            correct(city, Place(delivery, 7), field, value, CITY)


def test_one_of_two_faults_is_remembered_and_the_row_waits_for_the_other(city: Office) -> None:
    delivery = bring(city, person(7, name="测试", county="火星"))
    first = correct(city, Place(delivery, 7), "county", OURS, CITY)
    assert (first.outcome, first.codes) == ("waits", ("name_placeholder",)) and len(rows(city)) == 1
    assert correct(city, Place(delivery, 7), "name", "韩梅梅", CITY).outcome == "taken"
    assert rows(city) == [] and live(city, "T00007", "county") == OURS


def test_who_corrects_what_another_corrected_hears_of_it_and_says_that_it_replaces_that(city: Office) -> None:
    delivery = bring(city, person(7, name="测试", county="火星"))
    first = correct(city, Place(delivery, 7), "county", OURS, CITY)
    other = Act("赵专员", "单位来函")
    with pytest.raises(ReplacesError) as told:
        correct(city, Place(delivery, 7), "county", THEIRS, other)
    assert (told.value.held.decided_by, told.value.held.reason) == (CITY.by, CITY.reason)
    known = Act(other.by, other.reason, replaces=first.value_id)
    second = correct(city, Place(delivery, 7), "county", THEIRS, known)
    assert words(city) == [("county", "replaced"), ("county", "")]
    with pytest.raises(ReplacesError):
        correct(city, Place(delivery, 7), "county", OURS, Act(CITY.by, "再次核实", replaces=first.value_id))
    with pytest.raises(ReplacesError, match="他人所作") as told:
        end_value(city, second.value_id or 0, by=CITY.by, reason="单位已改正")
    assert told.value.held.value_id == second.value_id and words(city)[1] == ("county", "")
    end_value(city, second.value_id or 0, by=CITY.by, reason="单位已改正", others=True)
    with pytest.raises(ConflictError):
        end_value(city, second.value_id or 0, by=CITY.by, reason="单位已改正")


def test_a_county_acts_on_its_own_rows_and_the_database_shows_it_no_others(city: Office) -> None:
    delivery = bring(city, person(7, hired_on="2024-13-45"), person(8, hired_on="2024-13-45", county=THEIRS),
                     person(9, county=""))  # fmt: skip
    assert [row for row, _ in rows(city, (OURS,))] == [7]
    for row in (8, 9):
        for act_on in (
            lambda row: correct(city, Place(delivery, row), "hired_on", "2024-03-05", COUNTY),
            lambda row: release(city, Place(delivery, row), COUNTY),
            lambda row: give_back(city, Place(delivery, row), COUNTY),
        ):
            with pytest.raises(RefusedError) as refused:
                act_on(row)
            assert refused.value.code == "scope"
    with pytest.raises(WorseError):
        correct(city, Place(delivery, 7), "county", THEIRS, COUNTY)
    correct(city, Place(delivery, 8), "hired_on", "2024-03-05", CITY)
    engine = console_engine(city.settings)
    with scoped(engine, scope_of("li", frozenset({f"county_officer_{OURS}"}))) as conn:
        seen = [conn.scalar(sa.text(f"select count(*) from {name}"))
                for name in ("quarantine", "quarantine_word", "remembered_value")]  # fmt: skip
        assert seen == [1, 0, 0] and holding(conn) == []
    engine.dispose()


def test_a_row_is_taken_as_it_is_as_long_as_it_stays_and_never_somebody_too_young(city: Office) -> None:
    old, young = person(7, document_no=document(7, "1931-05-05")), person(9, **BY_BIRTH | {"birth_date": "2011-06-01"})
    delivery = bring(city, old, person(8, county=""), young)
    assert release(city, Place(delivery, 7), CITY).outcome == "taken" and live(city, "T00007", "status") == "active"
    for row in (8, 9):
        with pytest.raises(UsageError, match="不能按原样收下"):
            release(city, Place(delivery, row), CITY)
    with pytest.raises(UsageError, match="市级专员"):
        correct(city, Place(delivery, 9), "birth_date", "1991-06-01", COUNTY)
    assert correct(city, Place(delivery, 9), "birth_date", "1991-06-01", CITY).outcome == "taken"
    again = city.deliver("2026-11-30", many(old, young))
    assert (again.quarantined, again.notes["taken_as_it_is"], again.notes["value_remembered"]) == (0, 1, 1)
    assert city.deliver("2026-12-01", many(old | {"station": "别处"}, young)).quarantined == 1, (
        "another row is asked about"
    )


def test_of_a_doubled_number_the_right_row_is_taken_and_no_cell_of_it_corrected(city: Office) -> None:
    delivery = bring(city, person(7), person(7, mobile="13900000001", station="旧站"))
    with pytest.raises(UsageError, match="哪一行"):
        correct(city, Place(delivery, 7), "station", "新站", CITY)
    assert release(city, Place(delivery, 7), CITY).outcome == "taken"
    assert live(city, "T00007", "station") == "太行站"
    again = city.deliver("2026-11-30", many(person(7), person(7, mobile="13900000001", station="旧站")))
    assert (again.accepted, again.quarantined) == (7, 1), "the other row is asked about again"


@pytest.mark.parametrize(("field", "value"), [("document_no", document(7, "1990-05-05")), ("name", "欧阳槿翊")])
def test_whoever_gets_the_number_next_inherits_nothing(office: Office, field: str, value: str) -> None:
    """The number is somebody else's by now, whose cell says the same, which is nothing, say."""
    record, known = b"r" * 16, Remembered({}, hasher(office.keys))
    hers = {one: person(7).get(one, "") for one in FIELDS} | {field: ""}
    word = Word(1, field, said_hash(known.hashed, record, field, hers), value, (), hers)  # type: ignore[arg-type]
    again, theirs = dict(hers), {one: person(8).get(one, "") for one in FIELDS} | {field: ""}
    assert put_in_row(again, record, [word], known)[0] == ["c1"] and again[field] == value
    assert put_in_row(theirs, record, [word], known)[0] == ["x1"] and theirs[field] == ""


def test_a_correction_overtakes_no_roster_that_waits(city: Office) -> None:
    delivery = bring(city, person(7, **BY_BIRTH, hired_on="2024-13-45"))
    with city.engine.begin() as conn:
        conn.execute(sa.text("set local session_replication_role = replica"))
        conn.execute(sa.text(
            "insert into delivery (partner, as_of, kind, sha256, bytes, source_name, form, state, wrapped_key, rules_version,"
            " declaration_hash, sent_by, sent_counties) select partner, as_of, 'delta', 'waiting', 1, 'ours.csv', 'own', 'held',"
            " wrapped_key, 1, '', '李专员', array['140403'] from delivery where delivery_id = :d"), {"d": delivery})  # fmt: skip
    correct(city, Place(delivery, 7), "hired_on", "2024-03-05", COUNTY)
    assert city.one("select state from delivery where sha256 = 'waiting'") == "held"


def test_a_returned_row_stays_until_the_partner_sends_again(city: Office) -> None:
    delivery = bring(city, person(7, county=""))
    give_back(city, Place(delivery, 7), CITY)
    with city.engine.connect() as conn:
        (one,) = waiting(conn, TODAY)
    assert (one.place, one.returned_by) == (Place(delivery, 7), CITY.by)
    bring(city, person(7), as_of="2026-11-30")
    assert rows(city) == []
    with pytest.raises(ConflictError):
        give_back(city, Place(delivery, 7), CITY)


def test_an_erasure_reaches_what_was_remembered_and_its_salts(city: Office) -> None:
    delivery = bring(city, person(7, hired_on="2024-13-45"))
    correct(city, Place(delivery, 7), "hired_on", "2024-03-05", CITY)
    withdraw(city, "didi:T00007", by="王主任", reason="本人书面申请", received_on=TODAY)
    assert words(city) == [] and city.one("select count(*) from record_salt where row_no < 0") == 0


def test_values_stay_readable_when_the_person_is_corrected_twice_on_one_day(city: Office) -> None:
    delivery = bring(city, person(7, name="测试", hired_on="2024-13-45"))
    correct(city, Place(delivery, 7), "name", "韩梅梅", CITY)
    correct(city, Place(delivery, 7), "hired_on", "2024-03-05", CITY)
    record = record_id(city.keys, "didi", "T00007")
    with city.engine.connect() as conn:
        assert open_personal(conn, city.keys, [record])[record].name == "韩梅梅"
        sealed = conn.scalars(sa.select(remembered_value.c.sealed)).all()
    assert len(sealed) == 2 and all("韩梅梅".encode() not in bytes(one) for one in sealed)


def test_rows_past_their_days_go_once_with_their_salts_and_what_is_remembered_stays(city: Office) -> None:
    delivery = bring(city, person(7, hired_on="2024-13-45"), person(8, county=""), as_of="2026-09-30")
    correct(city, Place(delivery, 7), "hired_on", "2024-03-05", CITY)
    assert expire_quarantine(city, date(2026, 12, 29)) == 0
    assert expire_quarantine(city, date(2026, 12, 30)) == 2 and expire_quarantine(city, date(2026, 12, 30)) == 0
    assert city.one("select count(*) from quarantine") == 0 and rows(city) == []
    assert city.one("select count(*) from record_salt where delivery_id = :d and row_no in (7, 8)", d=delivery) == 0
    said = city.ask("select subject, details from audit_log where action = 'erasure'")
    assert said == [("retention:quarantine", {"kind": "quarantine", "gone": 2, "day": "2026-12-30"})]
    again = city.deliver("2026-11-30", many(person(7, hired_on="2024-13-45")))
    assert again.quarantined == 0 and again.notes["value_remembered"] == 1


def test_the_command_line_does_the_same_for_whom_the_office_knows_and_shows_no_value(office: Office) -> None:
    delivery = bring(office, person(7, hired_on="2024-13-45"), person(8, county=""))
    with office.engine.begin() as conn:
        for name, counties in (("wang", None), ("li", [OURS])):
            role = "city_officer" if counties is None else f"county_officer_{OURS}"
            conn.execute(
                officer.insert().values(name=name, login=f"o_{name}", role=role, counties=counties, added_by="x")
            )

    def run(*words: str, given: str = "") -> Result:
        return CliRunner().invoke(cli, ["quarantine", *words], input=given, standalone_mode=False)

    listed = json.loads(run("list").stdout)
    assert [one["row_no"] for one in listed["waiting"]] == [7, 8] and listed["remembered"] == []
    why = ("--reason", "电话核实", "--by")
    for wrong in (("return", str(delivery), "8", *why, "li"), ("return", str(delivery), "8", *why, "nobody")):
        assert isinstance(run(*wrong).exception, RefusedError)
    value = ("correct", str(delivery), "7", "--field", "hired_on", "--value-stdin", *why, "li")
    done = run(*value, given="2024-03-05\n")
    assert json.loads(done.stdout)["outcome"] == "taken" and "2024-03-05" not in done.output
    (held,) = json.loads(run("list").stdout)["remembered"]
    assert json.loads(run("return", str(delivery), "8", *why, "wang").stdout)["outcome"] == "returned"
    assert isinstance(run("end", str(held["value_id"]), *why, "wang").exception, ReplacesError)
    assert json.loads(run("end", str(held["value_id"]), "--others", *why, "wang").stdout)["field"] == "hired_on"
    assert json.loads(run("expire").stdout) == {"rows": 0}
    asked = [
        "request",
        "correct",
        "didi:T00100",
        "--by",
        "wang",
        "--identity",
        "in_person",
        "--received-on",
        "2026-11-01",
    ]
    number = json.loads(CliRunner().invoke(cli, asked, standalone_mode=False).stdout)["request_id"]
    wish = ("answer", str(number), "didi:T00100", "--field", "station", "--value-stdin", *why, "wang")
    assert (
        json.loads(run(*wish, given="新站\n").stdout)["outcome"] == "taken"
        and live(office, "T00100", "station") == "新站"
    )
    assert isinstance(run(*wish, given="别站\n").exception, UsageError), "it is closed"


def test_a_rotation_of_the_keys_seals_what_is_remembered_anew(office: Office) -> None:
    delivery = bring(office, person(7, hired_on="2024-13-45"))
    correct(office, Place(delivery, 7), "hired_on", "2024-03-05", CITY)
    sealed = office.one("select sealed from remembered_value")
    keys = open_keys(office.settings, office.engine)
    rotate(office.engine, keys, source_of(office.settings), by="李主任", reason="定期更换密钥", records=True)
    assert office.one("select sealed from remembered_value") != sealed
    again = office.deliver("2026-11-30", many(person(7, hired_on="2024-13-45")))
    assert (again.quarantined, again.notes["value_remembered"]) == (0, 1)
