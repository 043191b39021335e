"""Who leaves, comes back or withdraws by what a delivery says of many, or says twice, or says in words of its own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rosters import Office, document, person, write_template
from talentpool.conform.rows.misplaced import personal_kind
from talentpool.conform.values.consent import says_withdrawn
from talentpool.conform.values.staff import read_staff_no
from talentpool.expect import count_flags
from talentpool.flow import Outcome, ingest

FIRST, NEXT, THIRD = "2026-09-30", "2026-10-31", "2026-11-30"
EVERYBODY = [person(n) for n in range(1, 41)]
WITHOUT = {"consented_on": "", "notice_version": ""}


def active(office: Office) -> int:
    return int(office.one("select count(*) from source_record where status = 'active'"))


def brought(office: Office, path: Path) -> Outcome:
    given = (office, office.partner())
    return ingest(*given, file=path, as_of=date.fromisoformat(FIRST), kind="full", count=count_flags)


def status(office: Office, number: int = 1) -> str:
    return str(office.one("select status from source_record where staff_no = :s", s=f"T{number:05d}"))


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_a_date_of_leaving_for_everybody_waits_for_a_person(office: Office, kind: str) -> None:
    office.deliver(FIRST, EVERYBODY)
    found = office.deliver(NEXT, [row | {"left_on": NEXT} for row in EVERYBODY], kind=kind)
    assert found.status == "held" and "removals_high" in found.reasons and active(office) == 40


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_a_few_who_left_leave(office: Office, kind: str) -> None:
    office.deliver(FIRST, EVERYBODY)
    rows = [row | ({"left_on": "2026-10-15"} if n < 2 else {}) for n, row in enumerate(EVERYBODY)]
    found = office.deliver(NEXT, rows, kind=kind)
    assert found.status == "published" and active(office) == 38


@pytest.mark.parametrize("name", ["空岗", "新员工", "测试"])
def test_a_row_that_is_set_aside_brings_nobody_back_who_left(office: Office, name: str) -> None:
    office.deliver(FIRST, EVERYBODY)
    office.deliver(NEXT, [EVERYBODY[0] | {"left_on": "2026-10-15"}, *EVERYBODY[1:]])
    assert status(office) == "left"
    found = office.deliver(THIRD, [EVERYBODY[0] | {"name": name}, *EVERYBODY[1:]])
    assert found.status == "published" and found.quarantined == 1 and status(office) == "left"


def test_two_rows_of_one_number_that_both_end_consent_end_it(office: Office) -> None:
    office.deliver(FIRST, EVERYBODY)
    twice = EVERYBODY[0] | WITHOUT
    assert office.deliver(NEXT, [twice, twice | {"station": "新站"}, *EVERYBODY[1:]]).status == "published"
    assert status(office) == "suspended"


def test_two_rows_of_one_number_of_which_one_has_consent_end_nothing(office: Office) -> None:
    office.deliver(FIRST, EVERYBODY)
    office.deliver(NEXT, [EVERYBODY[0] | WITHOUT, *EVERYBODY])
    assert status(office) == "active"


@pytest.mark.parametrize(
    "words",
    ["撤回", "撤回，不再使用", "已撤回，不再同意", "收回授权", "取消", "撤消授权", "解除授权", "终止授权", "拒绝", "退出",
     "撤 回", "revoke",
     "withdrawn", "Consent Withdrawn", "本人已撤回授权"],
)  # fmt: skip
def test_words_that_take_consent_back(words: str) -> None:
    assert says_withdrawn(words)


@pytest.mark.parametrize(
    "words",
    [
        "未撤回",
        "没有撤回授权",
        "不撤回",
        "撤回：否",
        "撤回:无",
        "not withdrawn",
        "never revoked",
        "v1",
        "2025-01-01",
        "",
        "未取消",
    ],
)
def test_words_that_do_not(words: str) -> None:
    assert not says_withdrawn(words)


def test_two_staff_numbers_in_one_cell_are_no_third_one(office: Office) -> None:
    assert read_staff_no("T00001\nT00002") is None and read_staff_no(" T00001\n") == "T00001"
    both = person(1) | {"staff_no": "T00001\nT00002"}
    found = office.deliver(FIRST, [both, *EVERYBODY[2:]])
    assert (
        found.quarantined == 1 and office.one("select count(*) from source_record where staff_no like '%T00002%'") == 0
    )


@pytest.mark.parametrize(
    "text",
    ["013910000007", "139_1000_0007", "139/1000/0007", "1391 000 0014", "139100 00021", "139 10 00 00 07", "(139)10000056",
     "139 1000  0070", "1401 9919 9505 0500 11", "140199_19950505_0011", "140199/19950505/0011"],
)  # fmt: skip
def test_a_personal_number_is_seen_wherever_it_is_divided(text: str) -> None:
    assert personal_kind(text) and personal_kind(f"北关站 {text}")


@pytest.mark.parametrize(
    "text", ["T00001", "2026-10-31", "SF-0001-22", "1001", "站点12", "0355-2039001", "20261031 08:00", "3-12-5"]
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert not personal_kind(text)


@pytest.mark.parametrize("swap", [("工号", "姓名"), ("入职日期", "离职日期"), ("证件号码", "手机号码")])
def test_a_second_header_in_another_order_is_refused_with_its_row(office: Office, swap: tuple[str, str]) -> None:
    lines = write_template(office.folder / "x.csv", EVERYBODY).read_text("utf-8-sig").splitlines()
    cells = [swap[1] if cell == swap[0] else swap[0] if cell == swap[1] else cell for cell in lines[0].split(",")]
    path = office.folder / "roster_didi_20260930_77.csv"
    path.write_text("\n".join([*lines[:21], ",".join(cells), *lines[21:]]) + "\n", "utf-8")
    found = brought(office, path)
    assert found.status == "rejected" and "header_again" in found.reasons
    assert f"{path.name}：第 22 行" in (found.message or "")
    short = office.folder / "roster_didi_20260930_79.csv"
    short.write_text("\n".join([*lines[:21], ",".join(cells[:-1]), *lines[21:]]) + "\n", "utf-8")
    assert brought(office, short).status == "rejected", "with a cell less it is no line to pass over either"
    same = office.folder / "roster_didi_20260930_78.csv"
    same.write_text("\n".join([*lines[:21], lines[0], *lines[21:]]) + "\n", "utf-8")
    assert brought(office, same).accepted == 40


def test_an_id_number_keeps_its_form() -> None:
    assert personal_kind(document(3)) == "id_number"


@pytest.mark.parametrize(
    ("kind", "said"), [("full", ""), ("full", "9999-12-31"), ("delta", "9999-12-31"), ("delta", "#N/A")]
)
def test_leavers_whose_date_of_leaving_is_gone_wait_for_a_person(office: Office, kind: str, said: str) -> None:
    office.deliver(FIRST, [row | ({"left_on": "2026-09-15"} if n < 5 else {}) for n, row in enumerate(EVERYBODY)])
    assert active(office) == 35
    rows = EVERYBODY if kind == "full" else EVERYBODY[:5]
    found = office.deliver(NEXT, [row | ({"left_on": said} if n < 5 else {}) for n, row in enumerate(rows)], kind=kind)
    assert (found.status, active(office)) == ("held", 35) and "values_lost" in found.reasons


def test_who_is_hired_again_comes_back_by_a_delta(office: Office) -> None:
    office.deliver(FIRST, [row | ({"left_on": "2026-09-15"} if n < 5 else {}) for n, row in enumerate(EVERYBODY)])
    found = office.deliver(
        NEXT, [row | {"hired_on": "2026-10-08", "left_on": ""} for row in EVERYBODY[:5]], kind="delta"
    )
    assert (found.status, found.reasons, active(office)) == ("published", {}, 40)


def test_who_is_hired_again_comes_back(office: Office) -> None:
    office.deliver(FIRST, [row | ({"left_on": "2026-09-15"} if n < 5 else {}) for n, row in enumerate(EVERYBODY)])
    again = [row | ({"hired_on": "2026-10-08"} if n < 5 else {}) for n, row in enumerate(EVERYBODY)]
    assert office.deliver(NEXT, again).status == "published" and active(office) == 40


@pytest.mark.parametrize("number", ["T1", "t-00001", "9001"])
@pytest.mark.parametrize("others", [0, 3])
def test_a_withdrawal_under_a_number_written_otherwise_reaches_its_person(
    office: Office, number: str, others: int
) -> None:
    office.deliver(FIRST, EVERYBODY)
    row = EVERYBODY[0] | {"staff_no": number, "notice_version": "撤回"}
    found = office.deliver(NEXT, [row, *(p | {"station": "新站"} for p in EVERYBODY[1 : 1 + others])], kind="delta")
    assert (found.status, found.notes.get("consent_ended")) == ("published", 1) and status(office) == "suspended"


def test_a_withdrawal_of_nobody_known_ends_nothing(office: Office) -> None:
    office.deliver(FIRST, EVERYBODY)
    found = office.deliver(NEXT, [person(90) | {"notice_version": "撤回"}], kind="delta")
    assert found.status == "rejected" and active(office) == 40
