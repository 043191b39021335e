"""Say which states a list has, and which may follow which; the database refuses every other step (migration 0037).

Of a round for which nothing is drawn yet there is no list: it is planned (PLANNED), which no table holds.
"""

from __future__ import annotations

from enum import StrEnum

PLANNED = "planned"


class ListState(StrEnum):
    """Where a list stands; the value is what the table holds."""

    DRAFT = "draft"
    """Drawn; it may be drawn anew, and its counties approve their shares."""
    COUNTY_APPROVED = "county_approved"
    """Every county on it has approved its share."""
    CITY_APPROVED = "city_approved"
    """Nobody's approval is missing."""
    LOCKED = "locked"
    """Frozen: people, reasons, facts and passport stay as they are."""
    RELEASED = "released"
    """Sheets of it have left for recipients on record."""
    RECEIPTS_OPEN = "receipts_open"
    """Sheets come back."""
    CLOSED = "closed"
    """Handed out and accounted for."""
    CANCELLED = "cancelled"
    """The round does not take place; nothing was locked."""
    VOID = "void"
    """Two people said that it was wrong, or that the pool was from which it was drawn."""


S = ListState
NEXT: dict[ListState, frozenset[ListState]] = {
    S.DRAFT: frozenset({S.COUNTY_APPROVED, S.CITY_APPROVED, S.LOCKED, S.CANCELLED, S.VOID}),
    S.COUNTY_APPROVED: frozenset({S.DRAFT, S.CITY_APPROVED, S.LOCKED, S.CANCELLED, S.VOID}),
    S.CITY_APPROVED: frozenset({S.DRAFT, S.COUNTY_APPROVED, S.LOCKED, S.CANCELLED, S.VOID}),
    S.LOCKED: frozenset({S.RELEASED, S.RECEIPTS_OPEN, S.CLOSED, S.VOID}),
    S.RELEASED: frozenset({S.RECEIPTS_OPEN, S.CLOSED, S.VOID}),
    S.RECEIPTS_OPEN: frozenset({S.CLOSED, S.VOID}),
    S.CLOSED: frozenset({S.VOID}),
    S.CANCELLED: frozenset({S.DRAFT, S.VOID}),
    S.VOID: frozenset(),
}
"""State -> those that may follow it. The database asks besides that nobody's approval is missing when a list is locked."""
OPEN = (S.DRAFT, S.COUNTY_APPROVED, S.CITY_APPROVED)
"""May still be drawn anew, approved or cancelled."""
FROZEN = (S.LOCKED, S.RELEASED, S.RECEIPTS_OPEN, S.CLOSED)
"""Locked and in force, however far it has got: who is on it counts as served."""
STATE_WORDS: dict[str, str] = {
    PLANNED: "计划中", S.DRAFT: "草稿", S.COUNTY_APPROVED: "区县已审", S.CITY_APPROVED: "市级已批", S.LOCKED: "已锁定",
    S.RELEASED: "已下发", S.RECEIPTS_OPEN: "回执中", S.CLOSED: "已办结", S.CANCELLED: "已取消", S.VOID: "已作废",
}  # fmt: skip
"""State -> how officers read it, in the order of a list's life."""
