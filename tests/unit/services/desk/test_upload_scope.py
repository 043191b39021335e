"""A county takes nobody over: whose rows a file may hold is decided again when it is handed on, and where it is staged.

Each test begins as the attack does: staff numbers are guessed before the roster that brings them, tried when nobody has
them, and sent when another county's people do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from rosters import Office, person
from talentpool import flow
from talentpool.acquire import acquire
from talentpool.database import migrate, migrations
from talentpool.errors import RefusedError
from talentpool.guard import console_engine, scoped
from talentpool.match import match
from talentpool.services.desk import upload as desk
from talentpool.services.rights.reveal import reveal
from uploads import (
    CITY,
    FIRST,
    HERE,
    HERS,
    LATER,
    OURS,
    OWN,
    THEIRS,
    THERE,
    facts_of,
    guess,
    handed,
    in_the_inbox,
    people_come_the_same_day,
    source,
    take,
    tried,
)

pytestmark = pytest.mark.usefixtures("trials_here")


@pytest.fixture
def pages(office: Office) -> Iterator[sa.Engine]:
    engine = console_engine(office.settings)
    yield engine
    engine.dispose()


def looked_at(office: Office, pages: sa.Engine, number: int = 1) -> Any:
    said = {"actor": OWN.actor, "roles": OWN.roles, "reason": "contact", "note": "电话联系本人"}
    with scoped(pages, OWN) as conn:
        return reveal(conn, office.keys, office.settings, f"didi:T{number:05d}", **said)  # type: ignore[arg-type]


def people_come_later(office: Office) -> None:
    office.deliver(LATER, [*OURS, *THEIRS])


def people_came_and_left(office: Office) -> None:
    office.deliver(FIRST, THEIRS, kind="delta")
    office.deliver("2026-10-11", OURS)
    office.deliver("2026-10-21", OURS)


def people_were_set_back_to_history(office: Office) -> None:
    """A roster of before, that came late: nobody of it is live."""
    office.deliver("2026-09-01", THEIRS)


TURNS = [people_come_later, people_come_the_same_day, people_came_and_left, people_were_set_back_to_history]
GUESSES = [
    {},
    {"name": "欧阳槿翊"},
    {"name": "欧阳**"},
    {"document_no": "140***********0013", "mobile": "139****0007"},
    {"document_no": HERS["document_no"], "mobile": HERS["mobile"]},
    {"consented_on": "", "notice_version": ""},
    {"notice_version": "撤回"},
    {"left_on": "2026-09-30"},
    {"name": ""},
    {"name": "欧阳槿翊", "birth_date": "2015-01-01"},
    {"station": "新站", "hired_on": "2020-01-01"},
    HERS,
    HERS | {"county": HERE},
]


@pytest.mark.parametrize("turn", TURNS, ids=lambda turn: turn.__name__)
@pytest.mark.parametrize("meanwhile", ["handed on before", "handed on after"])
def test_a_file_takes_over_nobody_who_came_meanwhile_and_no_answer_tells_of_them(
    office: Office, pages: sa.Engine, turn: Callable[[Office], None], meanwhile: str
) -> None:
    office.deliver(FIRST, OURS)
    number = tried(office, [guess(), person(71, county=HERE)]).upload_id
    if meanwhile == "handed on before":
        handed(office, number)
    turn(office)
    if meanwhile == "handed on after":
        handed(office, number)
    match(office.engine, office.keys)
    known, everybody = facts_of(office), office.one("select count(*) from source_record")
    found = take(office)
    assert (found.status, found.reasons) == ("published", {"county_not_yours": 1})
    assert (found.accepted, found.quarantined, found.refused) == (1, 0, 1)
    assert facts_of(office) == known
    live = found.effect == "live"
    assert office.one("select count(*) from source_record") == everybody + live, "the own row is taken all the same"
    assert office.one("select count(*) from quarantine") == 0, "nothing of the other row is kept"
    match(office.engine, office.keys)
    with pytest.raises(RefusedError):
        looked_at(office, pages)


@pytest.mark.parametrize(
    ("turn", "changes"),
    [(people_come_the_same_day, changes) for changes in GUESSES]
    + [(people_came_and_left, changes) for changes in ({}, HERS, {"notice_version": "撤回"})],
    ids=lambda value: getattr(value, "__name__", "+".join(sorted(value)) if isinstance(value, set) else str(value)),
)
def test_no_row_moves_clears_restores_suspends_or_shows_somebody_of_another_county(
    office: Office, pages: sa.Engine, turn: Callable[[Office], None], changes: dict[str, str]
) -> None:
    """Handed on when nobody had the number; the very rows of the trial, or whatever else a file could say of it."""
    office.deliver(FIRST, OURS)
    own = person(72, county=HERE)
    rows = [guess(**changes), own]
    in_the_inbox(office, rows, FIRST)
    turn(office)
    known, tables = facts_of(office), counts(office)
    found = take(office)
    assert (found.reasons, found.refused) == ({"county_not_yours": 1}, 1)
    assert "consent_ended" not in found.notes
    assert facts_of(office) == known and counts(office) == tables
    with pytest.raises(RefusedError):
        looked_at(office, pages)


def counts(office: Office) -> list[tuple]:
    """What else could have been touched: ends of consent, spells, absences, sightings and salts of her record."""
    return [
        (table, office.ask(f"select count(*) from {table} where record_id = (select record_id from source_record"
                           " where staff_no = 'T00001')"))
        for table in ("consent_end", "employment_spell", "record_absence", "delivery_sighting", "record_salt",
                      "quarantine", "source_record_history")
    ]  # fmt: skip


def test_a_roster_that_is_published_between_staging_and_publication_is_looked_at(office: Office) -> None:
    office.deliver(FIRST, OURS)
    handed(office, tried(office, [guess(), person(73, county=HERE)]).upload_id)
    room = (office, office.partner())
    landed = acquire(*room, connection=source(office))
    assert landed and flow.conform_and_expect(*room, landed.delivery_id)
    assert flow.outcome(office.engine, landed.delivery_id).accepted == 2
    people_come_the_same_day(office)
    known = facts_of(office)
    flow.finish(*room, landed.delivery_id)
    found = flow.outcome(office.engine, landed.delivery_id)
    assert (found.status, found.reasons, found.accepted) == ("published", {"county_not_yours": 1}, 1)
    assert facts_of(office) == known


def test_a_county_that_moves_its_own_people_about_is_not_hindered(office: Office) -> None:
    """Who came from another county belongs to this one, with what is on record of before."""
    office.deliver(FIRST, [*OURS, person(1, county=THERE)])
    office.deliver(LATER, [*OURS, person(1, county=HERE)])
    rows = [person(1, county=HERE, station="新站"), OURS[0] | {"station": "", "mobile": ""}, person(81, county=HERE)]
    handed(office, tried(office, rows).upload_id)
    found = take(office)
    assert (found.status, found.effect, found.reasons, found.accepted) == ("published", "live", {}, 3)
    assert office.one("select station from source_record where staff_no = 'T00001'") == "新站"
    assert office.one("select mobile_status from source_record where staff_no = 'T00050'") == "ok", "a blank keeps"


def test_a_countys_late_rows_do_not_rewrite_who_worked_elsewhere_then(office: Office) -> None:
    office.deliver(FIRST, [*OURS, person(1, county=HERE)])
    handed(office, tried(office, [person(1, county=HERE, station="新站"), person(82, county=HERE)]).upload_id)
    office.deliver(FIRST, [person(1, county=THERE)], kind="delta")
    office.deliver(LATER, [*OURS, person(1, county=HERE)])
    found = take(office)
    assert (found.effect, found.reasons, found.accepted) == ("history", {"county_not_yours": 1}, 1)
    assert office.one("select count(*) from source_record_history where station = '新站'") == 0


def test_a_file_of_none_but_others_is_sent_back_and_says_why(office: Office) -> None:
    office.deliver(FIRST, OURS)
    handed(office, tried(office, [guess(n) for n in range(1, 4)]).upload_id)
    people_come_the_same_day(office)
    found = take(office)
    assert (found.status, found.reasons) == ("rejected", {"county_not_yours": 3, "nobody_accepted": 1})
    assert "由其他区县管理 3 行" in str(found.message) and "市级专员" in str(found.message)


def test_a_countys_few_rows_overtake_no_roster_of_the_city(office: Office) -> None:
    office.deliver(FIRST, [*OURS, *THEIRS])
    held = office.deliver(FIRST, OURS[:2])
    assert held.status == "held"
    handed(office, tried(office, [person(83, county=HERE)]).upload_id)
    assert take(office).status == "published"
    assert office.one("select state from delivery where delivery_id = :d", d=held.delivery_id) == "held"


def test_a_countys_few_rows_are_no_measure_for_the_partners(office: Office) -> None:
    """Else a file without mobiles would let the partner's next one lose that column unseen."""
    many = [person(n, county=THERE) for n in range(100, 200)]
    office.deliver(FIRST, many, kind="delta")
    handed(office, tried(office, [person(84, county=HERE, mobile="")]).upload_id)
    assert take(office).status == "published"
    found = office.deliver(LATER, [person(n, county=THERE, mobile="") for n in range(200, 240)], kind="delta")
    assert (found.status, found.reasons) == ("held", {"nulls_jump": 1})


def test_a_trial_does_not_tell_whether_a_document_is_somebodys_of_another_county(office: Office) -> None:
    """The number of another county in another notation, with documents that are guessed."""
    office.deliver(FIRST, [*OURS, *(person(n, county=THERE, staff_no=f"{n:05d}") for n in range(1, 12))])
    answers = []
    for known in (0, 300):
        rows = [person(n + known, county=HERE, staff_no=str(n)) for n in range(1, 6)]
        found = tried(office, rows).checked
        answers.append((found.outcome.status, found.outcome.reasons, found.outcome.notes, found.errors))
    assert answers[0] == answers[1]


def test_what_a_county_had_handed_on_before_an_upgrade_is_bound_too(office: Office) -> None:
    office.deliver(FIRST, OURS)
    handed(office, tried(office, [guess(), person(85, county=HERE)]).upload_id)
    handed(office, tried(office, [person(86, county=THERE)], CITY).upload_id, CITY)
    config, _ = migrations()
    with office.engine.begin() as conn:
        config.attributes["connection"] = conn
        command.downgrade(config, "0021")
    migrate(office.engine)
    assert office.ask("select partner, handed_by, counties, delivery_id from handed_on") == [
        ("didi", "h", [HERE], None)
    ]
    people_come_the_same_day(office)
    assert take(office).reasons == {"county_not_yours": 1}
    assert take(office).reasons == {}


def test_nothing_is_in_the_inbox_that_is_not_on_record(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run may come before the hand-on is through; and one that fails leaves no word of a file that is not there."""
    number = tried(office, [person(87, county=HERE)]).upload_id
    seen = []
    place = desk._place

    def looks(*given: Any) -> str:
        seen.append(office.ask("select handed_by, counties from handed_on"))
        return place(*given)

    monkeypatch.setattr(desk, "_place", looks)
    handed(office, number)
    assert seen == [[("h", [HERE])]]
    assert office.ask("select placed_as, delivery_id from handed_on") == [("roster_didi_20261101_01.csv", None)]
    assert take(office).status == "published"
    assert office.one("select delivery_id is not null from handed_on")
