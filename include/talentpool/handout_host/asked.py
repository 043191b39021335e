"""Define what the page's script sends: the same to the office and to the host apart."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

SEALED = "sealed"
"""The office counts it by all that it knows; a text beside it tells what to know."""
ROW = r"[2-9A-HJ-NP-Z]{4}-?[2-9A-HJ-NP-Z]{5}"


class Code(BaseModel):
    """What lets a browser in."""

    code: str = Field(max_length=40)


class Asked(BaseModel):
    """A row's check code, or the end of a mobile."""

    asked: str = Field(max_length=200)


class Entry(BaseModel):
    """One of the queue. Without a row: one of the reserve, to somebody who is on no list."""

    key: UUID
    row: Annotated[str, Field(pattern=rf"^({ROW})?$")] = ""
    outcome: Literal["full", "refused", "none"] = "full"
    day: date | None = None
    signing: UUID | None = None
    signer: str = Field("", max_length=20)
    county: str = Field("", max_length=6)


class Queue(BaseModel):
    """What a browser has not yet heard to be counted."""

    entries: list[Entry] = Field(min_length=1, max_length=200)


def is_from(request: Request, places: set[str]) -> bool:
    """Whether a browser says that a page of `places` (host:port) sent the request; one that says nothing is not ours."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is None and origin is None:
        return False
    return site in (None, "same-origin") and (origin is None or urlsplit(origin).netloc in places)


def told(key: UUID, code: str, text: str = "") -> dict[str, Any]:
    """What the script hears of an entry."""
    return {"key": str(key), "counted": code == SEALED, "code": code, "text": text}
