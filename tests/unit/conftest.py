"""Fixtures of the tests of rooms."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from talentpool import flow
from talentpool.expect import count_flags


@pytest.fixture(autouse=True, scope="module")
def counted_by_one_statement() -> Iterator[None]:
    """Great Expectations takes half of a small delivery's time: here flags are counted by the statement that a trial uses,
    elsewhere (bad_input, the command line, Airflow, unit/expect's own tests) by both."""
    for room in (flow.ingest, flow.finish, flow.stage_and_audit):
        assert room.__kwdefaults__ is not None
    before = [room.__kwdefaults__["count"] for room in (flow.ingest, flow.finish, flow.stage_and_audit)]
    for room in (flow.ingest, flow.finish, flow.stage_and_audit):
        room.__kwdefaults__["count"] = count_flags
    yield
    for room, count in zip((flow.ingest, flow.finish, flow.stage_and_audit), before, strict=True):
        room.__kwdefaults__["count"] = count
