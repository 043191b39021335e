"""Carry out what officers say of lists on the command line: approve, return, go without, close, cancel, resume, follow up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from talentpool.commands.output import opened
from talentpool.errors import UsageError
from talentpool.settings import Settings

if TYPE_CHECKING:
    from talentpool.campaigns import Approver
    from talentpool.office import Office

ACTS = ("approve", "return", "without", "with", "close", "cancel", "resume", "withdraw", "follow")


@dataclass(frozen=True)
class Given:
    """What stood on the command line beside the act."""

    by: str
    counties: tuple[str, ...]
    reason: str
    as_of: date | None


def act(settings: Settings, words: tuple[str, ...], given: Given) -> dict[str, Any]:
    """Do it, as the officer whom the office knows by that name; what came of it. UsageError says what the act wants."""
    if words[0] in ("cancel", "resume"):
        return _act_on_round(settings, words, given)
    if len(words) != 2 or not words[1].isdecimal() or not given.by.strip():
        raise UsageError(f"target {words[0]} LIST_ID --by NAME")
    from talentpool.campaigns import decide, known_officer
    from talentpool.campaigns.life.acting import close, set_apart, take_back, withdraw
    from talentpool.office_day import today_in_office

    list_id = int(words[1])
    if list_id >= 2**63:
        raise UsageError(f"no list {list_id}")
    with opened(settings) as office:
        with office.engine.connect() as conn:
            who = known_officer(conn, given.by)
        if words[0] in ("approve", "return"):
            if len(given.counties) > 1:
                raise UsageError("一次审批一个区县的部分（--county）")
            done = decide(
                office, list_id, who, today=today_in_office(settings), approve=words[0] == "approve",
                county=next(iter(given.counties), None), comment=given.reason,
            )  # fmt: skip
            return done.as_json() | {"by": who.name}
        if words[0] == "follow":
            return _followed(office, list_id, who)
        if words[0] == "without":
            stored = set_apart(office, list_id, who, reason=given.reason, counties=given.counties)
            return {"list_id": list_id, "state": stored.state, "selected": stored.selected, "by": who.name}
        if words[0] == "with":
            back = take_back(office, list_id, who, reason=given.reason, counties=given.counties)
            return {"list_id": list_id, "counties": sorted(back), "by": who.name, "next": "draw the list again"}
        if words[0] == "withdraw":
            return {
                "list_id": list_id,
                "state": withdraw(office, list_id, who, reason=given.reason).state,
                "by": who.name,
            }
        close(office, list_id, who, reason=given.reason)
        return {"list_id": list_id, "state": "closed", "by": who.name}


def _followed(office: Office, list_id: int, who: Approver) -> dict[str, Any]:
    from talentpool.campaigns.following.drafting import follow_up
    from talentpool.campaigns.lists import find
    from talentpool.declare import load_campaign

    with office.engine.connect() as conn:
        campaign = load_campaign(office.settings.campaign_dirs, find(conn, list_id).campaign)
    draft = follow_up(office, campaign, list_id, who)
    told = draft.passport["followed"]
    return {"list_id": draft.list_id, "follows": list_id, "state": draft.state, "selected": draft.selected,
            "back": told["back"], "reserve": told["reserve"], "by": who.name}  # fmt: skip


def _act_on_round(settings: Settings, words: tuple[str, ...], given: Given) -> dict[str, Any]:
    if len(words) != 2 or given.as_of is None or not given.by.strip():
        raise UsageError(f"target {words[0]} CAMPAIGN --as-of YYYY-MM-DD --by NAME --reason WHY")
    from talentpool.campaigns import known_officer
    from talentpool.campaigns.life.acting import cancel, resume
    from talentpool.campaigns.planning.dates import FARTHEST, round_on
    from talentpool.declare import load_campaign
    from talentpool.office_day import today_in_office

    campaign = load_campaign(settings.campaign_dirs, words[1])
    with opened(settings) as office:
        drawn = round_on(office.engine, campaign, given.as_of)
        cycle = drawn.cycle
        if words[0] == "cancel" and abs(drawn.occasion - today_in_office(settings)) > FARTHEST:
            raise UsageError(f"{campaign.name} {drawn.occasion} 这一轮离今天太远，没有取消；请核对数据日期的年份")
        with office.engine.connect() as conn:
            who = known_officer(conn, given.by)
        (cancel if words[0] == "cancel" else resume)(office, campaign, cycle, who, reason=given.reason)
    return {"campaign": campaign.code, "cycle": cycle, "round": "cancelled" if words[0] == "cancel" else "resumed"}
