"""Define what the DAGs tell each other: a roster was published, the pool was made, a list was drawn or locked.

The as-of date is the partition key. A keyed event starts consumers scheduled with PartitionedAssetTimetable only, and an event
without a key starts none of them, silently. So every event of ours goes through `announce`, and every consumer through
`schedule_on`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from airflow.sdk import Asset, AssetAny, PartitionedAssetTimetable

POOL = Asset(name="pool_people", uri="talentpool://pool/people", group="talentpool")


def roster(code: str) -> Asset:
    """The asset of partner `code`'s published rosters."""
    return Asset(name=f"roster_{code}", uri=f"talentpool://roster/{code}", group="talentpool")


def drafted(code: str) -> Asset:
    """The asset of campaign `code`'s drafts, each of which waits for its approvals."""
    return Asset(name=f"list_drafted_{code}", uri=f"talentpool://list/{code}/drafted", group="talentpool")


def list_locked(code: str) -> Asset:
    """The asset of campaign `code`'s locked lists."""
    return Asset(name=f"list_locked_{code}", uri=f"talentpool://list/{code}/locked", group="talentpool")


def schedule_on(assets: Sequence[Asset]) -> PartitionedAssetTimetable:
    """A run whenever any of `assets` is announced; its partition key is the as-of date."""
    return PartitionedAssetTimetable(assets=assets[0] if len(assets) == 1 else AssetAny(*assets))


def announce(outlet_events: Any, asset: Asset, as_of: str, **extra: Any) -> None:
    """Emit `asset` for `as_of` (ISO date); `extra` holds ids and counts only."""
    date.fromisoformat(as_of)
    outlet_events[asset].add_partitions(as_of)
    outlet_events[asset].extra = extra
