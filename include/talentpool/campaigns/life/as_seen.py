"""Lock the very draft that an officer looked at, when nothing speaks against it."""

from __future__ import annotations

from dataclasses import replace

from talentpool.campaigns import lists
from talentpool.campaigns.dates import round_on
from talentpool.campaigns.lawful import notices_for, say_not_yet_lawful
from talentpool.campaigns.life.acting import CITY_OFFICER
from talentpool.campaigns.life.approving import Approver, open_list
from talentpool.campaigns.life.locking import lock_draft
from talentpool.campaigns.lists import Stored
from talentpool.declare import Campaign
from talentpool.declare.occasion import refuse_out_of_season
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard.duties import check_duty
from talentpool.office import Office
from talentpool.office_day import today_in_office


def lock_as_seen(office: Office, campaign: Campaign, list_id: int, who: Approver, *, seen: str) -> Stored:
    """The list, locked. `seen`: content hash of what was looked at.

    Raises what drawing with a lock raises (drawing.draw), and ConflictError where the draft is another by now, or its round has
    another locked list.
    """
    if CITY_OFFICER not in who.roles:
        raise RefusedError("role", f"名单由市级专员锁定；{who.name} 的职务不符")
    with office.engine.connect() as conn:
        as_of = lists.find(conn, list_id).as_of
    refuse_out_of_season(campaign, as_of)
    drawn = round_on(office.engine, campaign, as_of)
    with office.engine.begin() as conn:
        if not notices_for(conn, campaign.purpose, today_in_office(office.settings)):
            raise UsageError(say_not_yet_lawful(campaign))
        stored = open_list(conn, list_id)
        frozen = {one.supplement for one in lists.find_frozen(conn, campaign.code, stored.cycle)}
        if seen != stored.content_hash or stored.cycle != drawn.cycle or stored.supplement in frozen:
            raise ConflictError("名单在您查看之后重新拟定过，没有锁定；请刷新后再看")
        check_duty(conn, who.name, "draft")
        locked, _ = lock_draft(conn, office, replace(drawn, supplement=stored.supplement), stored, by=who.name)
    return locked
