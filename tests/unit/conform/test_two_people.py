"""Two people in one row are set aside, never made one; one person with two of something stays one."""

from __future__ import annotations

import pytest

from rosters import Office, person
from talentpool.conform.values.two_people import is_of_two

TWO = [
    {"name": "张三/李四", "mobile": "13910000007/13810000008"},
    {"name": "张三、李四", "mobile": "13910000007、13810000008"},
    {"name": "张三，李四", "sex": "男，女"},
    {"name": "张三／李四", "staff_no": "T1／T2"},
    {"name": "张三\n李四", "document_no": "140199199505050011\n140199199505050029"},
    {"name": "张三 李四", "mobile": "13910000007 13810000008"},
    {"name": "欧阳建国;李四", "birth_date": "1990-01-01;1991/02/02"},
    {"name": "张三/李四/王五", "county": "潞州区/潞州区/沁县"},
]
ONE = [
    {"name": "张三", "mobile": "13910000007/13810000008"},
    {"name": "张三/李四", "mobile": "13910000007"},
    {"name": "王小明/WANG", "mobile": "13910000007/13810000008"},
    {"name": "张三/张三", "mobile": "13910000007/13810000008"},
    {"name": "欧阳 建国", "mobile": "13910000007 13810000008"},
    {"name": "张 三", "mobile": "139 10000007"},
    {"name": "王明 张英", "mobile": "139 10000007"},
    {"name": "阿依古丽·买买提/李四", "sex": "男/女"},
    {"name": "张三、李四", "birth_date": "1990/01/01"},
]


@pytest.mark.parametrize("cells", TWO)
def test_two_names_beside_two_of_something_are_two_people(cells: dict[str, str]) -> None:
    assert is_of_two(cells)


@pytest.mark.parametrize("cells", ONE)
def test_one_of_the_two_alone_is_one_person(cells: dict[str, str]) -> None:
    assert not is_of_two(cells)


def test_a_row_of_two_people_is_set_aside_with_its_code(office: Office) -> None:
    rows = [person(n) for n in range(1, 31)]
    rows[3] |= TWO[0]
    outcome = office.deliver("2026-10-31", rows)
    assert (outcome.status, outcome.accepted, outcome.reasons) == ("published", 29, {"two_people": 1})
