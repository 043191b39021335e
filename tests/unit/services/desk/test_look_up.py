"""The search is no oracle: whoever tries numbers is stopped for the day, whatever way a number is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta

import pytest
import sqlalchemy as sa

from rosters import Office, document, person
from talentpool.guard import console_engine, scope_of, scoped
from talentpool.match import match
from talentpool.office_day import OFFICE_TIME
from talentpool.services.desk.find import Hits, Wanted
from talentpool.services.desk.look_up import LookedUp, look_up
from talentpool.settings import Settings

HERE, THERE = "140425", "140403"
NOBODY = Hits((), 0)
MOST = Settings().misses_per_day


@pytest.fixture
def reader(office: Office) -> Iterator[sa.Engine]:
    office.deliver("2026-10-01", [person(1, county=HERE), person(2, county=THERE)])
    match(office.engine, office.keys)
    engine = console_engine(office.settings)
    yield engine
    engine.dispose()


def look(office: Office, reader: sa.Engine, wanted: Wanted, actor: str = "guesser") -> LookedUp:
    user = scope_of(actor, frozenset({f"county_officer_{HERE}"}))
    with scoped(reader, user) as conn:
        return look_up(conn, office.keys, office.settings, wanted, actor=actor, area=HERE)


def wide(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


def stranger(number: int) -> str:
    return document(500 + number, "1986-05-05")


WAYS: dict[str, Callable[[int], Wanted]] = {
    "document": lambda n: Wanted("document", stranger(n)),
    "15 digits": lambda n: Wanted("document", stranger(n)[:6] + stranger(n)[8:17]),
    "full width": lambda n: Wanted("document", wide(stranger(n))),
    "spaces": lambda n: Wanted("document", f" {stranger(n)[:6]} {stranger(n)[6:14]} {stranger(n)[14:]} "),
    "mobile": lambda n: Wanted("mobile", f"1398765{n:04d}"),
    "mobile with a prefix": lambda n: Wanted("mobile", f"+86 139 8765 {n:04d}"),
    "staff number": lambda n: Wanted("staff_no", f"1398765{n:04d}", partner="didi"),
    "another county's": lambda n: Wanted("document", person(2)["document_no"]),
    "in turn": lambda n: Wanted("mobile", f"1398765{n:04d}") if n % 2 else Wanted("document", stranger(n)),
}


@pytest.mark.parametrize("way", WAYS)
def test_who_tries_numbers_is_stopped_before_one_more_is_answered(office: Office, reader: sa.Engine, way: str) -> None:
    for number in range(MOST):
        looked = look(office, reader, WAYS[way](number))
        assert looked.found == NOBODY and looked.left == MOST - number - 1
    for held in (Wanted("document", person(1)["document_no"]), Wanted("mobile", person(1)["mobile"]), WAYS[way](90)):
        stopped = look(office, reader, held)
        assert stopped.found is None, "neither a hit nor a miss is told"
        day = datetime.now(OFFICE_TIME).date() + timedelta(days=1)
        assert stopped.opens_at in [
            datetime.combine(one, time(), OFFICE_TIME) for one in (day, day - timedelta(days=1))
        ]
    refused = "select count(*) from audit_log where actor = 'guesser' and action = 'refused'"
    assert office.one(refused) == 3


def test_a_hit_a_name_and_half_a_number_cost_nothing_and_others_search_on(office: Office, reader: sa.Engine) -> None:
    for _ in range(MOST + 2):
        assert look(office, reader, Wanted("document", person(1)["document_no"])).found.records
        assert look(office, reader, Wanted("name", "查无此", counties=(HERE,))).found == NOBODY
        assert look(office, reader, Wanted("document", "140199")).found is None
    for number in range(MOST):
        look(office, reader, WAYS["document"](number))
    assert look(office, reader, WAYS["document"](1)).opens_at
    assert look(office, reader, Wanted("name", person(1)["name"], counties=(HERE,))).found.records, (
        "a name is looked for still"
    )
    assert look(office, reader, Wanted("mobile", person(1)["mobile"]), "another").found.records
    on_record = office.ask("select details::text from audit_log where action in ('search', 'refused')")
    assert on_record and not any(stranger(1) in row[0] for row in on_record)


def test_a_name_in_every_county_is_looked_for_so_many_times_in_an_hour_and_stands_nowhere(
    office: Office, reader: sa.Engine
) -> None:
    often = office.settings.wide_searches_per_hour
    names = [person(1)["name"], "查无此", *["王伟"] * (often - 2)]
    answers = [look(office, reader, Wanted("name", name, counties=(HERE, THERE))) for name in names]
    assert answers[0].found is not None and answers[0].found.people == 1 and answers[1].found == NOBODY
    stopped = look(office, reader, Wanted("name", "王伟", counties=(HERE, THERE)))
    assert stopped.found is None and stopped.opens_at is not None
    left = stopped.opens_at - datetime.now(OFFICE_TIME)
    assert timedelta(minutes=50) < left <= timedelta(hours=1)
    assert look(office, reader, Wanted("name", person(1)["name"], counties=(HERE,))).found
    assert look(office, reader, Wanted("name", "王伟", counties=(HERE, THERE)), "another").found == NOBODY
    rows = office.ask("select details ->> 'hash', details ->> 'people', details::text, reason from audit_log"
                      " where action = 'search' and actor = 'guesser' order by seq")  # fmt: skip
    assert len(rows) == often + 1 and not any(name in str(row) for row in rows for name in names)
    assert rows[0][:2] == (rows[-1][0], "1") and len({row[0] for row in rows}) == 3, "one name, one hash"
    office_index = "select count(*) from source_record where name_county_index::text = :hash"
    assert office.one(office_index, hash=rows[0][0]) == 0


def test_of_many_searches_at_once_only_as_many_miss_as_may(office: Office, reader: sa.Engine) -> None:
    """Each on a connection of its own, as several servers have them."""
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: look(office, reader, WAYS["mobile"](n)), range(MOST + 8)))
    assert sum(one.found == NOBODY for one in answers) == MOST and sum(one.found is None for one in answers) == 8
