"""Nobody could agree to a notice before it was published, nor to a purpose that was added to it later."""

from __future__ import annotations

from datetime import date

import pytest

from approvals import unapproved
from rosters import Office, document, person
from talentpool.campaigns import draw
from talentpool.match import match
from talentpool.pool import snapshot
from talentpool.reference import set_row, table_named

SIGNED = {"by": "王主任", "reason": "新版告知书公布"}
DAY = date(2025, 10, 31)


def publish(office: Office, version: str, purpose: str, day: str) -> None:
    row = {"version": version, "purpose": purpose, "published_on": day}
    set_row(office, table_named("notice"), row, **SIGNED)


@pytest.mark.parametrize(("consented", "accepted"), [("2025-05-31", 1), ("2025-06-01", 2), ("2025-06-30", 2)])
def test_a_consent_counts_from_the_day_the_notice_was_published(office: Office, consented: str, accepted: int) -> None:
    publish(office, "v2", "registry", "2025-06-01")
    rows = [person(1), person(2, notice_version="v2", consented_on=consented)]
    found = office.deliver(DAY.isoformat(), rows)
    assert (found.accepted, found.reasons) == (accepted, {} if accepted == 2 else {"no_consent": 1})


def test_without_a_day_any_consent_counts(office: Office) -> None:
    publish(office, "v2", "registry", "")
    assert office.deliver(DAY.isoformat(), [person(1, notice_version="v2", consented_on="2001-01-01")]).accepted == 1


def test_a_delta_that_says_nothing_keeps_no_consent_from_before_the_notice(office: Office) -> None:
    office.deliver("2025-09-30", [person(1, consented_on="2025-01-01")])
    publish(office, "v1", "registry", "2025-06-01")
    for purpose in ("warm_winter", "dragon_boat", "riders_day", "summer_cooling", "health_check"):
        publish(office, "v1", purpose, "2025-06-01")
    bare = person(1, consented_on="", notice_version="", station="新站")
    office.deliver(DAY.isoformat(), [bare, *(person(n, consented_on="2025-07-01") for n in range(2, 12))], kind="delta")
    assert office.one("select status from source_record where staff_no = 'T00001'") == "suspended"


def test_a_purpose_that_was_added_later_is_not_covered(office: Office) -> None:
    publish(office, "v1", "warm_winter", "2025-06-01")
    early, late = (
        person(n, document_no=document(n, "1999-05-05"), consented_on=day)
        for n, day in ((1, "2025-01-01"), (2, "2025-06-01"))
    )
    assert office.deliver(DAY.isoformat(), [early, late]).accepted == 2, "the registry's own purpose was there before"
    match(office.engine, office.keys)
    snapshot(office, DAY)
    winter = unapproved(office.settings)
    drawn = draw(office, winter, DAY, lock=False)
    assert (drawn.selected, drawn.excluded.get("no_notice")) == (1, 1)
