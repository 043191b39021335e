"""Lock the very draft that an officer looked at, when nothing speaks against it."""

from __future__ import annotations

from talentpool.campaigns import lists
from talentpool.campaigns.following.rounds import round_of
from talentpool.campaigns.life.acting import CITY_OFFICER
from talentpool.campaigns.life.approving import Approver, open_list
from talentpool.campaigns.life.locking import lock_draft
from talentpool.campaigns.lists import Stored
from talentpool.declare import Campaign
from talentpool.errors import ConflictError, RefusedError
from talentpool.office import Office


def lock_as_seen(office: Office, campaign: Campaign, list_id: int, who: Approver, *, seen: str) -> Stored:
    """The list, locked. `seen`: content hash of what was looked at.

    Raises what drawing with a lock raises (drawing.draw), and ConflictError where the draft is another by now, or its round has
    another locked list.
    """
    if CITY_OFFICER not in who.roles:
        raise RefusedError("role", f"名单由市级专员锁定；{who.name} 的职务不符")
    with office.engine.begin() as conn:
        stored = open_list(conn, list_id)
        drawn = round_of(conn, campaign, stored)
        frozen = {one.supplement for one in lists.find_frozen(conn, campaign.code, stored.cycle)}
        if seen != stored.content_hash or stored.cycle != drawn.cycle or stored.supplement in frozen:
            raise ConflictError("名单在您查看之后重新拟定过，没有锁定；请刷新后再看")
        locked, _ = lock_draft(conn, office, drawn, stored, by=who.name, role=CITY_OFFICER)
    return locked
