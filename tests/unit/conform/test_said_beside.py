"""Columns nobody reads that say who left or who took consent back: the delivery waits; others hold nobody up."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from rosters import Office, person
from talentpool.conform.said_beside import left_beside, withdrawn_beside
from talentpool.declare import TEMPLATE_V1
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
    given = (office.engine, office.keys, office.settings, office.partner())
    return ingest(*given, file=path, as_of=date(2026, 10, 31), kind="full")


@pytest.mark.parametrize(
    ("title", "cell", "code"),
    [("状态", "离职", "left_beside"), ("实际离职日期", "2026-10-02", "left_beside"), ("备注", "已离岗", "left_beside"),
     ("授权状态", "已撤回", "withdrawn_beside"), ("撤回日期", "2026-10-02", "withdrawn_beside"),
     ("备注", "本人已撤回授权", "withdrawn_beside")],
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
     ("合同终止日期", ["2027-12-31"] * 30, {}), ("授权状态", ["已撤回"], {"notice_version": "撤回"})],
)  # fmt: skip
def test_other_columns_hold_nobody_up(office: Office, title: str, cells: list[str], changes: dict[str, str]) -> None:
    assert with_column(office, title, cells, **changes).status == "published"


def test_words_of_leaving_and_of_withdrawal() -> None:
    assert all(left_beside("状态", cell) for cell in ("离职", "已离职", "离 职", "Resigned", "已注销", "解约"))
    assert not any(left_beside("状态", cell) for cell in ("在职", "未离职", "离职率", "左权", "", "停薪"))
    assert withdrawn_beside("consent", "withdrawn") and not withdrawn_beside("订单状态", "取消")
