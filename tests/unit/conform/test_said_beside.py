"""Columns nobody reads that say who left or who took consent back: the delivery waits; others hold nobody up."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from rosters import TODAY, Office, person
from talentpool.conform.files.said_beside import left_beside, withdrawn_beside
from talentpool.conform.values.consent import says_withdrawn
from talentpool.declare import TEMPLATE_V1
from talentpool.expect import count_flags
from talentpool.flow import Outcome, ingest

PEOPLE = [person(n) for n in range(1, 31)]


def with_column(office: Office, title: str, cells: list[str], *, instead_of: str = "", **changes: str) -> Outcome:
    """A roster with one column more, in place of one of the template's if so said; the changes are the first row's."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    fields = {header: field for header, field in TEMPLATE_V1.items() if header != instead_of}
    writer.writerow([*fields, title])
    for n, row in enumerate(PEOPLE):
        said = row | (changes if n == 0 else {})
        writer.writerow([*(said.get(field, "") for field in fields.values()), cells[n] if n < len(cells) else ""])
    path = office.folder / "roster_didi_20261031.csv"
    path.write_bytes(text.getvalue().encode("utf-8-sig"))
    given = (office, office.partner())
    return ingest(*given, file=path, as_of=date(2026, 10, 31), kind="full", count=count_flags)


@pytest.mark.parametrize(
    ("title", "cell", "code"),
    [("状态", "离职", "left_beside"), ("实际离职日期", "2026-10-02", "left_beside"), ("备注", "已离岗", "left_beside"),
     ("授权状态", "已撤回", "withdrawn_beside"), ("撤回日期", "2026-10-02", "withdrawn_beside"),
     ("备注", "本人已撤回授权", "withdrawn_beside"), ("授权状态", "不同意", "withdrawn_beside"),
     ("是否同意", "否", "withdrawn_beside"), ("备注", "10月2日离职", "left_beside")],
)  # fmt: skip
def test_a_column_nobody_reads_that_says_more_than_the_row_holds_the_delivery(
    office: Office, title: str, cell: str, code: str
) -> None:
    found = with_column(office, title, [cell])
    assert (found.status, found.reasons) == ("held", {code: 1})
    assert f"“{title}”列 1 行" in (found.message or "")


@pytest.mark.parametrize("title", ["解除合作时间", "终止合作日", "注销时间"])
def test_a_date_of_leaving_under_another_name_is_asked_about_however_few_left(office: Office, title: str) -> None:
    found = with_column(office, title, ["2026-10-02"], instead_of="离职日期")
    assert (found.status, found.reasons) == ("held", {"column_unclear": 1})
    assert f"{title} → 离职日期？" in (found.message or "")


@pytest.mark.parametrize("title", ["SFZH", "ID", "号码"])
@pytest.mark.parametrize("cell", ["1401**********0079", "1.40199E+17"])
def test_hidden_document_numbers_under_another_name_are_asked_about(office: Office, title: str, cell: str) -> None:
    found = with_column(office, title, [cell] * 30, instead_of="证件号码")
    assert "column_unclear" in found.reasons and f"{title.lower()} → 证件号码？" in (found.message or "")


@pytest.mark.parametrize(
    ("title", "cells", "changes"),
    [("状态", ["离职", "在职"], {"left_on": "2026-10-02"}), ("状态", ["在职"] * 30, {}), ("备注", ["左转第二家", "夜班"], {}),
     ("离职原因", ["个人原因"], {}), ("授权状态", ["已授权"] * 30, {}),
     ("是否撤回", ["否"] * 30, {}), ("撤回日期", ["", "/"], {}),
     ("离职日期(上一家)", ["2023-01-31"] * 30, {}), ("团员身份", ["退出"], {}), ("撤回渠道", ["拨打12355"] * 30, {}),
     ("合同终止日期", ["2027-12-31"] * 30, {}), ("授权状态", ["已撤回"], {"notice_version": "撤回"})],
)  # fmt: skip
def test_other_columns_hold_nobody_up(office: Office, title: str, cells: list[str], changes: dict[str, str]) -> None:
    assert with_column(office, title, cells, **changes).status == "published"


@pytest.mark.parametrize(
    ("title", "cells"),
    [
        ("离职类型", ["主动离职", "被动离职", "自愿离职"]),
        ("离职状态", ["被动离职", "已离职", "是"]),
        ("是否离职", ["是", "Y", "1", "已离职"]),
        ("是否在职", ["否", "不在职", "N", "0"]),
        ("账号状态", ["已停用", "停用", "注销"]),
        ("美团账号状态", ["停用"]),
        ("合作状态", ["解约", "退出"]),
        (
            "备注",
            [
                "离职",
                "10月2日离职",
                "2026.10.2离职",
                "2026年10月2日已离职，待结算",
                "已离职，手续未办",
                "注销",
                "已于10月2日离职",
                "10月离职",
                "2026年10月份离职",
                "已办理离职",
                "10.2离职。",
            ],
        ),
        ("实际离职日期", ["2026-10-02", "2026-12-31"]),
    ],
)
def test_a_cell_that_says_that_somebody_left(title: str, cells: list[str]) -> None:
    assert [cell for cell in cells if not left_beside(title, cell, TODAY)] == []


@pytest.mark.parametrize(
    ("title", "cells"),
    [
        ("是否离职", ["否", "未离职", "0"]),
        ("是否在职", ["是", "在职", "1"]),
        ("在职状态", ["在职", "0", "1"]),
        ("账号状态", ["正常", "启用", "已实名"]),
        (
            "备注",
            [
                "10月2日离职后返岗",
                "已离职，11月又入职",
                "2027.10.2离职",
                "3月2日离职交接培训讲师",
                "负责离职手续",
                "2027年1月离职",
                "离职手续办理中",
                "待离职",
                "拟离职",
                "想离职",
                "原单位已离职，手续齐全",
            ],
        ),
        ("上次离职日期", ["2024-10-02"]),
        ("前单位离职时间", ["2024-10-02"]),
        ("离职日期上一家", ["2024-10-02"]),
        ("预计离职日期", ["2026-12-02"]),
        ("实际离职日期", ["2027-01-01", "9999-12-31", "在职"]),
        ("离职证明", ["是", "已交"]),
        ("团员身份", ["退出"]),
        ("党团关系", ["退出"]),
        ("团员状态", ["退出"]),
        ("微信群", ["退出"]),
        ("商业保险", ["注销"]),
        ("健康证状态", ["注销"]),
    ],
)
def test_a_cell_that_says_nothing_of_leaving(title: str, cells: list[str]) -> None:
    assert [cell for cell in cells if left_beside(title, cell, TODAY)] == []


def test_a_day_without_a_year_is_the_last_one() -> None:
    assert left_beside("备注", "12月20日离职", date(2027, 1, 5)) and not left_beside(
        "备注", "3月1日离职", date(2027, 1, 5)
    )


@pytest.mark.parametrize(
    ("title", "cells"),
    [
        ("授权状态", ["不同意", "未授权", "已撤回", "拒绝"]),
        ("是否同意", ["否", "不同意", "N", "0"]),
        ("个人信息授权", ["否"]),
        ("是否同意使用个人信息", ["否"]),
        ("授权备注", ["不同意", "已撤回授权（可随时恢复）", "原告知可随时撤回，现已撤回"]),
        ("撤回授权日期", ["2026-10-02", "10月"]),
        ("撤回情况", ["已撤回", "是", "电话撤回", "不再同意"]),
        ("是否撤回授权", ["是"]),
    ],
)
def test_a_cell_that_says_no_to_the_use_of_the_data(title: str, cells: list[str]) -> None:
    assert [cell for cell in cells if not withdrawn_beside(title, cell)] == []


@pytest.mark.parametrize(
    ("title", "cells"),
    [
        ("授权状态", ["已授权", "同意", "有效"]),
        ("是否同意", ["是", "同意"]),
        ("是否同意夜班", ["否"]),
        ("是否同意调剂", ["否", "不同意"]),
        ("是否告知", ["否"]),
        ("授权门店", ["否", "无"]),
        ("授权备注", ["已同意，可随时撤回", "如需撤回请拨打12355", "撤回渠道：12355"]),
        ("告知版本", ["v1（可随时撤回）"]),
        ("撤回日期", ["9999-12-31", "0000-00-00", "无", "/"]),
        ("撤回情况", ["未撤回", "没有撤回", "尚未申请", "不适用", "正常"]),
        ("是否撤回授权", ["未撤回", "否"]),
        ("撤回渠道", ["拨打12355"]),
    ],
)
def test_a_cell_that_takes_nothing_back(title: str, cells: list[str]) -> None:
    assert [cell for cell in cells if withdrawn_beside(title, cell)] == []


def test_a_version_that_names_the_right_to_withdraw_is_no_withdrawal() -> None:
    assert not any(map(says_withdrawn, ("v1（可随时撤回）", "v1，本人有权撤回", "v1 撤回请致电12355")))
    assert all(
        map(
            says_withdrawn,
            (
                "撤回",
                "许可撤回",
                "本人要求撤回",
                "撤回，不再使用",
                "已撤回请勿使用",
                "已撤回的",
                "可随时撤回，现已撤回",
            ),
        )
    )


def test_words_of_leaving_and_of_withdrawal() -> None:
    assert all(left_beside("状态", cell) for cell in ("离职", "已离职", "离 职", "Resigned", "已注销", "解约"))
    assert not any(left_beside("状态", cell) for cell in ("在职", "未离职", "离职率", "左权", "", "停薪"))
    assert withdrawn_beside("consent", "withdrawn") and not withdrawn_beside("订单状态", "取消")
