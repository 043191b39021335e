"""Say which states a delivery has, and which may follow which; the database refuses every other step (migration 0032)."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a delivery stands; the value is what the table holds."""

    LANDED = "landed"
    """Its file is kept; nothing of it is read yet, or what was read is gone again."""
    STAGED = "staged"
    """Its rows are read and wait, each with a verdict."""
    AUDITED = "audited"
    """Great Expectations counted the same as we did, and nothing holds it."""
    HELD = "held"
    """It waits for a person's decision."""
    PUBLISHED = "published"
    """Its rows are in the pool; this is final."""
    REJECTED = "rejected"
    """Nothing of it was taken. The same file may be landed again."""


NEXT: dict[State, frozenset[State]] = {
    State.LANDED: frozenset({State.STAGED, State.REJECTED}),
    State.STAGED: frozenset({State.LANDED, State.AUDITED, State.HELD, State.REJECTED}),
    State.AUDITED: frozenset({State.LANDED, State.PUBLISHED, State.HELD, State.REJECTED}),
    State.HELD: frozenset({State.LANDED, State.REJECTED}),
    State.PUBLISHED: frozenset(),
    State.REJECTED: frozenset({State.LANDED}),
}
"""State -> those that may follow it. Landed again is staged again: by a killed run, a decision, or a file sent once more."""
ON_ITS_WAY = (State.LANDED, State.STAGED, State.AUDITED)
"""Not at an end yet: the pipeline goes on by itself."""
HANDLED = (State.PUBLISHED, State.HELD)
"""Its rows count, or wait for a person: the same file again is a duplicate."""
