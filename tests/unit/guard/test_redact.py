"""Redaction of structured events, and of names behind a field's name."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from talentpool.texts.redact import redact, redact_event
from talentpool_airflow.redaction import in_words

NUMBER, MOBILE, NAME = "140199199003070012", "13812345670", "王小明"


@pytest.mark.parametrize(
    "text",
    [f"姓名={NAME}", f"姓名：{NAME}，", f'{{"name": "{NAME}"}}', f"name='{NAME}'", f"empName: {NAME}", "员工姓名=阿迪力·买买提",
     "姓名: 𠮷野家"],
)  # fmt: skip
def test_a_name_behind_its_field_is_redacted(text: str) -> None:
    assert not any(part in redact(text) for part in (NAME, "阿迪力", "买买提", "𠮷"))
    assert "[redacted]" in redact(text)


@pytest.mark.parametrize(
    "text", ["name=roster__sf", "filename: 名册.csv", "dag_display_name=顺丰名册", "key name: landing", "姓名 is missing"]
)  # fmt: skip
def test_a_name_of_something_else_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "text", [f"{NUMBER[:-1]}X{MOBILE}", f"姓名：姓名：{NAME}", f"{MOBILE}{NUMBER}", f"name={NAME} {NUMBER}"]
)
def test_what_is_redacted_stays_as_it_is(text: str) -> None:
    clean = redact(text)
    assert redact(clean) == clean


@pytest.mark.parametrize(
    "text",
    ["139 0000 0007", "139-0000-0007", "139_0000_0007", "139.0000.0007", "139·0000·0007", "139 - 0000 - 0007", "139_00000007",
     "１３９０００００００７", "139\u20130000\u20130007", "张三_139_0000_0007.xlsx",
     "140199_19950505_0011", "140199.1995.05.05.0011"],
)  # fmt: skip
def test_a_number_in_groups_is_redacted(text: str) -> None:
    clean = redact(text)
    assert "[redacted]" in clean and "0007" not in clean and "0011" not in clean


@pytest.mark.parametrize(
    "text",
    ["roster_didi_20261031_01.csv", "名册138_20261031.csv", "roster_140403_20261031_0001.csv", "139.12345678", "150_2026-10-31",
     "2026.10.31", "太行站14040300001", "14110200001"],
)  # fmt: skip
def test_counts_and_dates_in_names_of_files_stay(text: str) -> None:
    assert redact(text) == text


def test_an_event_is_redacted_at_every_depth_and_stays_json() -> None:
    event = {
        "event": f"row of {NUMBER}",
        "name": NAME,
        "姓名": "Wang",
        "mobile": 13812345670,
        "手机号": "123",
        "number": int(NUMBER),
        "half": 13812345670.5,
        "rows": [{"deep": {"deeper": [[f"+86 {MOBILE}"]]}}, (NUMBER, 1)],
        MOBILE: 1,
        "raw": MOBILE.encode(),
        "error": ValueError(NUMBER),
    }
    said = json.dumps(redact_event(event), ensure_ascii=False)
    assert not any(word in said for word in (NUMBER, MOBILE, NAME, "Wang", "123"))
    assert set(json.loads(said)) >= {"event", "name", "姓名", "mobile", "rows", "error"}


def test_what_is_nobodys_stays_as_it_is() -> None:
    now = datetime(2026, 10, 31, tzinfo=UTC)
    event = {"event": "done", "rows": 3240, "ok": True, "none": None, "at": now, "name": "roster__sf", "seconds": 13.8}
    assert redact_event(event) == event


def test_an_event_that_holds_itself_ends() -> None:
    event: dict = {"event": MOBILE}
    event["again"] = event
    assert MOBILE not in str(redact_event(event))


def traced(kind: str, said: str, filename: str) -> dict:
    frames = [{"filename": "/airflow/task_runner.py", "lineno": 1}, {"filename": filename, "lineno": 2}]
    exception = [{"exc_type": kind, "exc_value": said, "frames": frames}]
    return {"event": "Task failed with exception", "level": "error", "exception": exception}


OURS = "/opt/talentpool/include/talentpool_airflow/rosters.py"


def test_a_hold_is_a_sentence_in_the_log_and_no_stack_trace() -> None:
    assert in_words(traced("AirflowFailException", "交付 12 已搁置", OURS)) == {
        "event": "交付 12 已搁置",
        "level": "error",
    }
    skipped = {"event": "Skipping task.", "level": "info", "reason": "没有新名册"}
    assert in_words(skipped)["event"] == "没有新名册"


@pytest.mark.parametrize(
    ("kind", "filename"), [("KeyError", OURS), ("AirflowException", "/airflow/providers/fab/views.py")]
)
def test_what_nobody_foresaw_keeps_its_trace(kind: str, filename: str) -> None:
    event = traced(kind, "x", filename)
    assert in_words(event) == event
