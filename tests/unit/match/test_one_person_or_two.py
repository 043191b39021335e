"""What a family, a form's default or a renewal makes alike or unlike: nobody is united or told apart by it alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rosters import Office, person
from talentpool.conform.values.documents import read_document
from talentpool.decide import decide
from talentpool.expect import count_flags
from talentpool.flow import Outcome, ingest
from talentpool.match import links, match
from talentpool.match.facts.births import Births
from talentpool.review import explain_pair, pending
from two_rosters import BARE, TODAY, delivered, judged

CASES = Path(__file__).resolve().parents[2] / "cases"


def deliver(office: Office, case: str, file: str, partner: str, as_of: str = TODAY) -> Outcome:
    """A file of a case as it stands."""
    place = office, office.partner(partner)
    return ingest(
        *place, file=CASES / case / f"{file}.csv", as_of=date.fromisoformat(as_of), kind="full", count=count_flags
    )


def test_twins_brother_and_sister_on_one_phone_are_looked_at(office: Office) -> None:
    assert deliver(office, "twins-with-one-mobile", "twins_didi", "didi").status == "published"
    assert deliver(office, "twins-with-one-mobile", "twins_meituan", "meituan").status == "published"
    assert set(judged(office).values()) <= {"review", "apart"}
    assert office.one("select count(*) from edge where rule = 'relatives'") == 5


WHOLE = {"document_no": person(1)["document_no"]}
FAMILIES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "brothers of two ages": (BARE, BARE | {"name": "霍思源", "birth_date": "1998-02-03"}),
    "brothers whose dates are unknown": (BARE | {"birth_date": ""}, BARE | {"birth_date": "", "name": "霍思行"}),
    "names that sound alike, in mobiles the other way round": (
        BARE, BARE | {"name": "霍思源", "mobile": "13500040009", "mobile2": "13500040001"}),
    "a couple": (BARE, BARE | {"name": "武晓文", "sex": "女", "birth_date": "1997-01-02"}),
    "one name, two tails": (BARE | {"document_no": "1401**********0011"}, BARE | {"document_no": "1401**********0038"}),
    "a name with a character more": (BARE, BARE | {"name": "霍远", "birth_date": "1998-02-03"}),
    "twins of whom one name has a character more": (BARE, BARE | {"name": "霍远"}),
    "a full number and the end of another": (BARE | WHOLE, BARE | {"document_no": "1401**********9988"}),
}  # fmt: skip


@pytest.mark.parametrize("which", FAMILIES)
def test_nobody_of_a_family_is_united_by_a_shared_mobile(office: Office, which: str) -> None:
    assert delivered(office, *FAMILIES[which]) in ("review", "apart")
    match(office.engine, office.keys, full=True)
    assert judged(office)["A1", "B1"] in ("review", "apart")


def test_one_number_of_many_names_unites_nobody_and_is_said_once(office: Office) -> None:
    found = deliver(office, "one-number-many-names", "one_number", "didi")
    assert (found.status, found.accepted, found.reasons.get("id_many_names")) == ("published", 40, 12)
    match(office.engine, office.keys)
    assert len({person for _, _, person in links(office.engine)}) == 40
    again = deliver(office, "one-number-many-names", "one_number", "didi", "2026-11-30")
    assert (again.status, again.accepted) == ("published", 40)
    match(office.engine, office.keys)
    assert len({person for _, _, person in links(office.engine)}) == 40


def test_one_number_of_many_names_unites_nobody_whatever_the_deliveries(office: Office) -> None:
    """Too few of each delivery to be set aside there: three at one partner, then one a delta at the other."""

    def people() -> int:
        return len({who for _, staff_no, who in links(office.engine) if staff_no.startswith("A")})

    names = ["王伟", "王维", "王玮", "王薇", "王威", "王卫"]
    one = {"document_no": person(9)["document_no"]}
    rows = [person(3000 + at) | one | {"name": name, "staff_no": f"A{at}"} for at, name in enumerate(names)]
    office.deliver("2026-07-31", [*crowd(5), *rows[:3]], partner="postal")
    office.deliver("2026-07-31", [person(7), person(8)], partner="didi")
    match(office.engine, office.keys)
    assert people() == 1, "misspelt names of one person"
    for at, day in ((3, "2026-08-31"), (4, "2026-09-30"), (5, "2026-10-31")):
        office.deliver(day, [rows[at]], partner="didi", kind="delta")
        match(office.engine, office.keys)
        assert people() == at + 1
    match(office.engine, office.keys, full=True)
    assert people() == len(rows)


def test_one_person_of_four_rosters_that_mask_the_name_each_in_its_way_stays_one(office: Office) -> None:
    for partner, name in (("postal", "霍思远"), ("didi", "霍**"), ("meituan", "霍*远"), ("sf", "霍思*")):
        office.deliver(TODAY, [person(7), person(1) | {"staff_no": f"A{partner}", "name": name}], partner=partner)
    match(office.engine, office.keys)
    assert len({who for _, staff_no, who in links(office.engine) if staff_no.startswith("A")}) == 1


FILLERS = ["000000000", "12345678", "AAAAAAAA", "XXXXXXXXX", "NOPASSPORT", "987654321", "1212121212"]


@pytest.mark.parametrize("kind", ["护照", "其他", "军官证"])
@pytest.mark.parametrize("number", FILLERS)
def test_what_somebody_typed_to_fill_the_cell_is_no_document(kind: str, number: str) -> None:
    assert read_document(number, kind).status == "malformed"
    assert read_document("E12345678", kind).status == "other_document"


ONE_PERSON: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "a typo in the name beside the same number": (BARE | WHOLE, BARE | WHOLE | {"name": "霍思源"}),
    "a typo in the name beside a mask that fits": (
        BARE | WHOLE, BARE | {"name": "霍思源", "birth_date": "1986-05-05",
                              "document_no": WHOLE["document_no"][:4] + "*" * 10 + WHOLE["document_no"][14:]}),
    "the same facts without a number": (BARE, BARE | {"county": "140404"}),
    "traditional characters": (BARE, BARE | {"name": "霍思遠"}),
    "one name and one mobile, a date that is wrong": (BARE, BARE | {"birth_date": "1978-11-20"}),
    "a name that is masked": (BARE, BARE | {"name": "霍*远"}),
    "a name of which the surname alone is seen": (BARE, BARE | {"name": "霍**"}),
    "a homophone under one mobile, no dates": (BARE | {"birth_date": ""}, BARE | {"birth_date": "", "name": "霍思源"}),
}  # fmt: skip


@pytest.mark.parametrize("which", ONE_PERSON)
def test_one_person_stays_one(office: Office, which: str) -> None:
    assert delivered(office, *ONE_PERSON[which]) == "same"


def test_no_third_record_unites_what_a_guard_holds_apart(office: Office) -> None:
    """Two ends of a document number and a record without one, that fits both: it goes to neither."""
    rows = [BARE | {"staff_no": "A1", "document_no": "1401**********0011"}, BARE | {"staff_no": "A2"}]
    office.deliver(TODAY, [person(7), *(person(1) | row for row in rows)], partner="didi")
    office.deliver(
        TODAY,
        [person(8), person(1) | BARE | {"staff_no": "B1", "document_no": "1401**********0038"}],
        partner="meituan",
    )
    for full in (False, True):
        match(office.engine, office.keys, full=full)
        owner = {staff_no: who for _, staff_no, who in links(office.engine)}
        assert len({owner[one] for one in ("A1", "A2", "B1")}) == 3
        with office.engine.begin() as conn:
            assert len(pending(conn, office.keys)) == 3


def test_a_pair_of_relatives_says_why_it_waits(office: Office) -> None:
    assert delivered(office, BARE, BARE | {"name": "霍思源"}) == "review"
    with office.engine.begin() as conn:
        (pair,) = pending(conn, office.keys)
        told = explain_pair(conn, office.keys, pair["pair_id"])
    assert pair["why"] == ["relatives"]
    assert {one["comparison"]: one["level"] for one in told["evidence"]}["name"] == "pinyin"


def test_a_renewed_document_tells_nobody_apart(office: Office) -> None:
    assert deliver(office, "renewed-passports", "renewed_didi", "didi").status == "published"
    assert deliver(office, "renewed-passports", "renewed_meituan", "meituan").status == "published"
    assert set(judged(office).values()) <= {"same", "review"}
    assert office.one("select count(*) from (select id_index from source_record where id_number_status = 'other_document'"
                      " group by id_index having count(*) = 2) alike") == 2  # fmt: skip
    found = deliver(office, "renewed-passports", "next_month_didi", "didi", "2026-11-28")
    assert "staff_no_reused" not in found.reasons and "staff_no_reused_many" not in found.reasons, found


PERMIT = {
    "document_type": "港澳居民来往内地通行证",
    "name": "陈嘉豪",
    "birth_date": "1992-07-08",
    "mobile": "13511113333",
}
PASSPORT = PERMIT | {"document_type": "护照", "name": "IVAN PETROV"}
RENEWED: dict[str, tuple[dict[str, str], dict[str, str], set[str]]] = {
    "two passports, nothing but the name": (
        PASSPORT | {"document_no": "EK1234567", "birth_date": "", "mobile": ""},
        PASSPORT | {"document_no": "EM7654321", "birth_date": "", "mobile": "", "county": "140404"}, {"review", "apart"}),
    "two permits of two people": (
        PERMIT | {"document_no": "H0123456701"}, PERMIT | {"document_no": "H0765432101"}, {"review", "apart"}),
    "a permit and a passport of one": (
        PERMIT | {"document_no": "H0123456701"}, PERMIT | {"document_type": "护照", "document_no": "KJ0123456"}, {"same"}),
    "a renewed permit, another mobile and county": (
        PERMIT | {"document_no": "H0123456701"},
        PERMIT | {"document_no": "H0123456702", "mobile": "13511119999", "county": "140404"}, {"same"}),
}  # fmt: skip


@pytest.mark.parametrize("which", RENEWED)
def test_of_a_permit_what_is_kept_for_life_is_compared(office: Office, which: str) -> None:
    one, other, wanted = RENEWED[which]
    assert delivered(office, one, other) in wanted


@pytest.mark.parametrize(
    ("change", "strangers"),
    [
        ({"document_no": "EN0000001", "county": "140404"}, 0),
        ({"document_no": "EN0000001", "county": "140404", "mobile": "13700000012"}, 0),
        ({"document_no": "EN0000001", "name": "OLEG SIDOROV", "mobile": "13700000012", "birth_date": "1980-01-02"}, 1),
        ({"document_type": "", "document_no": person(1)["document_no"], "birth_date": "1986-05-05", "county": "140404"}, 0),
    ],
)  # fmt: skip
def test_a_number_that_is_renewed_hands_no_staff_number_on(
    office: Office, change: dict[str, str], strangers: int
) -> None:
    row = person(1) | PASSPORT | {"document_no": "EK1234567"}
    crowd = [person(n) for n in range(20, 160)]
    office.deliver("2026-09-30", [row, *crowd])
    found = office.deliver(TODAY, [row | change, *crowd])
    assert (found.status, found.reasons.get("staff_no_reused", 0)) == ("published", strangers), found


HIDDEN = BARE | {"name": "霍**"}
MASKED: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "a surname and a mobile, of a family": (
        BARE | {"birth_date": ""}, HIDDEN | {"birth_date": "", "station": "别处站", "hired_on": "2023-07-01"}),
    "another surname is seen": (BARE, BARE | {"name": "武*远"}),
    "another given name is seen": (BARE, BARE | {"name": "霍*龙"}),
    "two masks, and nothing else": (
        HIDDEN | {"birth_date": "", "mobile": ""}, HIDDEN | {"birth_date": "", "mobile": "", "station": "别处站"}),
}  # fmt: skip


@pytest.mark.parametrize("which", MASKED)
def test_what_is_seen_of_a_name_is_compared_and_unites_nobody_alone(office: Office, which: str) -> None:
    assert delivered(office, *MASKED[which]) in ("review", "apart")


def test_a_default_birth_date_is_no_evidence(office: Office) -> None:
    assert deliver(office, "default-birthday", "default_didi", "didi").status == "published"
    assert deliver(office, "default-birthday", "default_meituan", "meituan").status == "published"
    assert set(judged(office).values()) <= {"review", "apart"}
    assert "didi|1990-01-01" in office.one("select crowds from match_run order by match_run_id desc limit 1")
    match(office.engine, office.keys, full=True)
    assert set(judged(office).values()) <= {"review", "apart"}


NEAR = {"document_no": "", "mobile": "", "birth_date": "1990-05-17", "sex": "男"}
"""Of two who share a rare enough name, this birth date and the county."""


def crowd(count: int, first: int = 100, **changes: str) -> list[dict[str, str]]:
    return [person(n, document_no="", **changes) for n in range(first, first + count)]


def test_a_month_in_which_a_date_becomes_a_default_parts_whom_it_united_and_the_other_way_round(office: Office) -> None:
    """What a month makes of it is what looking at everybody makes of it."""

    def owners() -> int:
        return len({who for _, staff_no, who in links(office.engine) if staff_no in ("A1", "B1")})

    mine = person(1, name="霍思远") | NEAR
    office.deliver("2026-07-31", [person(7), mine | {"staff_no": "A1"}], partner="didi")
    office.deliver("2026-07-31", [person(8), mine | {"staff_no": "B1"}], partner="meituan")
    match(office.engine, office.keys)
    assert owners() == 1
    many = crowd(30, birth_date="1990-05-17")
    office.deliver("2026-08-31", many, partner="didi", kind="delta", since="2026-07-31")
    changed = match(office.engine, office.keys).changed
    assert (changed, owners()) == (30, 2)
    match(office.engine, office.keys, full=True)
    assert owners() == 2
    dated = [row | {"birth_date": f"19{80 + n % 20}-{n % 12 + 1:02d}-{n % 25 + 2:02d}"} for n, row in enumerate(many)]
    held = office.deliver("2026-09-30", dated, partner="didi", kind="delta", since="2026-08-31")
    assert (held.status, held.reasons) == ("held", {"values_changed": 1}), held.reasons
    place = office, office.partner("didi")
    assert decide(*place, held.delivery_id, "all", by="李专员", reason="与企业核实").status == "published"
    match(office.engine, office.keys)
    assert owners() == 1
    match(office.engine, office.keys, full=True)
    assert owners() == 1


def test_births_are_carried_on_as_they_would_be_counted(office: Office) -> None:
    def kept() -> tuple[list[tuple], dict[str, int]]:
        packed, known = office.ask("select births, crowds from match_run order by match_run_id desc limit 1")[0]
        births = Births.unpack(packed)
        return [(births.partners[partner], day, count) for partner, day, count in births.rows.tolist()], known

    office.deliver("2026-07-31", [person(7), *crowd(12, birth_date="1990-01-01")], partner="didi")
    match(office.engine, office.keys)
    office.deliver(
        "2026-08-31", [*crowd(3, birth_date="1991-04-04"), *crowd(2, 200, birth_date="1985-01-01")], partner="postal"
    )
    office.deliver(
        "2026-08-31",
        [*crowd(5, birth_date="1992-06-06"), *crowd(2, 105)],
        partner="didi",
        kind="delta",
        since="2026-07-31",
    )
    match(office.engine, office.keys)
    month = kept()
    match(office.engine, office.keys, full=True)
    assert kept() == month
    assert sum(count for *_, count in month[0]) == 12 + 5
    assert office.one("select count(*) from match_run where births is not null") == 1
