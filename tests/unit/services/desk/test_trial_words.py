"""What an officer reads of a trial: the title, the colour and the counts say the same, and the date that is used is named."""

from __future__ import annotations

import os
from datetime import date

import pytest

from rosters import Office, person
from talentpool.services.desk.upload import Tried
from talentpool_airflow.console.trial_words import dated_words, words_of
from uploads import CITY, HERE, OURS, OWN, THERE, handed, take, tried

pytestmark = pytest.mark.usefixtures("trials_here")

BAD = {"consented_on": "", "notice_version": ""}


def said(found: Tried) -> tuple[str, str]:
    words = words_of(found, "襄垣县")
    return words.colour, words.title + "｜" + words.sentence


def test_only_a_file_of_which_everybody_is_taken_is_green(office: Office) -> None:
    good = [person(n, county=HERE) for n in range(1, 11)]
    colour, text = said(tried(office, good))
    assert colour == "good" and "全部入库" in text and "共 10 行，可入库 10 行" in text
    colour, text = said(tried(office, [*good[1:], person(50, county=HERE) | BAD]))
    assert colour == "warn" and "有 1 行不会入库" in text and "可入库 9 行，不入库 1 行（隔离 0，拒收 1）" in text
    colour, text = said(tried(office, [person(n, county=HERE) | BAD for n in range(1, 6)]))
    assert colour == "bad" and "不能提交" in text and "入库 5 行" not in text


def test_a_value_that_is_left_out_of_a_row_that_is_taken_is_said(office: Office) -> None:
    colour, text = said(tried(office, [person(1, county=HERE), person(2, county=HERE, document_no="1.4E+17")]))
    assert colour == "warn" and "人员全部入库，但有 1 处内容不用" in text


def test_one_row_of_eleven_is_not_praised(office: Office) -> None:
    found = tried(office, [person(1, county=HERE), *(person(n, county=HERE) | BAD for n in range(2, 12))])
    colour, text = said(found)
    assert found.upload_id and found.checked.outcome.accepted == 1
    assert colour == "warn" and "有 10 行不会入库" in text


def test_a_file_that_would_wait_for_a_person_says_so(office: Office) -> None:
    office.deliver("2026-10-01", [person(n) for n in range(1, 61)])
    found = tried(office, [person(n) | {"name": "王建国"} for n in range(1, 61)], CITY)
    assert found.checked.outcome.status == "held"
    colour, text = said(found)
    assert colour == "warn" and "不会直接入库" in text and "市级决定" in text


def test_rows_of_another_county_close_the_door(office: Office) -> None:
    colour, text = said(tried(office, [person(1, county=HERE), person(2, county=THERE)]))
    assert colour == "bad" and "1 行不属于襄垣县" in text


def test_the_same_file_again_says_that_nothing_would_change(office: Office) -> None:
    name = handed(office, tried(office, OURS).upload_id)
    os.utime(office.folder / "inbox" / name, ns=(1, 1))  # long enough there to have settled
    assert take(office).status == "published"
    colour, text = said(tried(office, OURS))
    assert colour == "bad" and "与已交付的文件相同" in text


def test_a_countys_file_says_under_which_date_it_is_taken(office: Office) -> None:
    """A consent given since the partner's newest roster counts: it is held against the day on which the file came."""
    office.deliver("2026-10-01", [person(n, county=HERE) for n in range(1, 5)])
    asked = date(2026, 11, 20)
    found = tried(office, [person(9, county=HERE, consented_on="2026-11-10")], OWN, asked)
    assert found.as_of == date(2026, 10, 1) and said(found)[0] == "good"
    words = dated_words(found, asked, "滴滴")
    assert "2026-11-20" in words and "按 2026-10-01 处理" in words and "滴滴" in words
    assert dated_words(found, found.as_of, "滴滴") == ""
