"""What spreadsheet programs do to a roster beyond its cells' text."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from mutations.harmless import Mutation, _some
from mutations.sheet import Sheet

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100189dd28d"
    "0000000049454e44ae426082"
)


def _book(sheet: Sheet, name: str, change: Any) -> Sheet:
    return sheet.after(name, form="xlsx", book=(*sheet.book, change))


def dates_as_dates(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    name = draw(st.sampled_from(["出生日期", "入职日期", "授权日期"]))
    typed = {
        (row, name): (datetime.fromisoformat(text), {"num_format": "yyyy/m/d"})
        for row, text in enumerate(sheet.column(name))
        if text
    }
    return sheet.after(f"dates_as_dates_{name}", form="xlsx", typed=sheet.typed | typed)


def numbers_as_numbers(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    name = draw(st.sampled_from(["手机号码", "工号", "工作区县"]))
    typed = {(row, name): (float(text), {}) for row, text in enumerate(sheet.column(name)) if text.isdigit()}
    return sheet.after(f"numbers_as_numbers_{name}", form="xlsx", typed=sheet.typed | typed)


def empty_formatted_rows(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    many = draw(st.sampled_from([50, 5_000]))

    def change(book: Any, page: Any, last: int, _: Sheet) -> None:
        shown = book.add_format({"num_format": "@"})
        for row in range(last + 1, last + 1 + many):
            page.write_blank(row, 0, None, shown)

    return _book(sheet, "empty_formatted_rows", change)


def explanation_sheet(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    del draw

    def change(book: Any, page: Any, last: int, _: Sheet) -> None:
        more = book.add_worksheet("填表说明")
        more.write_column(0, 0, ["请按模板填写", "日期写作 2026-10-31", "如有疑问请联系平台"])

    return _book(sheet, "explanation_sheet", change)


def pictures(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    del draw

    def change(book: Any, page: Any, last: int, _: Sheet) -> None:
        import io

        page.insert_image(last + 2, 1, "logo.png", {"image_data": io.BytesIO(PIXEL)})

    return _book(sheet, "pictures", change)


def second_roster(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    """Half of the people on a second sheet."""
    half = draw(st.integers(4, len(sheet.rows) - 4))

    def change(book: Any, page: Any, last: int, whole: Sheet) -> None:
        more = book.add_worksheet("续表")
        for row, cells in enumerate([whole.header, *sheet.rows[half:]]):
            more.write_row(row, 0, cells)

    return replace(_book(sheet, "second_roster", change), rows=sheet.rows[:half])


def hidden_rows(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    rows = _some(draw, sheet)

    def change(book: Any, page: Any, last: int, whole: Sheet) -> None:
        for row in rows:
            page.set_row(1 + len(whole.titles) + row, None, None, {"hidden": True})

    return _book(sheet, "hidden_rows", change)


def struck_through(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    rows = _some(draw, sheet)
    typed = {
        (row, name): (cell, {"font_strikeout": True})
        for row in rows
        for name, cell in zip(sheet.header, sheet.rows[row], strict=True)
        if cell
    }
    return sheet.after("struck_through", form="xlsx", typed=sheet.typed | typed)


def merged_stations(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    """The station stands once for a group of rows, in a merged cell."""
    first = draw(st.integers(0, len(sheet.rows) - 4))
    station = sheet.column("站点")[first]
    rows = range(first, first + 3)
    group = sheet.with_cells("站点", {row: station if row == first else "" for row in rows})
    at = sheet.at("站点")

    def change(book: Any, page: Any, last: int, whole: Sheet) -> None:
        top = 1 + len(whole.titles)
        page.merge_range(top + first, at, top + rows[-1], at, station)

    return replace(_book(group, "merged_stations", change))


HARMLESS: tuple[Mutation, ...] = (dates_as_dates, numbers_as_numbers, empty_formatted_rows, explanation_sheet, pictures)
DAMAGE: tuple[Mutation, ...] = (second_roster, hidden_rows, struck_through, merged_stations)
