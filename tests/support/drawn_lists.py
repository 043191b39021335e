"""A list to visit: a draft of 暖冬行动 as it ships, with people of both counties of a console on it."""

from __future__ import annotations

from datetime import date

from console_office import AS_OF, HERE, THERE, Console
from rosters import person
from talentpool.campaigns import draw
from talentpool.campaigns.drawing import Drawn
from talentpool.declare import load_campaign
from talentpool.office import Office
from talentpool.pool import snapshot

DAY = date(2026, 12, 1)
"""The office's day: before the list is locked and handed out."""
APART = "https://fafang.example.cn"
"""Where phones open the host apart."""
YOUNG = range(9001, 9013)
"""Numbers of people of an age for the list, in turn of the two counties."""


def young(number: int) -> dict[str, str]:
    return person(number, county=HERE if number % 2 else THERE, station="北关站" if number % 4 < 2 else "城东站")


def fill_young(place: Console) -> None:
    """The people, and the pool with them."""
    sent = place.office.deliver("2026-10-02", [young(number) for number in YOUNG], kind="delta")
    assert sent.status == "published", sent
    snapshot(place.office, AS_OF)


def draw_here(place: Console, by: str = "drafter", *, code: str = "warm_winter", supplement: bool = False) -> Drawn:
    """The draft, drawn by somebody."""
    settings = place.office.settings.model_copy(update={"today": DAY})
    office = Office(place.office.engine, settings, place.office.keys)
    return draw(office, load_campaign(settings.campaign_dirs, code), AS_OF, by=by, supplement=supplement)
