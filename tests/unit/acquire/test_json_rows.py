"""Rows of JSON as a CSV: nothing is rounded, guessed, lost or quoted; what cannot be kept exactly is refused."""

from __future__ import annotations

import csv
import io
import json
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpool.acquire import json_rows
from talentpool.acquire.json_rows import Spool, cell, parse_json
from talentpool.errors import RejectedError


def written(*pages: str) -> bytes:
    spool = Spool("roster.csv")
    for page in pages:
        spool.add(parse_json(page))
    return b"".join(spool.csv())


def test_numbers_stay_the_text_they_were_written_in() -> None:
    page = '[{"a": 140199199003070012, "b": 1.40199E+17, "c": 13812345601.0, "d": -0, "e": 007e1}]'
    with pytest.raises(ValueError, match="not JSON"):
        parse_json(page)
    assert written(page.replace("007e1", "7e1")) == (
        b"a,b,c,d,e\r\n140199199003070012,1.40199E+17,13812345601.0,-0,7e1\r\n"
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("null", ""),
        ('""', ""),
        ("true", "true"),
        ("false", "false"),
        ('{"a": [1.50, null, "王"], "b": {}}', '{"a":[1.50,null,"王"],"b":{}}'),
        ("[]", "[]"),
        ('"\\u97e9\\ud842\\udfb7"', "韩𠮷"),
    ],
)
def test_each_kind_of_value_has_one_text(text: str, found: str) -> None:
    assert cell(parse_json(text)) == found


def test_the_header_holds_every_key_in_the_order_of_first_appearance() -> None:
    assert written('[{"b": "1", "a": "2"}, {"a": "3"}]', '[{"c": "4", "b": null}]') == (
        b"b,a,c\r\n1,2,\r\n,3,\r\n,,4\r\n"
    )


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.text(st.characters(codec="utf-8")), min_size=1), min_size=1))
def test_what_is_written_reads_back_as_it_was(rows: list[dict[str, str]]) -> None:
    read = csv.DictReader(io.StringIO(written(json.dumps(rows)).decode(), newline=""))
    assert [{k: v for k, v in row.items() if v} for row in read] == [
        {k: v for k, v in row.items() if v} for row in rows
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "geheim"',
        '{"a": geheim}',
        '{"geheim": 1, "geheim": 2}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        "",
        "[" * 99999,
    ],
)
def test_what_is_no_json_is_refused_without_a_word_of_it(text: str) -> None:
    with pytest.raises(ValueError, match="not JSON") as caught:
        parse_json(text)
    assert "geheim" not in "".join(traceback.format_exception(caught.value))


def test_half_a_character_names_its_row_and_is_not_quoted() -> None:
    with pytest.raises(RejectedError, match=r"roster\.csv：第 2 行有残缺的字符") as caught:
        written('[{"a": "1"}]', f'[{{"a": "{"".join(("ge", "heim"))}\\ud842"}}]')
    assert caught.value.code == "encoding_unknown"
    assert "geheim" not in "".join(traceback.format_exception(caught.value))


def test_rows_with_endless_keys_are_refused() -> None:
    with pytest.raises(RejectedError, match="超过 200 个"):
        written(json.dumps([{f"k{n}": "1"} for n in range(201)]))


def test_what_would_not_fit_into_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "MAX_SPOOL", 1000)
    with pytest.raises(RejectedError) as caught:
        written(*[json.dumps([{"a": f"{n}{n * 7919}{n * 104729}"} for n in range(200)])] * 3)
    assert caught.value.code == "file_too_large"
