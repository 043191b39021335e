"""Write what a list says of itself: enough to print its sheets again, and to rebuild it from history (verifying.py)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.rows import Judged
from talentpool.campaigns.sharing import lottery_seed
from talentpool.declare.rules import conditions
from talentpool.deliveries.delivery_state import State
from talentpool.model import delivery
from talentpool.office import Office

RULES_VERSION = 1
"""Of the rules that judge people for lists (declare/rules, sharing/): raise it when one of them judges otherwise."""


def passport_of(conn: sa.Connection, office: Office, drawn: Round, judged: Judged) -> dict[str, Any]:
    """Of a list as it is drawn; who drew it, by which run, and what it misses is added by drawing.py."""
    campaign = drawn.campaign
    declared = campaign.model_dump(mode="json")
    return {
        "campaign": campaign.code,
        "name": campaign.name,
        "purpose": campaign.purpose,
        "cycle": drawn.cycle,
        "as_of": drawn.as_of.isoformat(),
        "occasion": drawn.occasion.isoformat(),
        "form": campaign.form,
        "item": campaign.item,
        "told": campaign.told,
        "contact": campaign.contact,
        "rules": declared["eligibility"],
        "rules_version": RULES_VERSION,
        "conditions": conditions(campaign.eligibility),
        "stock": campaign.room,
        "stock_declared": declared["stock"],
        "approvals": [],
        **({"supplement": drawn.supplement} if drawn.supplement else {}),
        **(
            {"follows": [{"list": one.list_id, "open_too": one.open_too} for one in drawn.follows]}
            if drawn.follows
            else {}
        ),
        "declaration_hash": campaign.hash,
        "declaration": declared,
        "deliveries": _deliveries(conn, drawn),
        "reasons": dict(judged.reasons),
        **_shared(office, drawn, judged),
    }


def _shared(office: Office, drawn: Round, judged: Judged) -> dict[str, Any]:
    """How scarce stock was shared: enough to share it again. Nothing where there was enough for everybody."""
    if not judged.groups:
        return {}
    campaign = drawn.campaign
    return {
        "seed": lottery_seed(office.keys, campaign.code, drawn.cycle),
        "order": list(campaign.order),
        "groups": [asdict(group) for group in judged.groups],
    }


def _deliveries(conn: sa.Connection, drawn: Round) -> list[dict[str, Any]]:
    """The newest published roster of each partner up to the as-of, with its verdict: rows, and who decided what of it."""
    of = delivery.c
    newest = (
        sa.select(of.delivery_id, of.partner, of.as_of, of.kind, of.publish_seq, of.rows, of.accepted, of.quarantined,
                  of.refused, of.decided)
        .where(of.state == State.PUBLISHED, of.as_of <= drawn.as_of)
        .ext(distinct_on(of.partner))
        .order_by(of.partner, of.as_of.desc(), of.publish_seq.desc())
    )  # fmt: skip
    return [{**row, "as_of": row["as_of"].isoformat()} for row in conn.execute(newest).mappings()]
