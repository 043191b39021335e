"""Whoever acts too often is told for how long to wait."""

from __future__ import annotations

import pytest
from fastapi import HTTPException

from talentpool_airflow.console.limits import count, in_turn


@pytest.mark.parametrize(
    ("rate", "most", "told"), [("2 per minute", 60, " 秒后再试"), ("2 per hour", 3600, "60 分钟后再试")]
)
def test_one_too_many_says_how_long_to_wait(rate: str, most: int, told: str) -> None:
    for _ in range(2):
        count("wang", f"a test of {rate}", rate)
    with pytest.raises(HTTPException) as refused:
        count("wang", f"a test of {rate}", rate)
    assert refused.value.status_code == 429 and refused.value.headers is not None
    assert most - 5 <= int(refused.value.headers["Retry-After"]) <= most
    assert told in refused.value.detail or "1 分钟后再试" in refused.value.detail


def test_a_user_tries_one_thing_at_a_time_and_all_of_them_few() -> None:
    with in_turn("wang"):
        with pytest.raises(HTTPException, match="还没有结束") as refused, in_turn("wang"):
            pass
        assert refused.value.status_code == 429
        with in_turn("li"), pytest.raises(HTTPException, match="较多"), in_turn("sun"):
            pass
        with in_turn("sun"):
            pass
    with pytest.raises(ValueError, match="broken"), in_turn("wang"):
        raise ValueError("broken")
    with in_turn("wang"):
        pass
