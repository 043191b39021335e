"""One person, one id: the rules, the guards, ids that last; through real deliveries of two partners."""

from __future__ import annotations

import random
from datetime import date
from uuid import UUID

import pytest

from asking import withdraw
from rosters import Office, document, person
from talentpool.load import digest
from talentpool.match import links, match
from talentpool.model import edge
from talentpool.services.rights.forget import forget


def ids(office: Office) -> dict[tuple[str, str], str]:
    return {(partner, staff_no): person_id for partner, staff_no, person_id in links(office.engine)}


def two_rosters(office: Office, left: dict[str, str], right: dict[str, str]) -> bool:
    """Whether a row of one partner and a row of another are one person."""
    office.deliver("2026-10-31", [left], partner="postal")
    office.deliver("2026-10-31", [right], partner="didi")
    match(office.engine, office.keys)
    found = ids(office)
    assert len(found) == 2
    return len(set(found.values())) == 1


BASE = person(1, name="欧阳潞襄")
BORN = {"document_no": "", "birth_date": "1990-05-05"}
ELSEWHERE = {"station": "别处站", "hired_on": "2023-07-01"}


@pytest.mark.parametrize(
    ("left", "right", "one"),
    [
        (BASE, BASE | {"staff_no": "D1", "mobile": "13700000012"}, True),
        (BASE, BASE | {"staff_no": "D1", "document_no": ""}, True),
        (BASE, BASE | {"staff_no": "D1", "document_no": "", "mobile": "", "mobile2": BASE["mobile"]}, True),
        (BASE, BASE | {"staff_no": "D1", "name": "魏陌生", "document_no": ""}, False),
        (BASE | BORN, BASE | BORN | {"staff_no": "D1", "mobile": "13700000012"}, True),
        (BASE | BORN, BASE | BORN | {"staff_no": "D1", "mobile": "13700000012", "county": "140404"}, True),
        (
            BASE | BORN | {"name": "王伟"},
            BASE | BORN | {"staff_no": "D1", "name": "王伟", "mobile": "13700000012", "county": "140404"} | ELSEWHERE,
            False,
        ),
        (BASE, BASE | {"staff_no": "D1", "document_no": document(3, "1986-05-05")}, False),
    ],
)
def test_two_records_are_one_person_when_the_evidence_says_so(
    office: Office, left: dict[str, str], right: dict[str, str], one: bool
) -> None:
    assert two_rosters(office, left, right) is one


def test_one_document_under_another_name_and_mobile_goes_to_review(office: Office) -> None:
    borrowed = person(2, staff_no="D1", document_no=BASE["document_no"])
    assert not two_rosters(office, BASE, borrowed)
    assert match(office.engine, office.keys).review_pending == 1
    assert office.ask("select rule, verdict from edge") == [("borrowed_account", "review")]


def test_a_mobile_of_a_whole_station_carries_nothing(office: Office) -> None:
    shared = [person(n, name="王伟", mobile="13500000099", document_no="") for n in range(1, 8)]
    office.deliver("2026-10-31", shared)
    match(office.engine, office.keys)
    assert len(set(ids(office).values())) == 7


def test_a_record_that_fits_two_documents_goes_to_review_never_to_the_first(office: Office) -> None:
    one = person(1, name="欧阳潞襄", mobile="13500000099")
    other = person(2, name="欧阳潞襄", mobile="13500000099", sex="男", document_no=document(5))
    office.deliver("2026-10-31", [one, other, person(3, name="欧阳潞襄", mobile="13500000099", document_no="")])
    found = match(office.engine, office.keys)
    assert len(set(ids(office).values())) == 3
    assert found.review_pending == 3, "the two numbers themselves are asked about too"


def test_a_merge_keeps_the_older_id_and_a_split_is_an_event(office: Office) -> None:
    alone = person(1, name="欧阳潞襄", document_no="")
    office.deliver("2026-08-31", [alone], partner="postal")
    misnamed = alone | {"staff_no": "D1", "name": "魏陌生"}
    office.deliver("2026-08-31", [misnamed], partner="didi")
    match(office.engine, office.keys)
    before = ids(office)
    office.deliver("2026-09-30", [alone | {"staff_no": "D1", "station": "新站"}], partner="didi", kind="delta")
    match(office.engine, office.keys)
    after = ids(office)
    older = "select person_id from person where person_id = any(:two) order by founded_on, founding_record limit 1"
    first = str(office.one(older, two=[UUID(one) for one in before.values()]))
    assert after["postal", "T00001"] == after["didi", "D1"] == first
    assert [row[0] for row in office.ask("select kind from person_event")] == ["merge"]
    office.deliver("2026-10-31", [misnamed | {"station": "三站"}], partner="didi", kind="full")
    match(office.engine, office.keys)
    assert len(set(ids(office).values())) == 2
    assert [row[0] for row in office.ask("select kind from person_event order by event_id")] == ["merge", "split"]


def city(seed: int) -> list[dict[str, str]]:
    rng = random.Random(seed)
    rows = []
    for n in range(1, 61):
        twin = rng.random() < 0.4 and n > 5
        row = dict(rng.choice(rows)) if twin else person(n)
        row["staff_no"] = f"T{n:05d}"
        if rng.random() < 0.4:
            row["document_no"] = ""
            row["birth_date"] = "1990-05-05"
        if rng.random() < 0.3:
            row["mobile"] = f"137{n:08d}"
        rows.append(row)
    return rows


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_incremental_and_full_and_a_replay_give_the_same_persons(office: Office, seed: int) -> None:
    rows = city(seed)
    for at, day in enumerate(("2026-08-31", "2026-09-30", "2026-10-31")):
        office.deliver(day, rows[at * 20 : at * 20 + 20], kind="delta")
        match(office.engine, office.keys)
    incremental = ids(office)
    before = digest(office.engine)
    match(office.engine, office.keys, full=True)
    assert ids(office) == incremental
    assert digest(office.engine) == before
    with office.engine.begin() as conn:
        conn.exec_driver_sql(
            "truncate edge, match_key, person, record_person, person_event, person_redirect, match_run"
        )
    match(office.engine, office.keys)
    replayed = ids(office)
    groups = {frozenset(k for k, v in found.items() if v == p) for found in (incremental,) for p in found.values()}
    assert groups == {frozenset(k for k, v in replayed.items() if v == p) for p in replayed.values()}


def test_a_common_name_that_fits_by_birth_date_alone_waits_for_somebody(office: Office) -> None:
    common = BASE | BORN | {"name": "王伟"}
    other = common | {"staff_no": "D1", "mobile": "13700000012", "county": "140404"}
    assert not two_rosters(office, common, other | ELSEWHERE)
    assert match(office.engine, office.keys).review_pending == 1


@pytest.mark.parametrize("mobile", ["13700000012", ""])
def test_twins_wait_for_somebody(office: Office, mobile: str) -> None:
    """Same family, same birth date, same county, names of one generation: more likely two than one."""
    one = BASE | BORN | {"name": "郭建国"}
    assert not two_rosters(office, one, one | {"staff_no": "D1", "name": "郭建军", "mobile": mobile})
    assert match(office.engine, office.keys).review_pending == 1


def test_a_familys_mobile_and_one_birth_date_do_not_make_one_of_two_names(office: Office) -> None:
    assert not two_rosters(office, BASE | BORN, BASE | BORN | {"staff_no": "D1", "name": "魏陌生"})


def test_who_works_under_a_borrowed_account_is_not_joined_through_a_third_record(office: Office) -> None:
    lent = BASE | {"staff_no": "T2", "name": "魏陌生", "mobile": "13700000012"}
    between = BASE | {"staff_no": "D1", "mobile": "13700000012"}
    office.deliver("2026-10-31", [BASE, lent], partner="postal")
    office.deliver("2026-10-31", [between], partner="didi")
    found = match(office.engine, office.keys)
    owner = ids(office)
    assert owner["postal", "T00001"] != owner["postal", "T2"]
    assert found.review_pending >= 1


def test_a_pool_that_grows_past_a_step_of_the_prior_is_looked_at_whole(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("talentpool.match.scoring.score.SMALLEST", 4)
    office.deliver("2026-10-31", [person(n) for n in range(1, 9)])
    match(office.engine, office.keys)
    office.deliver("2026-10-31", [person(n) for n in range(21, 61)], partner="postal")
    match(office.engine, office.keys)
    priors = [row[0] for row in office.ask("select prior from match_run order by match_run_id")]
    assert priors[0] > priors[1]
    assert office.one("select records from match_run order by match_run_id desc limit 1") == 48
    match(office.engine, office.keys, full=True)
    assert office.one("select prior from match_run order by match_run_id desc limit 1") == priors[1]


def test_whom_a_rival_kept_apart_is_united_when_the_rival_goes(office: Office) -> None:
    """Who fits two is nobody's; when one of the two turns out to be another, a month unites as a full run does."""
    born = "1990-05-05"
    rivals = [
        BASE | {"document_no": document(2 * n + 1, born), "staff_no": f"T{n}", "mobile": f"1370000001{n}"}
        for n in (3, 4)  # of one sex, so that nothing tells whose the third record is
    ]
    office.deliver("2026-10-31", rivals, partner="postal")
    office.deliver(
        "2026-10-31", [BASE | BORN | {"staff_no": "D1", "birth_date": born, "mobile": "13700000019"}], partner="didi"
    )
    match(office.engine, office.keys)
    assert len(set(ids(office).values())) == 3
    office.deliver("2026-11-30", [rivals[0] | {"name": "魏陌生"}], partner="postal", kind="delta")
    match(office.engine, office.keys)
    month = ids(office)
    assert month["didi", "D1"] == month["postal", "T4"] != month["postal", "T3"]
    match(office.engine, office.keys, full=True)
    assert ids(office) == month


def test_who_does_not_open_is_guarded_by_the_index_in_a_month_and_in_a_whole_run(office: Office) -> None:
    """Two numbers never share a person, though one of them cannot be read."""
    office.deliver("2026-10-31", [BASE | {"document_no": document(1, "1986-05-05")}], partner="postal")
    office.deliver("2026-10-31", [BASE | {"staff_no": "D1", "document_no": document(2, "1986-05-05")}], partner="didi")
    match(office.engine, office.keys)
    with office.engine.begin() as conn:
        conn.exec_driver_sql("update source_record set sealed = sealed || '\\x00' where staff_no = 'D1'")
    one, other = (row[0] for row in office.ask("select record_id from source_record order by staff_no"))
    with office.engine.begin() as conn:
        said = {"left_record": min(one, other), "right_record": max(one, other), "rule": "human", "verdict": "same"}
        conn.execute(edge.insert().values(**said, score=0.0, decided_by="李专员", note="电话核实"))
    for full in (False, True):
        match(office.engine, office.keys, full=full, around=[one, other])
        assert len(set(ids(office).values())) == 2, full


def test_keys_that_are_gone_are_made_anew_and_give_the_same_persons(office: Office) -> None:
    """As after a restore: backups hold no match keys."""
    office.deliver("2026-10-31", [person(n) for n in range(1, 9)])
    match(office.engine, office.keys)
    before, keys = ids(office), office.ask("select record_id, keys from match_key order by record_id")
    with office.engine.begin() as conn:
        conn.exec_driver_sql("delete from match_key")
    match(office.engine, office.keys)
    assert (ids(office), office.ask("select record_id, keys from match_key order by record_id")) == (before, keys)


def test_who_was_erased_leaves_no_key(office: Office) -> None:
    office.deliver("2026-10-31", [person(n) for n in range(1, 4)])
    match(office.engine, office.keys)
    gone = office.one("select record_id from source_record where staff_no = 'T00002'")
    with office.engine.begin() as conn:
        forget(conn, None, [gone])
    assert office.ask("select record_id from match_key where record_id = :r", r=gone) == []
    assert office.one("select count(*) from match_key") == 2


def test_a_record_that_was_tampered_with_is_on_record_and_holds_up_nobody(office: Office) -> None:
    office.deliver("2026-10-31", [person(n) for n in range(1, 4)])
    with office.engine.begin() as conn:
        conn.exec_driver_sql("update source_record set sealed = sealed || '\\x00' where staff_no = 'T00002'")
    assert match(office.engine, office.keys).persons == 3
    assert office.ask("select action from audit_log where action = 'refused'") == [("refused",)]


def test_a_block_that_crosses_its_cap_is_looked_at_again(office: Office) -> None:
    """Seven of one rare name in a county are a crowd: what six of them had in common by it counts no longer."""

    def bearer(n: int) -> dict[str, str]:
        return person(n, name="欧阳潞襄", county="140403", sex="男", document_no="", birth_date="")

    def pairs() -> int:
        return int(office.one("select count(*) from edge"))

    office.deliver("2026-08-31", [bearer(n) for n in range(1, 7)])
    match(office.engine, office.keys)
    assert pairs() == 15
    office.deliver("2026-09-30", [bearer(7)], kind="delta")
    match(office.engine, office.keys)
    assert pairs() == 0
    match(office.engine, office.keys, full=True)
    assert pairs() == 0
    office.deliver("2026-10-31", [bearer(7) | {"name": "魏陌生"}], kind="delta")
    match(office.engine, office.keys)
    assert pairs() == 15


def test_who_was_kept_apart_by_somebody_who_is_erased_is_looked_at_again(office: Office) -> None:
    both = {"name": "欧阳潞襄", "mobile": "13500000099"}
    office.deliver(
        "2026-10-31",
        [
            person(1, **both),
            person(2, **both, sex="男", document_no=document(5)),
            person(3, **both, document_no="", birth_date=""),
        ],
    )
    match(office.engine, office.keys)
    assert len(set(ids(office).values())) == 3
    withdraw(office, "didi:T00002", by="王主任", reason="本人书面申请",
             received_on=date(2026, 11, 1))  # fmt: skip
    assert len(set(ids(office).values())) == 1
    incremental = ids(office)
    match(office.engine, office.keys, full=True)
    assert ids(office) == incremental
