"""Serve 回执: what came back of a list, and the forms by which more comes: a sheet, "all but these rows", a correction.

Who speaks is the signed-in user; a county's officer speaks for the rows of that county. A sheet is kept nowhere: its faults are
shown, and the sheet that is given back travels inside the answer.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from talentpool.acquire import partner_names
from talentpool.campaigns.life.states import FROZEN, ListState
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.receipts.outcomes import COUNTED_ONLY, OUTCOME_WORDS, Outcome
from talentpool.campaigns.receipts.standing import Tally, received, tally
from talentpool.campaigns.receipts.taking import Returned, Share, correct, take, take_all_but
from talentpool.campaigns.receipts.told import corrections
from talentpool.campaigns.withdrawn import handed_since
from talentpool.declare.occasion import say_cycle
from talentpool.errors import RejectedError, UsageError
from talentpool.guard import scoped
from talentpool.office_day import today_in_office
from talentpool.services.desk.reminders import reminders
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import JUDGES, OFFICERS, Door
from talentpool_airflow.console.entitled import approver_of, name_word, visible_list
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import county_names, show
from talentpool_airflow.console.pages.lists.brought import NO_SHEET, Answer, refused, sheet_of
from talentpool_airflow.console.user import SignedIn, User
from talentpool_airflow.console.words import LIST_STATES, RECEIPT_NOTES, RECEIPT_WAYS

door = Door()
MOST_IDS = 20_000
"""Characters of row ids."""
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NONE_LACK = "名单锁定并下发以后才有要催收的回执；场次活动不逐行登记。"
NOT_SURE = "请先勾选确认；需要理由的，请一并填写。"
NO_DAY = "日期请写成 2026-12-01 的形式，或留空。"
_BETWEEN = re.compile(r"[\s,，、;；]+")


@door.looks("/lists/{list_id}/receipts", access=OFFICERS)
def receipts_page(request: Request, user: SignedIn, list_id: int) -> Response:
    """What became of the rows that the user sees, and what came back when."""
    done = "已更正" if request.query_params.get("done", "") == "correction" else ""
    return _page(request, user, list_id, Answer(done=done))


@door.looks("/lists/{list_id}/receipts/remind.xlsx", access=OFFICERS, rate=limits.UPLOADS)
def remind(request: Request, user: SignedIn, list_id: int) -> Response:
    """Whom to remind: stations that lack receipts, in counts, with whom to call there. Nobody of the list stands in it."""
    stored = visible_list(user, list_id)
    if stored.state not in FROZEN or stored.passport.get("form", "kit") in COUNTED_ONLY:
        return _page(request, user, list_id, Answer(NONE_LACK, 409))
    with scoped(state.console(), user.scope) as conn:
        sheet, stations = reminders(conn, state.settings(), stored, county_names(), _today())
        record.written(conn, user, "view", f"list:{list_id}", details={"remind": stations})
    said = f"attachment; filename*=UTF-8''{quote(f'名单{list_id}催收回执.xlsx')}"
    return Response(sheet, media_type=SHEET, headers={"Content-Disposition": said})


@door.acts("/lists/{list_id}/receipts/upload", access=JUDGES, rate=limits.SHEETS, files=True)
def upload_sheet(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """A sheet that came back: what is right is taken, the rest is shown."""
    visible_list(user, list_id)
    given = sheet_of(form)
    if given is None:
        return _page(request, user, list_id, Answer(NO_SHEET))
    name, data = given
    try:
        returned = take(state.office(), list_id, data, approver_of(user), name=name, today=_today(), via="page")
    except (UsageError, RejectedError) as error:
        return _page(request, user, list_id, refused(user, list_id, error))
    return _page(request, user, list_id, Answer(returned=returned))


@door.acts("/lists/{list_id}/receipts/all-but", access=JUDGES)
def all_but(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """Everybody of a share received it but the rows that are named. The answer says of which share, and of how many people."""
    visible_list(user, list_id)
    given = {name: text(form, name, most=MOST_IDS) for name in ("county", "partner", "rows", "day")}
    if text(form, "sure") != "yes":
        return _page(request, user, list_id, Answer(NOT_SURE, kept=given))
    but = [one for one in _BETWEEN.split(given["rows"]) if one]
    try:
        share, day = _share(given["county"], given["partner"]), _day(given["day"])
        done = take_all_but(state.office(), list_id, share, but, approver_of(user), on_day=day, today=_today())
    except UsageError as error:
        return _page(request, user, list_id, replace(refused(user, list_id, error), kept=given))
    otherwise = [(row_id, fault.text) for row_id, _, fault in done.told]
    return _page(request, user, list_id, Answer(done=_said(share, done), otherwise=otherwise))


def _share(county: str, place: str) -> Share:
    """What was picked: a county, and a station of that very county or ''. UsageError where the two contradict each other."""
    whose, *rest = place.split("|", 2) if place else (county,)
    if whose != county or len(rest) not in (0, 2):
        raise UsageError("选的站点不在选的区县，没有登记；请把“区县”和“单位与站点”选成一致的再登记")
    return Share(county, *rest)


def _said(share: Share, done: Returned) -> str:
    """What was registered, for which place and how many people."""
    place = county_names().get(share.county, share.county)
    if share.partner is not None:
        partner = partner_names(state.settings()).get(share.partner, share.partner)
        place = f"{place} · {partner} · {share.station or '未注明站点'}"
    said = f"已登记：{place}，共 {done.rows} 人，新登记 {done.taken} 人，此前已登记 {done.known} 人"
    return said + (f"，{len(done.told)} 人与此前的登记不一致，没有改动" if done.told else "")


@door.acts("/lists/{list_id}/receipts/correct", access=JUDGES)
def correct_row(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """An officer's word about one row, with a reason."""
    given = {name: text(form, name) for name in ("row", "outcome", "on", "reason")}
    ready = bool(given["reason"]) and given["outcome"] in list(Outcome) and text(form, "sure") == "yes"
    visible_list(user, list_id)
    if not ready:
        return _page(request, user, list_id, Answer(NOT_SURE, kept=given))
    try:
        correct(state.office(), list_id, given["row"], Outcome(given["outcome"]), approver_of(user),
                reason=given["reason"], today=_today(), on_day=_day(given["on"]))  # fmt: skip
    except UsageError as error:
        return _page(request, user, list_id, replace(refused(user, list_id, error), kept=given))
    return RedirectResponse(f"{request.scope.get('root_path', '')}/lists/{list_id}/receipts?done=correction", 303)


def _today() -> date:
    return today_in_office(state.settings())


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise UsageError(NO_DAY.rstrip("。")) from None


def _page(request: Request, user: User, list_id: int, answer: Answer) -> Response:
    stored = visible_list(user, list_id)
    with scoped(state.console(), user.scope) as conn:
        whole = tally(conn, list_id).get((), Tally(0, {}, 0))
        counties = {key[0]: one for key, one in tally(conn, list_id, "county").items()}
        groups = tally(conn, list_id, "county", "partner", "station")
        came, corrected = received(conn, list_id), corrections(conn, list_id)
        record.written(conn, user, "view", f"list:{list_id}", details={"receipts": len(came)})
    with state.pipeline().connect() as conn:  # no reader's login sees who withdrew
        own = None if user.scope.city else user.scope.counties or ()
        gone = handed_since(conn, list_id, own)
    return show(
        request, "receipts.html", answer.code, list=stored, gone=gone, passport=stored.passport,
        **answer.shown(), whole=whole, by_county=counties, groups=groups, came=came,
        corrected=corrected, name_word=name_word, today=_today(), **_offers(user, stored),
        counties=county_names(), partners=partner_names(state.settings()), WORDS=OUTCOME_WORDS, WAYS=RECEIPT_WAYS,
        NOTES=RECEIPT_NOTES, STATES=LIST_STATES, say_cycle=say_cycle, city=user.scope.city, kept=answer.kept,
    )  # fmt: skip


def _offers(user: User, stored: Stored) -> dict[str, bool]:
    """Which forms the page has."""
    speaks = bool(user.kinds & set(JUDGES)) and stored.passport.get("form", "kit") not in COUNTED_ONLY
    return {
        "out": stored.state in FROZEN,
        "counted_only": stored.passport.get("form", "kit") in COUNTED_ONLY,
        "may_take": speaks and stored.state in FROZEN and stored.state != ListState.CLOSED,
        "may_correct": speaks and stored.state in FROZEN,
        "may_follow": speaks and "city_officer" in user.kinds and stored.state in FROZEN,
    }
