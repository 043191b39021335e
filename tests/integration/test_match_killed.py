"""A process killed in the middle of matching: everybody is who they were before, and the next run completes."""

from __future__ import annotations

import signal

import pytest

from databases import Twins
from killed import ended, start
from months import Year, deliver, synthetic
from rosters import Office
from talentpool.load import digest
from talentpool.match import match

MONTH, WHOLE = ("match",), ("match", "--full")


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    return synthetic(tmp_path_factory.mktemp("city") / "city", 400, 2, 11, "hard")


def waiting(twins: Twins, year: Year) -> Office:
    """A matched month, and the next one delivered."""
    office = twins.office()
    first, second = year.days
    deliver(office, year.on(first))
    match(office.engine, office.keys)
    deliver(office, year.on(second))
    return office


TABLES = {
    "edge": "left_record, right_record, rule, verdict, score, decided_by, note",
    "record_person": "record_id, person_id",
    "person": "person_id, founding_record, founded_on",
    "person_event": "kind, person_id, other_id, cause",
    "person_redirect": "old_id, new_id",
    "match_key": "record_id, keys",
    "match_run": "up_to_seq, records, changed, over_cap, prior",
}


def state(office: Office) -> dict[str, list[tuple]]:
    """All that a run writes, but for the time of day."""
    return {name: office.ask(f"select {columns} from {name} order by {columns}") for name, columns in TABLES.items()}


@pytest.mark.parametrize("few", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["some points", "every point"])
@pytest.mark.parametrize("words", [MONTH, pytest.param(WHOLE, marks=pytest.mark.slow)], ids=["a month", "a full run"])
def test_a_killed_run_leaves_everybody_as_they_were_and_the_next_completes(
    twins: Twins, year: Year, words: tuple[str, ...], few: bool
) -> None:
    calm = waiting(twins, year)
    _, steps = ended(start(calm, *words))
    assert steps > 25
    office = waiting(twins, year)
    before = state(office)
    for point in [steps // 2, steps - 6] if few else range(1, steps + 1):
        ended(start(office, *words, point=point), -signal.SIGKILL)
        now = state(office)
        if now != before:
            assert point > steps - 6, f"point {point} of {steps} left something half done"
            break
    match(office.engine, office.keys, full=words == WHOLE)
    assert digest(office.engine) == digest(calm.engine)
    assert state(office) == state(calm)
