"""Write the 标准名册模板: a workbook that is filled, handed over and ingested as it is."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from talentpool.declare import TEMPLATE_V1
from talentpool.settings import Settings
from talentpool.texts.fields import field_words

ROWS = 5_000
"""Rows that are prepared with formats and drop-downs; more may be filled."""
TEXTS = ("staff_no", "document_no", "mobile", "mobile2", "notice_version")
DATES = ("birth_date", "hired_on", "left_on", "consented_on")
EARLIEST = date(1920, 1, 1)
DOCUMENTS = ("居民身份证", "护照", "港澳台居民居住证", "外国人永久居留身份证")
WIDTHS = {"name": 14, "document_no": 22, "document_type": 16, "station": 18, "mobile": 14, "mobile2": 14}


def write_template(path: Path, settings: Settings) -> dict[str, int]:
    """Write the template; returns how many columns, counties and occupations it offers."""
    counties, occupations = _counties(settings), _occupations(settings)
    choices = {"sex": ("男", "女"), "document_type": DOCUMENTS, "county": counties, "occupation": occupations}
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"title": "青年人才库标准名册模板 v1"})
        looks = _looks(book)
        sheet = book.add_worksheet("名册")
        _explain(book.add_worksheet("填写说明"), looks)
        places = _offer(book, choices)
        _roster(sheet, looks, places)
        sheet.activate()
    return {"columns": len(TEMPLATE_V1), "counties": len(counties), "occupations": len(occupations)}


def _looks(book: xlsxwriter.Workbook) -> dict[str, Any]:
    base = {"font_name": "微软雅黑", "font_size": 11}
    head = {**base, "bold": True, "valign": "vcenter", "align": "center", "border": 1, "border_color": "#B7C4D1"}
    return {
        "must": book.add_format({**head, "bg_color": "#1F5FA8", "font_color": "white"}),
        "may": book.add_format({**head, "bg_color": "#E8EEF5"}),
        "text": book.add_format({**base, "num_format": "@"}),
        "date": book.add_format({**base, "num_format": "yyyy-mm-dd"}),
        "plain": book.add_format(base),
        "wrapped": book.add_format(
            {**base, "text_wrap": True, "valign": "top", "border": 1, "border_color": "#D9E0E7"}
        ),
        "title": book.add_format({**base, "bold": True, "font_size": 14}),
    }


def _roster(sheet: Any, looks: dict[str, Any], places: dict[str, str]) -> None:
    words = field_words()
    sheet.freeze_panes(1, 2)
    sheet.set_row(0, 24)
    for column, (header, field) in enumerate(TEMPLATE_V1.items()):
        look = "date" if field in DATES else "text" if field in TEXTS else "plain"
        sheet.set_column(column, column, WIDTHS.get(field, 12), looks[look])
        must = words[field].required
        sheet.write_string(0, column, f"{header}*" if must else header, looks["must" if must else "may"])
        sheet.write_comment(0, column, f"{words[field].meaning}\n格式：{words[field].form}", {"x_scale": 1.6})
        if field in places:
            sheet.data_validation(1, column, ROWS, column, {
                "validate": "list", "source": places[field], "error_title": header,
                "error_message": "请从下拉列表中选择", "error_type": "warning",
            })  # fmt: skip
        elif field in DATES:
            sheet.data_validation(1, column, ROWS, column, {
                "validate": "date", "criteria": ">", "value": EARLIEST, "error_title": header,
                "error_message": "请填写日期，例如 2026-10-31", "error_type": "warning",
            })  # fmt: skip


def _explain(sheet: Any, looks: dict[str, Any]) -> None:
    """Every column in words; a sheet without a roster's header, so that it is never read as one."""
    words = field_words()
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, "青年人才库标准名册模板 v1 填写说明", looks["title"])
    notes = (
        "一行一人；带 * 的列必须填写。不要改动第一行的列名，不要合并单元格。",
        "请勿报送本表以外的信息（银行卡、定位、照片等），多报的列在入库前即丢弃。",
        "证件号码、手机号码和工号已设为文本格式，请直接录入或“选择性粘贴为数值”。",
    )
    for at, note in enumerate(notes, start=1):
        sheet.write_string(at, 0, f"{at}. {note}", looks["plain"])
    top = len(notes) + 2
    for column, (title, width) in enumerate(
        (("列名", 12), ("必填", 6), ("含义", 34), ("格式", 30), ("示例（虚构）", 24), ("常见错误", 46))
    ):
        sheet.set_column(column, column, width)
        sheet.write_string(top, column, title, looks["may"])
    for at, (header, field) in enumerate(TEMPLATE_V1.items(), start=top + 1):
        word = words[field]
        cells = (f"【{header}】", "是" if word.required else "", word.meaning, word.form, word.example, word.mistakes)
        for column, cell in enumerate(cells):
            sheet.write_string(at, column, cell, looks["wrapped"])
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _offer(book: xlsxwriter.Workbook, choices: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """A hidden sheet of choices; returns where those of each field stand."""
    sheet = book.add_worksheet("选项")
    places = {}
    for column, (field, values) in enumerate(choices.items()):
        sheet.write_column(0, column, values)
        letter = chr(ord("A") + column)
        places[field] = f"=选项!${letter}$1:${letter}${len(values)}"
    sheet.hide()
    return places


def _counties(settings: Settings) -> tuple[str, ...]:
    area = settings.area
    prefix = area[:2] if area.endswith("0000") else area[:4] if area.endswith("00") else area
    with (settings.reference / "shanxi_divisions.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            row["name"]
            for row in csv.DictReader(lines)
            if row["level"] == "county" and row["status"] == "current" and row["code"].startswith(prefix)
        )


def _occupations(settings: Settings) -> tuple[str, ...]:
    with (settings.reference / "occupations.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(row["name"] for row in csv.DictReader(lines))
