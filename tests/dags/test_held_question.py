"""The question about a held roster in 待响应: each finding with its history, and whom each answer moves. No person."""

from __future__ import annotations

import re

from histories import DAYS, live_through
from rosters import Office
from talentpool_airflow.decisions import question


def test_a_question_shows_history_and_people_of_each_answer(office: Office) -> None:
    month = live_through(office, 2)
    number = office.deliver(DAYS[2], month[40:]).delivery_id
    said = question(office, "didi", number or 0)
    charts = re.findall(r"!\[(.+)\]\((.+)\)", said)
    assert charts and all(path.startswith(f"/console/held/{number}/chart/") for _, path in charts)
    assert "前 1 次依次为 1.3%；本次 28%，上限 15%" in charts[0][0]
    rows = re.findall(r"^\| (\S+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", said, re.M)
    assert rows == [
        ("全部入库", "2", "44", "0", "108"), ("只入新增与变更", "2", "0", "0", "152"), ("整份拒收", "0", "0", "0", "152")
    ]  # fmt: skip
    assert not re.search(r"T0\d{4}|1\d{10}|韩", said)
