"""Which cells are damaged, which say that there is nothing, and which are values whatever they look like."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from talentpool.conform.values.damage import empty_unread, is_error, is_partly_lost, says_nothing
from talentpool.declare import FIELDS


@pytest.mark.parametrize(
    "cell",
    ["#N/A", "#n/a", "＃Ｎ／Ａ", " # N/A ", "#VALUE!", "#REF!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!",
     "#FORMULA!", "#ERROR!", "#GETTING_DATA", "##", "##########", "Err:508", "err:502", "错误:508", "错误：502", "???", "？？",
     "\ufffd\ufffd", "太\ufffd站"],
)  # fmt: skip
def test_an_error_text_is_damage(cell: str) -> None:
    assert is_error(cell)


@pytest.mark.parametrize(
    "cell", ["3#站", "#3站", "1#楼2#", "太行站", "", "#", "A#001", "Errol", "太行站?", "无", "N/A", "站点:东"]
)
def test_a_sign_inside_a_value_is_no_damage(cell: str) -> None:
    assert not is_error(cell)


@pytest.mark.parametrize(
    "cell", ["无", "NULL", "null", "None", "NaN", "N/A", "-", "--", "——", "／", "\\N", "(null)", "未知"]
)
def test_a_word_for_nothing_says_nothing(cell: str) -> None:
    assert says_nothing(cell)
    assert not is_error(cell)


@pytest.mark.parametrize("cell", ["", "0", "无锡站", "男", "北站", "T-1", "2024-03-01"])
def test_a_value_is_no_word_for_nothing(cell: str) -> None:
    assert not says_nothing(cell)


MEANT = "北关站"


@pytest.mark.parametrize(
    "cell",
    ["北关?站", "锟斤拷站", "□□站", "北关■站", "北关〓站", "北??", "[object Object]", "=A1",
     "1.4E+17", "北关*站", "北**站", MEANT.encode().decode("latin-1"),
     MEANT.encode().decode("cp1252", "replace"),
     MEANT.encode().decode("gb18030", "replace"), "骑手".encode().decode("gb18030")],
)  # fmt: skip
def test_a_word_with_lost_characters_is_damage_in_a_column_of_words(cell: str) -> None:
    assert is_partly_lost(cell)


@pytest.mark.parametrize(
    "cell",
    ["北关站", "北关站?", "A站", "3E站", "12E3", "北关3*4路口", "太行站/北", "北关站（夜班）", "Café站", "口子上站", "联通站",
     "移动", "𠮷祥站", "郊区·北", "外卖骑手", "身份证", "男", "", "=cmd|' /C calc'!A0",
     "=HYPERLINK(\"x\")", "{{ 7*7 }}"],
)  # fmt: skip
def test_a_whole_word_is_none(cell: str) -> None:
    assert not is_partly_lost(cell)


def test_only_the_cells_concerned_are_emptied_also_in_a_slice() -> None:
    stations = ["1#站", "#N/A", "无", "太行站", "", "########"]
    whole = {field: pa.array([""] * 6, pa.string()) for field in FIELDS} | {"station": pa.array(stations)}
    for start in range(6):
        part = {field: column.slice(start) for field, column in whole.items()}
        read, unread = empty_unread(part)
        emptied = [cell if cell in ("1#站", "太行站") else "" for cell in stations]
        assert read["station"].to_pylist() == emptied[start:]
        assert unread.damaged["station"].tolist() == [c in ("#N/A", "########") for c in stations][start:]
        assert read["name"] is part["name"]


def test_a_word_in_a_column_of_words_keeps_what_is_known() -> None:
    columns = {field: pa.array([""], pa.string()) for field in FIELDS} | {"sex": pa.array(["未知"])}
    _, unread = empty_unread(columns)
    never = np.array([True])
    assert set(unread.worded) == {"sex"}
    assert set(unread.keep(hired_on=never, birth_date=~never)) == {"sex", "hired_on"}
