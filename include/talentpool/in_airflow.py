"""Name what must stand in Airflow for the product to work: DAGs, tasks and doctor speak of the same things.

Nothing of Airflow is imported: the doctor looks at it from outside, in its database.
"""

from __future__ import annotations

MATCHING = "matching"
"""The pool of whatever matches: of one slot, so that of all DAGs one matches at a time. A task whose pool is not there never
starts, and nobody is told: a deployment makes it before anything runs (docs/adr/0069)."""
MATCHING_SLOTS = 1
MATCHING_FOR = "one match at a time"

NIGHTLY = ("audit__verify", "accounts__compare", "pool__catch_up")
"""DAGs that look after something every night, and are not paused when they come (docs/adr/0068)."""

CALENDAR = "calendar__start"
"""The DAG that starts the runs of days that officers moved or added, every morning; it is not paused when it comes either."""

RECEIPTS = "receipts__collect"
"""The DAG that takes receipts out of drop folders and from partners' servers every morning; it is not paused either."""
ALARM_LOOK, ALARM_SEND = "alarm__look", "alarm__send"
"""The DAGs that look every morning whether anything is late, stuck or missing, and that send what was found."""
LETTERS = "letters__send"
"""The DAG that writes to partners what was wrong with their deliveries, through the office's day."""
RETENTION = "retention__daily"
"""The DAG that lets everything go whose term is over, before the night's backup."""
DAILY = (*NIGHTLY, RETENTION, CALENDAR, RECEIPTS, ALARM_LOOK, ALARM_SEND, LETTERS)
"""All that runs by itself, whatever rosters and campaigns there are; none of it is paused when it comes."""

HEARING = ("pool__people", "quality__report")
"""DAGs that other DAGs' events start. An event for a paused one is lost, so they are not paused when they come either."""
