"""A judgement: carried out at once, kept over re-deliveries and full runs, taken back, never lost to another's."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from click.testing import CliRunner

from rosters import TWINS, Office, person
from talentpool.__main__ import cli
from talentpool.errors import ConflictError, UsageError
from talentpool.guard import record_id
from talentpool.match import links, match
from talentpool.review import (
    explain_pair,
    explain_person,
    judge,
    judgements_of_split,
    pending,
    split,
    split_of,
    undo,
    undo_split,
)
from talentpool.review.judgements import pair_name

WHO = {"by": "李专员", "note": "电话核实"}


@pytest.fixture
def twins(office: Office) -> Office:
    """Two records of two partners that may be one person or two."""
    office.deliver("2026-10-31", [person(1, name="王建国", **TWINS), person(7)], partner="postal")
    office.deliver("2026-10-31", [person(2, staff_no="D1", name="王建军", **TWINS), person(8)], partner="didi")
    match(office.engine, office.keys)
    return office


def waiting(office: Office) -> list[dict]:
    with office.engine.begin() as conn:
        return pending(conn, office.keys)


def owner(office: Office, partner: str, staff_no: str) -> str:
    return {(p, s): person_id for p, s, person_id in links(office.engine)}[partner, staff_no]


def one(office: Office) -> bool:
    return owner(office, "postal", "T00001") == owner(office, "didi", "D1")


def test_what_waits_is_shown_masked_with_its_evidence(twins: Office) -> None:
    (pair,) = waiting(twins)
    assert {pair["left"]["staff_no"], pair["right"]["staff_no"]} == {"T00001", "D1"}
    assert {pair["left"]["name"], pair["right"]["name"]} == {"王**"}
    with twins.engine.begin() as conn:
        told = explain_pair(conn, twins.keys, pair["pair_id"])
    assert (
        told["score"]
        == pytest.approx(pair["score"], abs=0.02)
        == pytest.approx(sum(e["bits"] for e in told["evidence"]), abs=0.02)
    )
    levels = {e["comparison"]: e["level"] for e in told["evidence"]}
    assert levels["birth"] == "same" and levels["name"] == "one" and levels["mobile"] == "differs"
    assert "王建国" not in json.dumps(told, ensure_ascii=False) and "1990-05-05" not in json.dumps(told)


def test_same_unites_at_once_and_undo_takes_it_back(twins: Office) -> None:
    (pair,) = waiting(twins)
    assert judge(twins, pair["pair_id"], "same", **WHO).matched.review_pending == 0
    assert one(twins)
    match(twins.engine, twins.keys, full=True)
    assert one(twins)
    undo(twins, pair["pair_id"], **WHO)
    assert not one(twins) and len(waiting(twins)) == 1
    on_record = twins.ask("select actor, details ->> 'verdict' from audit_log where action = 'decision' order by seq")
    assert on_record == [("李专员", "same"), ("李专员", None)]
    assert [row[0] for row in twins.ask("select kind from person_event order by event_id")] == ["merge", "split"]


def test_a_pair_is_on_record_by_one_name_however_it_is_typed(twins: Office) -> None:
    number = waiting(twins)[0]["pair_id"]
    said = judge(twins, number.upper(), "same", **WHO)
    with pytest.raises(ConflictError, match=f"undo {number}`"):
        judge(twins, number.upper(), "different", **WHO)
    with twins.engine.begin() as conn:
        told = explain_pair(conn, twins.keys, number.upper())
    back = undo(twins, number.upper(), **WHO)
    assert {said.pair_id, told["pair_id"], back.pair_id} == {number}
    assert twins.ask("select distinct subject from audit_log where action = 'decision'") == [(f"pair:{number}",)]
    assert twins.ask("select distinct cause from person_event") == [(f"human:{number}",)]


def test_different_survives_what_speaks_for_one_person(twins: Office) -> None:
    (pair,) = waiting(twins)
    judge(twins, pair["pair_id"], "different", **WHO)
    same = person(1, name="王建国", **TWINS)
    twins.deliver("2026-11-30", [same | {"staff_no": "D1", "station": "新站"}, person(8)], partner="didi")
    match(twins.engine, twins.keys)
    match(twins.engine, twins.keys, full=True)
    assert not one(twins)
    assert waiting(twins) == []


def test_unsure_waits_no_longer_and_changes_nothing_and_may_be_decided_later(twins: Office) -> None:
    (pair,) = waiting(twins)
    assert judge(twins, pair["pair_id"], "unsure", **WHO).matched.review_pending == 0
    assert not one(twins)
    judge(twins, pair["pair_id"], "same", **WHO)
    assert one(twins)


def test_a_second_word_against_the_first_is_refused_in_words(twins: Office) -> None:
    (pair,) = waiting(twins)
    judge(twins, pair["pair_id"], "same", **WHO)
    with pytest.raises(UsageError, match="李专员 judged this pair as same"):
        judge(twins, pair["pair_id"], "different", by="王主任", note="不是")
    judge(twins, pair["pair_id"], "same", by="王主任", note="同意")
    with pytest.raises(UsageError, match="who judges"):
        judge(twins, pair["pair_id"], "same", by=" ", note="x")
    with pytest.raises(UsageError, match="there is no pair with that id"):
        undo(twins, "0" * 16, **WHO)


def test_a_person_is_taken_apart_and_does_not_come_together_again(office: Office) -> None:
    rows = [person(1, name="欧阳潞襄"), person(1, staff_no="T2", name="欧阳潞襄", document_no="")]
    office.deliver("2026-10-31", [*rows, person(3), person(4)], partner="postal")
    office.deliver("2026-10-31", [person(1, staff_no="D1", name="欧阳潞襄")], partner="didi")
    match(office.engine, office.keys)
    whole, others = owner(office, "didi", "D1"), {owner(office, "postal", n) for n in ("T00003", "T00004")}
    assert owner(office, "postal", "T2") == whole
    leaving = record_id(office.keys, "postal", "T2")
    persons = split(office, UUID(whole), [leaving], **WHO)
    assert persons[0] == whole and len(persons) == 2
    match(office.engine, office.keys, full=True)
    assert owner(office, "postal", "T2") == persons[1]
    assert owner(office, "postal", "T00001") == owner(office, "didi", "D1") == whole
    assert {owner(office, "postal", n) for n in ("T00003", "T00004")} == others
    with office.engine.begin() as conn:
        told = explain_person(conn, office.keys, UUID(whole))
    assert told and len(told["records"]) == 2 and told["events"][-1]["kind"] == "split"
    with pytest.raises(UsageError, match="not this person's"):
        split(office, UUID(whole), [leaving], **WHO)
    with pytest.raises(UsageError, match="nothing to split"):
        split(office, UUID(persons[1]), [], **WHO)


def test_who_takes_a_person_apart_heeding_does_not_overwrite_a_word_that_stands(twins: Office) -> None:
    (pair,) = waiting(twins)
    judge(twins, pair["pair_id"], "same", by="王主任", note="核对原件")
    whole, leaving = UUID(owner(twins, "didi", "D1")), [record_id(twins.keys, "didi", "D1")]
    for named in (leaving, []):
        with pytest.raises(UsageError, match=f"王主任 judged .* undo {pair['pair_id']}"):
            split(twins, whole, named, heeding=True, **WHO)
    assert one(twins) and twins.ask("select verdict, decided_by from edge where rule = 'human'") == [("same", "王主任")]


def test_a_judgement_about_records_that_are_gone_does_no_harm(twins: Office) -> None:
    (pair,) = waiting(twins)
    judge(twins, pair["pair_id"], "same", **WHO)
    with twins.engine.begin() as conn:
        conn.exec_driver_sql("delete from source_record where staff_no = 'D1'")
    match(twins.engine, twins.keys, full=True)
    assert owner(twins, "postal", "T00001")


def test_the_command_line_lists_decides_and_explains(twins: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALENTPOOL_DATABASE_URL", twins.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TALENTPOOL_HOME", str(twins.settings.home))
    monkeypatch.setenv("TALENTPOOL_KEYS", str(twins.settings.keys_dir))

    def run(*words: str) -> dict:
        result = CliRunner().invoke(cli, words, standalone_mode=False)
        assert result.exception is None, result.exception
        return json.loads(result.stdout)

    listed = run("review", "list")
    assert listed["waiting"] == len(listed["pairs"]) == 1
    number = listed["pairs"][0]["pair_id"]
    assert run("explain", "pair", number)["evidence"][0]["comparison"] == "prior"
    decided = run("review", "same", number, "--by", "李专员", "--note", "电话核实")
    assert decided["verdict"] == "same" and decided["matched"]["review_pending"] == 0
    told = run("explain", "person", owner(twins, "didi", "D1"))
    assert len(told["records"]) == 2 and told["judgements"][0]["by"] == "李专员"
    apart = run("review", "split", told["person_id"], "--leaving", "didi:D1", "--by", "王主任", "--note", "看错")
    assert len(apart["persons"]) == 2


def test_a_word_that_breaks_a_guard_is_refused_and_nothing_is_kept(office: Office) -> None:
    """One bare record that fits two documents: it may be the one or the other, never both."""
    both = {"name": "欧阳潞襄", "mobile": "13500000099"}
    rows = [person(1, **both), person(2, **both), person(3, **both, document_no="", birth_date="", sex="")]
    office.deliver("2026-10-31", rows)
    match(office.engine, office.keys)
    numbers, first, second = waiting(office)
    assert numbers["why"] == ["two_numbers"]
    judge(office, first["pair_id"], "same", **WHO)
    with pytest.raises(UsageError, match="contradicts two document numbers"):
        judge(office, second["pair_id"], "same", by="王主任", note="也像")
    assert office.ask("select verdict, decided_by from edge where rule = 'human'") == [("same", "李专员")]
    match(office.engine, office.keys, full=True)
    assert len({person_id for _, _, person_id in links(office.engine)}) == 2


def test_what_was_told_apart_settles_what_hangs_on_it(twins: Office) -> None:
    (pair,) = waiting(twins)
    same = {"name": "王建国", **TWINS, "mobile": person(1)["mobile"]}
    twins.deliver("2026-10-31", [person(5, staff_no="M1", **same)], partner="meituan")
    match(twins.engine, twins.keys)
    assert owner(twins, "meituan", "M1") == owner(twins, "postal", "T00001")
    assert len(waiting(twins)) == 1, "two persons are one question"
    judge(twins, pair["pair_id"], "different", **WHO)
    assert waiting(twins) == []
    assert twins.one("select count(*) from person_event where cause like 'human:%'") == 0


def test_an_event_names_the_word_that_made_it(twins: Office) -> None:
    (pair,) = waiting(twins)
    judge(twins, pair["pair_id"], "same", **WHO)
    assert twins.ask("select kind, cause from person_event") == [("merge", f"human:{pair['pair_id']}")]


def test_a_split_is_taken_back_as_one_and_leaves_every_other_word(office: Office) -> None:
    rows = [person(1, staff_no=f"T{n}", name="欧阳潞襄") for n in range(4)]
    office.deliver("2026-10-31", [*rows, person(3), person(4)], partner="postal")
    match(office.engine, office.keys)
    whole = UUID(owner(office, "postal", "T0"))
    leaving = [record_id(office.keys, "postal", n) for n in ("T2", "T3")]
    split(office, whole, leaving, **WHO)
    split(office, UUID(owner(office, "postal", "T3")), [leaving[1]], **WHO)
    first, second = (
        UUID(str(row[0]))
        for row in office.ask("select split_id from edge where rule = 'human' group by 1 order by min(made_at)")
    )
    with pytest.raises(ConflictError, match="look again"):
        undo_split(office, first, seen=3, **WHO)
    now = undo_split(office, first, seen=4, **WHO)
    assert len(now) == 2, "the two that the second split parted are still apart"
    assert office.ask("select distinct split_id from edge where rule = 'human'") == [(second,)]
    with pytest.raises(UsageError, match="nothing to take back"):
        undo_split(office, first, **WHO)
    (united,) = undo_split(office, second, **WHO)
    match(office.engine, office.keys, full=True)
    assert {owner(office, "postal", f"T{n}") for n in range(4)} == {united}
    log = office.ask(
        "select subject, details ->> 'pairs' from audit_log where details ->> 'split' is not null order by seq"
    )
    assert log[-1] == (f"person:{united}", "1") and len(log) == 3


def test_a_later_word_on_a_pair_of_a_split_is_not_taken_back_with_it(office: Office) -> None:
    office.deliver("2026-10-31", [person(1), person(1, staff_no="T2"), person(1, staff_no="T3")], partner="postal")
    match(office.engine, office.keys)
    split(office, UUID(owner(office, "postal", "T2")), [], **WHO)
    ((split_id, count),) = office.ask("select split_id, count(*) from edge where rule = 'human' group by 1")
    with office.engine.connect() as conn:
        said = judgements_of_split(conn, split_id)
    assert count == len(said) == 3
    pair = pair_name(said[0].left_record, said[0].right_record)
    undo(office, pair, **WHO)
    judge(office, pair, "unsure", **WHO)
    with pytest.raises(ConflictError):
        undo_split(office, split_id, seen=3, **WHO)
    undo_split(office, split_id, seen=2, **WHO)
    assert office.ask("select verdict, split_id from edge where rule = 'human'") == [("unsure", None)]
    with pytest.raises(UsageError, match="does not belong to a split"), office.engine.connect() as conn:
        split_of(conn, pair)


def test_the_command_line_takes_a_split_apart_and_back(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.deliver("2026-10-31", [person(1), person(1, staff_no="T2"), person(1, staff_no="T3")], partner="postal")
    match(office.engine, office.keys)
    for name in ("database_url", "home", "profile"):
        monkeypatch.setenv(f"TALENTPOOL_{name.upper()}", str(getattr(office.settings, name)))

    def ran(*words: str) -> dict:
        done = CliRunner().invoke(cli, ["review", *words, "--by", "li", "--note", "电话核实"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    apart = ran("split", owner(office, "postal", "T2"))
    assert len(apart["persons"]) == 3
    pair = office.one("select encode(substr(sha256(uuid_send(left_record) || uuid_send(right_record)), 1, 8), 'hex')"
                      " from edge where rule = 'human' limit 1")  # fmt: skip
    back = ran("undo", pair, "--split")
    assert back["split_id"] == apart["split_id"] and len(back["persons"]) == 1
    assert office.ask("select 1 from edge where rule = 'human'") == []
