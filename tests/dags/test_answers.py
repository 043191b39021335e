"""The server's side of an answer stands before every way in which Airflow takes one."""

from __future__ import annotations

import re


def test_every_route_of_airflow_that_takes_an_answer_is_passed_by_ours() -> None:
    from airflow.api_fastapi.core_api.routes.public.hitl import task_instances_hitl_router

    from talentpool_airflow.answers import ANSWER

    taking = [
        (method, route.path)
        for route in task_instances_hitl_router.routes
        for method in route.methods - {"GET", "HEAD", "OPTIONS"}
    ]
    assert [method for method, _ in taking] == ["PATCH"]
    values = {"dag_id": "decision__sf", "dag_run_id": "delivery_1_x y:+00:00", "task_id": "decide", "map_index": "-1"}
    path = re.sub(r"\{(\w+)\}", lambda name: values[name[1]], taking[0][1])
    for before in ("/api/v2", "/prefix/api/v2"):
        found = ANSWER.fullmatch(before + path)
        assert found is not None and found["run_id"] == values["dag_run_id"]
    for spelling in ("-1.0", "+1", " -1", "-1 ", "-01"):  # each of which Airflow may read as a number
        assert ANSWER.fullmatch("/api/v2" + path.replace("/-1/", f"/{spelling}/")) is not None, spelling
    assert ANSWER.fullmatch("/api/v2" + path.replace("/decide/", "/other/")) is None
    for task in ("county", "city"):
        listed = ANSWER.fullmatch("/api/v2" + path.replace("decision__", "campaign__").replace("/decide/", f"/{task}/"))
        assert listed is not None and (listed["list"], listed["task_id"]) == ("campaign__sf", task)
        assert ANSWER.fullmatch("/api/v2" + path.replace("/decide/", f"/{task}/")) is None
    assert ANSWER.fullmatch("/api/v2" + path.replace("decision__", "campaign__")) is None
    assert ANSWER.fullmatch("/api/v2" + path.replace("decision__", "roster__")) is None


def test_the_doors_stand_in_the_api_server_and_look_at_numbers_first() -> None:
    """The plugin's last middleware is met first: what it refuses reaches neither the others nor Airflow."""
    import importlib.util
    from pathlib import Path

    place = Path(__file__).resolve().parents[2] / "plugins" / "console_pages.py"
    spec = importlib.util.spec_from_file_location("console_pages_of_a_test", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    doors = [one["middleware"].__name__ for one in module.ConsolePlugin.fastapi_root_middlewares]
    assert doors == ["Rail", "Shown", "Ahead", "Answers", "Bounded", "FrontDoor"]


def test_every_route_of_airflow_that_shows_a_question_now_is_passed_by_ours() -> None:
    """What it shows of earlier attempts is the sentence that Airflow keeps."""
    from airflow.api_fastapi.core_api.routes.public.hitl import task_instances_hitl_router

    from talentpool_airflow.shown import SHOWN

    shown = [route.path for route in task_instances_hitl_router.routes if "GET" in route.methods]
    passed = [path for path in shown if SHOWN.fullmatch("/api/v2" + re.sub(r"\{\w+\}", "x", path))]
    assert [path for path in shown if path not in passed] == [
        path for path in shown if path.endswith("/tries/{try_number}")
    ]
    assert len(passed) == 2
