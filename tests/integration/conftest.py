"""A console for every module that visits one: one server a session, as it was at first for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api_servers import ApiServer, api_server
from console_office import Console
from drawn_lists import APART, DAY, fill_young


@pytest.fixture(scope="session")
def standing(server_url: str) -> Iterator[ApiServer]:
    with api_server(server_url) as server:
        yield server


@pytest.fixture(scope="module")
def listed(standing: ApiServer) -> Iterator[Console]:
    """A console with people who are of an age for a list, on the day of the lists that tests draw, with a host apart for
    phones."""
    with standing.open(TALENTPOOL_TODAY=DAY.isoformat(), TALENTPOOL_HANDOUT_ADDRESS=APART) as found:
        fill_young(found)
        yield found


@pytest.fixture(scope="module")
def console(standing: ApiServer) -> Iterator[Console]:
    with standing.open() as found:
        yield found
