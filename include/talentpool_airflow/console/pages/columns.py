"""Serve 列名待确认: an officer says once what a held delivery's unknown columns are; the answer holds for the partner."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from talentpool.acquire import load_partner, partner_names
from talentpool.declare import TEMPLATE_V1
from talentpool.errors import UsageError
from talentpool.texts.labels import ROSTER_KINDS
from talentpool_airflow.console import limits, state
from talentpool_airflow.console.access import Door
from talentpool_airflow.console.forms import Posted, number, text
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.user import SignedIn

door = Door()
NAMERS = ("city_officer",)
GONE = "这份名册已不再等待列名确认：可能已被他人处理，或被更新的名册取代。以下是现在的情况。"
SHOWN = 100


@door.looks("/columns", access=NAMERS)
def columns_page(request: Request) -> Response:
    """What waits, and what was said before; names of columns, nobody's values."""
    return _page(request)


@door.acts("/columns", access=NAMERS, rate=limits.SEARCHES)
def answer(request: Request, user: SignedIn, form: Posted) -> Response:
    """Record what the columns are and stage the delivery with it; what was left open holds it still."""
    from talentpool.conform import read_answers
    from talentpool.decide import answer_columns, held_for_columns

    wanted, reason = number(form, "delivery"), text(form, "reason")
    held = next((one for one in held_for_columns(state.pipeline()) if one["delivery_id"] == wanted), None)
    if held is None:
        return _page(request, fault=GONE)
    given = [
        (header, word)
        for place, (header, labels) in enumerate(held["columns"].items())
        if text(form, f"column_{place}") == header and (word := text(form, f"answer_{place}")) in (*labels, "ignore")
    ]
    if not given or not reason:
        return _page(request, fault="请至少确认一列，并填写依据。")
    partner = load_partner(state.settings().partner_dirs, held["partner"])
    try:
        done = answer_columns(
            state.office(), partner, held["delivery_id"],
            read_answers(partner, given), by=user.name, reason=reason,
        )  # fmt: skip
    except UsageError as error:
        gone = not any(one["delivery_id"] == wanted for one in held_for_columns(state.pipeline()))
        return _page(request, fault=GONE if gone else f"答复互相矛盾，没有记录。（{error}）")
    return _page(request, done=done)


def _page(request: Request, *, fault: str = "", done: Any = None) -> Response:
    from talentpool.conform import answered
    from talentpool.decide import held_for_columns

    with state.pipeline().connect() as conn:
        said = answered(conn)
    labels = {to: header for header, to in TEMPLATE_V1.items()}
    return show(
        request, "columns.html", 422 if fault else 200, held=held_for_columns(state.pipeline()), said=said[:SHOWN],
        labels=labels, partners=partner_names(state.settings()), fault=fault, done=done,
        KINDS=ROSTER_KINDS,
    )  # fmt: skip
