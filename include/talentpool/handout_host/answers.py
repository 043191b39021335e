"""Answer the page's script on the host apart as the office does, out of the packet: what is marked is sealed at once.

What is kept for the page itself is under the sign-in's key; the office judges the marks when they have been carried to it.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from datetime import datetime, timedelta, timezone
from threading import BoundedSemaphore
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from talentpool.handout_host import said
from talentpool.handout_host.asked import SEALED, Asked, Code, Entry, Queue, is_from, told
from talentpool.handout_host.page import GREATEST, cookie_of
from talentpool.handout_host.record import ENTERED, LEFT, LOOKED, MARKS
from talentpool.handout_host.store import Signed, Store
from talentpool.handout_host.tries import ENTERS, FINDS, SENDS, Pace, Tries, network

door = APIRouter()
TOKEN = "x-form-token"  # noqa: S105 - the name of a header
MONTH = 31 * 86400
"""Seconds that a browser keeps what it shows; the event ends before."""
MOST = 20
"""Rows that one question shows."""
TAIL = re.compile(r"[0-9]{4}")
_NO_SIGN = re.compile(r"[^2-9A-HJ-NP-Z]")
_AT_ONCE = BoundedSemaphore(2)
"""Codes that are tried at one time: each takes 32 MiB while it is."""
EAST = timezone(timedelta(hours=8))
"""The office's clock: nothing of the office's settings is here."""


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _ours(request: Request) -> None:
    if not is_from(request, {request.headers.get("host", "")}):
        raise HTTPException(403, said.FOREIGN)


def _held(request: Request, list_id: int) -> Signed:
    """Who is signed in for the list; 401 for everybody else."""
    shown = request.cookies.get(cookie_of(list_id), "")
    found = _store(request).held(list_id, shown) if shown and 0 < list_id < GREATEST else None
    if found is None:
        raise HTTPException(401, said.SIGNED_OUT)
    return found


Held = Annotated[Signed, Depends(_held)]


def _sent(request: Request, held: Held) -> Signed:
    """The same of what our page sends, with the token that it was given."""
    _ours(request)
    if not hmac.compare_digest(request.headers.get(TOKEN, "").encode(errors="replace"), _token(held).encode()):
        raise HTTPException(403, said.FOREIGN)
    return held


Sent = Annotated[Signed, Depends(_sent)]


@door.post("/{list_id}/enter")
def enter(request: Request, list_id: int, given: Code) -> Response:
    """Sign in for the list by a code, once; the cookie is the list's alone."""
    _ours(request)
    tries: Tries = request.app.state.tries
    address = request.client.host if request.client else ""
    if not 0 < list_id < GREATEST:
        raise HTTPException(422, said.WRONG)
    if not request.app.state.pace.asks(
        network(address), "enter", ENTERS
    ):  # of any list, before it takes anybody's place
        raise HTTPException(429, "登录次数过多，请 1 分钟后再试。", headers={"Retry-After": "60"})
    if not _AT_ONCE.acquire(timeout=2):
        raise HTTPException(429, "正在登录的人较多，请稍后再试。", headers={"Retry-After": "5"})
    try:
        if wait := tries.begin(list_id, address):
            after = f"{wait} 秒" if wait < 60 else f"{-(-wait // 60)} 分钟"
            raise HTTPException(429, f"登录失败次数过多，请在 {after}后再试。", headers={"Retry-After": str(wait)})
        entered = _store(request).redeem(list_id, given.code)
    finally:
        _AT_ONCE.release()
    if entered is None:
        raise HTTPException(422, said.WRONG)
    tries.succeeded(list_id, address)
    shown, signed = entered
    _store(request).drop(signed, ENTERED)
    answer = JSONResponse({"entered": True})
    answer.set_cookie(
        cookie_of(list_id), shown, path=f"{request.scope.get('root_path', '')}/{list_id}", httponly=True,
        samesite="strict", max_age=MONTH, secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


@door.get("/{list_id}/state")
def state(request: Request, held: Held) -> dict[str, Any]:
    """Who is signed in, for what, and how far it has got by what is known here."""
    return _state(request, held)


@door.post("/{list_id}/find")
def find(request: Request, held: Sent, given: Asked) -> dict[str, Any]:
    """Rows of the packet, masked, by check code or the end of a mobile; that somebody looked is sealed, not what was typed."""
    _pace(request, held, "find", FINDS)
    asked = unicodedata.normalize("NFKC", given.asked).strip()
    signs = _NO_SIGN.sub("", asked.upper())
    if TAIL.fullmatch(asked):
        found = [row for row in held.content["rows"] if asked in row["tails"]][:MOST]
    elif len(signs) == 9:
        found = [row for row in held.content["rows"] if row["row"] == f"{signs[:4]}-{signs[4:]}"]
    else:
        raise HTTPException(422, f"{said.NOT_ASKED}。")
    _store(request).drop(held, LOOKED, rows=len(found))
    return {"rows": [_shown(held, row) for row in found]}


@door.post("/{list_id}/entries")
def take(request: Request, held: Sent, given: Queue) -> dict[str, Any]:
    """Marks: what can be told here is told, everything else is sealed for the office; each may be sent again."""
    store = _store(request)
    _pace(request, held, "entries", SENDS)
    with store.writing():
        held.marked = store.marked_by(held)
        results, fresh = _judged(held, given.entries, _left(store, held))
        if fresh:
            store.drop(held, MARKS, marks=[one.model_dump(mode="json") for one in fresh])
            held.marked["keys"] += [str(one.key) for one in fresh]
            held.marked["rows"] |= {one.row: one.outcome for one in fresh if one.row}
            store.keep_marked(held)
        if walked := sum(not one.row for one in fresh):
            store.walk(held.packet, walked)
    return {"results": results, "state": _state(request, held)}


@door.post("/{list_id}/leave")
def leave(request: Request, held: Sent) -> Response:
    """Sign out: the code was good once, so another one is needed to come back."""
    list_id = held.packet.list_id
    _store(request).drop(held, LEFT)
    _store(request).leave(held)
    answer = JSONResponse({"left": True})
    answer.delete_cookie(cookie_of(list_id), path=f"{request.scope.get('root_path', '')}/{list_id}")
    return answer


def _judged(held: Signed, entries: list[Entry], left: int) -> tuple[list[dict[str, Any]], list[Entry]]:
    """What each entry is told, and those to seal. Whether the office counts them follows from all that it knows."""
    results, fresh = [], []
    seen, rows = set(held.marked["keys"]), {row["row"]: row["name"] for row in held.content["rows"]}
    for one in entries:
        row = f"{one.row.replace('-', '')[:4]}-{one.row.replace('-', '')[4:]}" if one.row else ""
        code, text = SEALED, ""
        if str(one.key) in seen:
            pass
        elif one.county not in ("", held.content["county"]):
            code, text = "other_county", said.OTHER_COUNTY
        elif not row and left <= 0:
            code, text = "reserve_empty", said.RESERVE_EMPTY
        elif row and row not in rows:
            code, text = "row_unknown", said.ROW_UNKNOWN
        elif row and not rows[row] and one.outcome != "full":
            code, text = "row_withdrawn", said.WITHDRAWN
        elif row and (one.outcome == "full") != (one.signing is not None and one.signer in said.SIGNERS):
            code, text = "signature_missing", said.UNSIGNED
        else:
            if row and not rows[row]:
                text = said.HANDED_GONE
            left -= not row
            seen.add(str(one.key))
            fresh.append(one.model_copy(update={"row": row}))
        results.append(told(one.key, code, text))
    return results, fresh


def _pace(request: Request, held: Signed, what: str, rate: str) -> None:
    pace: Pace = request.app.state.pace
    if not pace.asks(held.packet.place, what, rate):
        raise HTTPException(429, "操作过于频繁，请在 1 分钟后再试。", headers={"Retry-After": "60"})


def _outcome(held: Signed, row: dict[str, Any]) -> str:
    """What is known here of a row: what the office knew when it wrote the packet, and what this phone marked since."""
    known = str(row["outcome"])
    return known if known in ("full", "part") else str(held.marked["rows"].get(row["row"], known))


def _shown(held: Signed, row: dict[str, Any]) -> dict[str, Any]:
    outcome = _outcome(held, row)
    said_of = {"outcome": outcome, "stands": held.content["words"].get(outcome, ""), "gone": not row["name"]}
    return {name: row[name] for name in ("row", "name", "mobile", "station", "partner")} | said_of


def _left(store: Store, held: Signed) -> int:
    return int(held.content["reserve"]) - int(held.content["walked"]) - store.walked(held.packet)


def _state(request: Request, held: Signed) -> dict[str, Any]:
    content = held.content
    stands = [_outcome(held, row) for row in content["rows"]]
    counts = {"people": len(stands), "handed": sum(one in ("full", "part") for one in stands),
              "refused": stands.count("refused"), "absent": stands.count("none"), "open": stands.count("")}  # fmt: skip
    return {
        **{name: content[name] for name in ("list", "name", "item", "each", "who", "place", "county", "ends", "reserve")},
        "today": datetime.now(EAST).date().isoformat(), "counts": counts,
        "walked": int(content["walked"]) + _store(request).walked(held.packet), "signers": said.SIGNERS,
        "token": _token(held), "holder": content.get("holder", ""),  # a packet of an earlier office has none
    }  # fmt: skip


def _token(held: Signed) -> str:
    return hmac.digest(held.secret.encode(), b"talentpool handout form", "sha256").hex()
