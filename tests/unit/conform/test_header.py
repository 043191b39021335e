"""Which column is which: spelling set aside by rule, other names asked about, and what an answer does."""

from __future__ import annotations

from typing import Any

import pytest

from headers import GONE, HEADER, LABELS, PEOPLE, lines, questions, read, renamed, without
from rosters import document
from talentpool.acquire import load_partner
from talentpool.declare import FIELDS, Partner
from talentpool.errors import RejectedError
from talentpool.settings import Settings


@pytest.fixture(scope="module")
def didi() -> Partner:
    return load_partner(Settings().partner_dirs, "didi")


@pytest.fixture(scope="module")
def postal() -> Partner:
    return load_partner(Settings().partner_dirs, "postal")


SPELLINGS = {
    "zero-width space behind": {"document_no": "证件号码\u200b"},
    "zero-width joiner inside": {"document_no": "证件\u200d号码", "left_on": "离职\u2060日期"},
    "a mark of byte order and a direction mark": {"document_no": "\ufeff证件号码\u200e"},
    "soft hyphen": {"document_no": "证件\u00ad号码"},
    "traditional characters": {"document_no": "證件號碼", "left_on": "離職日期", "staff_no": "工號"},
    "full width and spaces": {"staff_no": "　工　号 ", "name": "姓\n名"},
    "required marks": {"staff_no": "*工号", "name": "姓名（必填）", "county": "★工作区县*", "mobile": "手机号码必填"},
    "remarks in brackets": {
        "left_on": "离职日期【在职留空】",
        "county": "工作区县[6位代码]",
        "mobile": "手机号码(11位",
    },
    "a remark on a second line": {"left_on": "离职日期\n在职人员留空", "hired_on": "入职日期\r\nYYYY-MM-DD"},
    "punctuation and numbering": {"left_on": "离职日期：", "staff_no": "1.工号", "mobile": "手机_号码"},
    "compatibility characters": {"staff_no": "⼯号"},
}


@pytest.mark.parametrize("how", SPELLINGS)
def test_spelling_makes_no_difference(how: str, didi: Partner) -> None:
    found = read(lines(renamed(**SPELLINGS[how]), GONE), didi)
    assert found.fields == {field: at for at, field in enumerate(FIELDS)}
    assert (found.extra, found.findings) == ((), ())


@pytest.mark.parametrize("cell", ["证件号码\u200b", "證件號碼"])
def test_a_name_that_only_rules_made_readable_is_noted(cell: str, didi: Partner) -> None:
    assert read(lines(renamed(document_no=cell), PEOPLE), didi).notes == {"column_spelling": 1}


def test_a_partners_own_form_is_read_in_any_spelling_too(postal: Partner) -> None:
    columns = postal.format.columns
    header = [
        {"leaveDate": "LEAVE_DATE", "离职时间": "離職時間", "身份证号": "身份證號\u200b"}.get(h, h) for h in columns
    ]
    found = read(lines(header, GONE, list(columns.values())), postal)
    assert (found.form, set(found.fields)) == ("own", set(columns.values()))
    assert (found.findings, found.notes) == ((), {"column_spelling": 2})


OTHER_NAMES = {
    "left_on": (
        "离职时间",
        "离岗日期",
        "离职日",
        "离职年月日",
        "退出日期",
        "最后工作日",
        "离职（停止服务）时间",
        "leave_time",
        "離職時間",
    ),
    "document_no": ("身份证号", "身份证号码", "证件号", "公民身份号码", "idCard", "证件"),
    "mobile": ("电话", "手机", "联系电话", "手机号", "联系方式", "phone"),
    "hired_on": ("入职时间", "到岗日期", "上岗时间"),
    "consented_on": ("授权时间", "同意日期"),
    "mobile2": ("备用电话", "第二联系电话", "手机号码2", "手机号码（备用）"),
    "station": ("网点", "所属网点", "站点名称"),
    "occupation": ("岗位", "工种", "从业类型"),
    "birth_date": ("生日", "出生年月"),
    "document_type": ("证件种类", "证件类别"),
    "notice_version": ("告知书版本", "告知版本号"),
    "sex": ("姓别", "男/女"),
}
VALUES = {field: [row.get(field) or "" for row in PEOPLE] for field in FIELDS} | {
    "left_on": [row["left_on"] for row in GONE],
    "mobile2": [f"137{20_000_000 + n * 7}" for n in range(12)],
    "birth_date": [f"19{80 + n}-01-0{n % 9 + 1}" for n in range(12)],
    "document_type": ["居民身份证"] * 12,
}


@pytest.mark.parametrize(("field", "word"), [(field, word) for field, words in OTHER_NAMES.items() for word in words])
def test_a_column_of_another_name_is_asked_about_and_read_as_answered(field: str, word: str, didi: Partner) -> None:
    table = without(field, word, VALUES[field])
    found = read(table, didi)
    (name,) = questions(found)
    assert LABELS[field] in questions(found)[name] and field not in found.fields
    answered = read(table, didi, {name: field})
    assert (answered.fields[field], answered.findings) == (len(FIELDS) - 1, ())
    assert answered.notes == {"columns_as_answered": 1} and answered.extra == ()
    ignored = read(table, didi, {name: None})
    assert (ignored.findings, ignored.extra, field in ignored.fields) == ((), (name,), False)


@pytest.mark.parametrize(
    ("field", "word", "values"),
    [
        ("document_no", "备注", [document(n) for n in range(12)]),
        ("document_no", "其他信息", [document(n) if n < 8 else "无" for n in range(12)]),
        ("mobile", "号码", VALUES["mobile"]),
        ("mobile2", "紧急联系电话", VALUES["mobile2"]),
        ("mobile2", "备注", VALUES["mobile2"]),
        ("mobile2", "", VALUES["mobile2"]),
        ("sex", "姓名二", ["男", "女"] * 6),
        ("occupation", "身份", ["外卖骑手", "快递小哥"] * 6),
        ("left_on", "减员", VALUES["left_on"]),
    ],
)
def test_values_speak_for_a_column_whatever_it_is_called(
    field: str, word: str, values: list[str], didi: Partner
) -> None:
    found = questions(read(without(field, word, values), didi))
    assert list(found.values()) == [[LABELS[field]]]


STRANGERS: dict[str, Any] = {
    "序号": [str(n) for n in range(1, 13)], "备注": ["无", "新", "", "转自外省"] * 3, "年龄": ["31", "28"] * 6,
    "民族": ["汉"] * 12, "政治面貌": ["群众", "团员"] * 6, "学历": ["高中"] * 12, "银行卡号": ["6222020000000000001"] * 12,
    "微信号": ["wx_a1", "lv2"] * 6, "照片": ["data:image"] * 12, "离职原因": ["个人", ""] * 6,
    "身份证地址": ["山西省长治市"] * 12, "出生地": ["长治"] * 12, "手机品牌": ["某牌"] * 12,
    "健康证到期日期": ["2027-01-01"] * 12, "情况": ["无"] * 12, "其他说明": ["长期"] * 12, "补充": ["在职"] * 12,
    "更新时间": ["2026-10-30"] * 12, "车牌号": ["晋D00000"] * 12, "入职渠道": ["自荐"] * 12,
}  # fmt: skip


@pytest.mark.parametrize("field", [f for f in FIELDS if f not in ("staff_no", "name", "county")])
def test_what_no_roster_asks_for_holds_nobody_up_whichever_optional_column_is_missing(
    field: str, didi: Partner
) -> None:
    for word, values in STRANGERS.items():
        found = read(without(field, word, values), didi)
        assert (questions(found), found.extra) == ({}, (word,)), (field, word)


def test_a_missing_optional_column_alone_is_no_question(didi: Partner) -> None:
    for field in FIELDS:
        if field not in ("staff_no", "name", "county"):
            kept = [to for to in FIELDS if to != field]
            found = read(lines([LABELS[to] for to in kept], PEOPLE, kept), didi)
            assert (found.findings, found.extra) == ((), ())


def test_an_unknown_column_beside_a_whole_template_is_no_question(didi: Partner) -> None:
    table = [
        [*row, extra] for row, extra in zip(lines(HEADER, PEOPLE), ["离职时间", *["2026-01-01"] * 12], strict=True)
    ]
    assert questions(read(table, didi)) == {}


def test_an_empty_column_loses_nothing_so_nobody_is_asked(didi: Partner) -> None:
    assert questions(read(without("left_on", "离职时间", [""] * 12), didi)) == {}


def test_a_name_that_fits_several_missing_columns_asks_about_each(didi: Partner) -> None:
    kept = [to for to in FIELDS if to not in ("hired_on", "left_on")]
    table = lines([*(LABELS[to] for to in kept), "日期"], PEOPLE, [*kept, "hired_on"])
    found = read(table, didi)
    assert [finding.detail for finding in found.findings] == ["日期 → 入职日期？", "日期 → 离职日期？"]
    answered = read(table, didi, {"日期": "hired_on"})
    assert answered.findings == () and "hired_on" in answered.fields


def test_the_column_that_bears_the_name_comes_before_what_was_said_of_another(didi: Partner) -> None:
    table = [[*row, extra] for row, extra in zip(lines(HEADER, GONE), ["离职时间", *["2020-01-01"] * 12], strict=True)]
    found = read(table, didi, {"离职时间": "left_on"})
    assert (found.fields["left_on"], found.extra) == (HEADER.index("离职日期"), ("离职时间",))
    assert found.notes == {"column_answer_unused": 1}


def test_two_columns_that_were_said_to_be_one_field_are_doubled(didi: Partner) -> None:
    table = without("left_on", "离职时间", VALUES["left_on"])
    table = [[*row, extra] for row, extra in zip(table, ["离岗日期", *VALUES["left_on"]], strict=True)]
    with pytest.raises(RejectedError) as caught:
        read(table, didi, {"离职时间": "left_on", "离岗日期": "left_on"})
    assert caught.value.code == "header_doubled" and "离岗日期" in str(caught.value)


def test_a_relatives_number_is_never_read_by_rule(didi: Partner) -> None:
    found = read(lines(renamed(mobile="手机号码（紧急联系人）"), PEOPLE), didi)
    assert "mobile" not in found.fields and len(found.findings) == 1


@pytest.mark.parametrize(
    ("field", "word"), [("staff_no", "员工编号"), ("county", "所属区县"), ("name", "员工姓名"), ("county", "地点")]
)
def test_a_missing_required_column_rejects_and_names_the_likely_one(field: str, word: str, didi: Partner) -> None:
    table = lines(renamed(**{field: word}), PEOPLE)
    with pytest.raises(RejectedError) as caught:
        read(table, didi)
    assert caught.value.code == "header_missing"
    assert f"--column {word}={LABELS[field]}" in str(caught.value)
    assert read(table, didi, {word: field}).fields[field] == FIELDS.index(field)


def test_a_header_in_other_words_throughout_is_unknown_and_says_which_may_be_which(didi: Partner) -> None:
    table = [["员工编号", "员工姓名", "所属区县"], ["Y1", "韩某", "潞州区"]]
    with pytest.raises(RejectedError) as caught:
        read(table, didi)
    assert caught.value.code == "header_unknown" and "员工编号=工号" in str(caught.value)
    found = read(table, didi, {"员工编号": "staff_no", "员工姓名": "name", "所属区县": "county"})
    assert set(found.fields) == {"staff_no", "name", "county"}


def test_a_header_cell_that_may_be_a_value_is_named_by_its_place(didi: Partner) -> None:
    found = read(without("mobile2", "13800138000", VALUES["mobile2"]), didi)
    assert list(questions(found)) == ["第15列"]
    assert "13800138000" not in str(found.findings) + str(found.extra)
    long = read(without("mobile2", "备用" + "很长" * 80, VALUES["mobile2"]), didi)
    assert len(next(iter(questions(long)))) <= 30


def test_a_name_brings_no_markup_along(didi: Partner) -> None:
    (name,) = questions(read(without("mobile2", "备用<img src=x>[a](http://b)", VALUES["mobile2"]), didi))
    assert name.isalnum()
