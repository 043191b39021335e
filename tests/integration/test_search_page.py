"""查人 and the pages it leads to, inside the real Airflow API server: nobody's number can be tried out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console_office import HERE, THERE, Console, console
from guessing import FEW, least_left
from rosters import person


@pytest.fixture(scope="module")
def place(server_url: str) -> Iterator[Console]:
    with console(server_url) as found:
        yield found


def test_no_page_shows_digits_that_leave_few_numbers_to_try(place: Console) -> None:
    somebody, whole = place.person_of(HERE), person(1)["document_no"]
    pages = [
        place.visit(path, "county").text for path in (f"/console/people/{somebody}", f"/console/review/{place.pair()}")
    ]
    searches = ({"by": "document", "value": whole}, {"by": "name", "value": person(1)["name"], "county": HERE})
    pages += [place.post("/console/people", "county", fields).text for fields in searches]
    for page in pages:
        assert least_left(page, whole) >= FEW


def test_who_tries_numbers_is_told_when_the_search_is_open_again_and_shown_to_the_auditor(place: Console) -> None:
    def tried(number: int) -> tuple[int, str]:
        answer = place.post("/console/people", "other_county", {"by": "mobile", "value": f"1398765{number:04d}"})
        return answer.status_code, answer.text

    assert "今日还剩" in tried(0)[1]
    answers = [tried(number) for number in range(1, 12)]
    assert answers[-1][0] == 429 and "00:00 起可以再按号码查找" in answers[-1][1]
    named = place.post("/console/people", "other_county", {"by": "name", "value": "查无此", "county": THERE})
    assert named.status_code == 200
    assert "可能在试号码" in place.visit("/console/audit", "auditor").text
