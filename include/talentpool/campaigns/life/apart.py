"""Keep counties off a round's list that the city goes on without, however often it is drawn anew, until they are taken back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import sqlalchemy as sa

from talentpool.campaigns.life.steps import VOIDED
from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.content import digests, hash_rows
from talentpool.campaigns.selection.rows import DRAWN_ROW, Judged, reasons_of
from talentpool.declare.rules import COUNTY_WAITS
from talentpool.model import list_decision

APART, BACK = "set_apart", "take_back"


def apart(conn: sa.Connection, campaign: str, cycle: str) -> frozenset[str]:
    """Codes of the counties that the round goes on without, by the last word on each; none after a void list."""
    said = list_decision.c
    words = sa.select(said.county, said.decision).where(
        said.campaign == campaign, said.cycle == cycle, said.decision.in_((APART, BACK, VOIDED))
    )
    found: set[str] = set()
    for county, decision in conn.execute(words.order_by(said.decision_id)):
        if decision == VOIDED:
            found.clear()
        elif county is not None:
            (found.add if decision == APART else found.discard)(county)
    return frozenset(found)


def keep_apart(conn: sa.Connection, drawn: Round, judged: Judged) -> Judged:
    """drawn_row, and what is counted of it, without those counties. A supplement is for them: it leaves nobody out."""
    counties = apart(conn, drawn.campaign.code, drawn.cycle) if not drawn.supplement else frozenset()
    if not counties or not leave_out(conn, counties):
        return judged
    hashed = hash_rows(conn, drawn.head, digests(DRAWN_ROW))
    return replace(judged, reasons=reasons_of(conn, DRAWN_ROW), content_hash=hashed)


def leave_out(conn: sa.Connection, counties: Collection[str]) -> int:
    """Take the people of these counties off drawn_row's list; how many they are."""
    row = DRAWN_ROW.c
    waits = DRAWN_ROW.update().where(row.selected, row.county.in_(counties))
    return conn.execute(waits.values(selected=False, reason=COUNTY_WAITS)).rowcount
