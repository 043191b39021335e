"""Serve 限值: what a partner's deliveries are held against, from which history, and what the city's officer pins by hand."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from talentpool.acquire import load_partner, partner_names
from talentpool.bounds import METRICS, Key, Place, Unit, Word, pin, release
from talentpool.declare import Partner
from talentpool.errors import RefusedError, UsageError
from talentpool.services.desk.bounds import ORIGINS, Standing, log_of, newest_as_of, standings
from talentpool.texts.labels import ROSTER_KINDS
from talentpool_airflow.console import record, state
from talentpool_airflow.console.access import Door
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.user import SignedIn
from talentpool_airflow.console.words import NOT_THEIR_DUTY

door = Door()
PINS = ("city_officer",)
NONE = 0
"""Of the pin that a form was made beside: there was none."""


@door.looks("/bounds", access=PINS)
def bounds_page(request: Request, user: SignedIn, partner: str = "", kind: str = "", bound: str = "") -> Response:  # noqa: ARG001
    """The bounds of one partner's full rosters or deltas; `bound`: the code of the one whose form stands above them."""
    return _page(request, (partner[:40], kind), Key.of(bound[:100]))


@door.acts("/bounds", access=PINS)
def pin_here(request: Request, user: SignedIn, form: Posted) -> Response:
    """Pin, move or release one bound; an event with author and note, and a line of the audit log."""
    key = Key.of(text(form, "bound"))
    chosen = text(form, "partner"), text(form, "kind")
    place = Place(*chosen, key)
    try:
        seen = int(text(form, "seen") or "0") or None
        word = Word(user.name, text(form, "note"), PINS[0], seen)
        partner, kind = _chosen(*chosen)
        if (partner.code, kind) != chosen:
            raise UsageError("没有这个合作单位或名册种类")
        with state.pipeline().begin() as conn:
            if text(form, "act") == "release":
                release(conn, place, word)
            else:
                pin(conn, place, word, low=_number(text(form, "low"), key), high=_number(text(form, "high"), key))
    except RefusedError as refusal:
        record.refused(user, place.subject, refusal.code)
        return _page(request, chosen, key, fault=NOT_THEIR_DUTY)
    except ValueError:
        return _page(request, chosen, key, fault="限值应填写数字。")
    except UsageError as error:
        return _page(request, chosen, key, fault=f"{error}。")
    onward = urlencode({"partner": place.partner, "kind": place.kind, "done": "1"})
    return RedirectResponse(f"{request.scope.get('root_path', '')}/bounds?{onward}", 303)


def _number(said: str, key: Key) -> float | None:
    """A typed bound: per cent of a share, rows of a count; None = left empty."""
    said = said.strip().rstrip("%％")
    if not said:
        return None
    share = key.metric in METRICS and METRICS[key.metric].unit == Unit.SHARE
    return float(said) / 100 if share else float(said)


def _chosen(partner: str, kind: str) -> tuple[Partner, str]:
    """The partner and the kind of its usual deliveries, where none or an unknown one is named."""
    names = partner_names(state.settings())
    found = load_partner(state.settings().partner_dirs, partner if partner in names else min(names))
    return found, kind if kind in ROSTER_KINDS else found.cadence.kind


def _page(request: Request, chosen: tuple[str, str], key: Key, *, fault: str = "") -> Response:
    partner, kind = _chosen(*chosen)
    with state.pipeline().connect() as conn:
        rows = standings(conn, partner, kind)
        events, as_of = log_of(conn, partner.code, kind), newest_as_of(conn, partner.code, kind)
    one = next((row for row in rows if row.key == key), None)
    if one is None and key.metric in METRICS and METRICS[key.metric].learns and not key.field and not key.county:
        one = Standing(key, METRICS[key.metric])
    return show(
        request, "bounds.html", 422 if fault else 200, partner=partner, kind=kind, rows=rows, one=one, events=events,
        as_of=as_of, fault=fault, names=partner_names(state.settings()), KINDS=ROSTER_KINDS, ORIGINS=ORIGINS, NONE=NONE,
        done=request.query_params.get("done") == "1", rule=partner.bounds.learned, UNIT=Unit,
    )  # fmt: skip
