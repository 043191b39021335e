"""Tell code that is handed only a name and a password where the request comes from. Entrance sets it, once a request."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Visit:
    """`address`: the client's, as the proxy in front says; '' on the command line. `background`: a page that asks by itself,
    with nobody at the keyboard perhaps. `signed_in`: who showed a token with it, and whether by a second factor too; the
    one that counts last."""

    address: str = ""
    path: str = ""
    method: str = ""
    background: bool = False
    signed_in: list[tuple[str, bool]] = field(default_factory=list)


_current: ContextVar[Visit | None] = ContextVar("talentpool_visit")


def here() -> Visit:
    """The request that is being answered; an empty visit when there is none."""
    return _current.get(None) or Visit()


def enter(visit: Visit) -> None:
    """For the rest of this request, and for what it starts."""
    _current.set(visit)
