"""What waits for the city's officers, in counts."""

from __future__ import annotations

from datetime import date

from rosters import Office, person
from talentpool.model import person_request, void_word
from talentpool.services.desk.to_do import OpenRequests, Waiting, of_the_office, open_requests


def test_what_waits_is_counted_once_for_each_thing(office: Office) -> None:
    everybody = [person(n) for n in range(1, 41)]
    office.deliver("2026-10-31", everybody)
    assert office.deliver("2026-11-30", everybody[:5]).status == "held"
    asked = {
        "kind": "access",
        "subject": "person:x",
        "records": [],
        "received_on": date(2026, 11, 1),
        "decided_by": "王",
        "reason": "本人申请",
    }
    said = {"said_by": "王", "reason": "日期写错", "carried_out": False}
    with office.engine.begin() as conn:
        for due in (date(2026, 11, 15), date(2026, 12, 15)):
            conn.execute(person_request.insert().values(**asked, due_on=due))
        conn.execute(void_word.insert().values(**said, about="list:1"))
        conn.execute(void_word.insert().values(**said, about="list:2"))
        conn.execute(void_word.insert().values(**(said | {"said_by": "李", "carried_out": True}), about="list:2"))
        assert of_the_office(conn) == Waiting(held=1, voids=1)
        assert open_requests(conn, None, date(2026, 12, 1)) == OpenRequests(open=2, confirmable=0, late=1)
