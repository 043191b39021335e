"""Remember when the last backup was made here and last restored: `doctor` asks for it.

The first stands in the deployment's home; the second beside the backups, because a restore is tried elsewhere.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from talentpool.services.backup.manifest import DATABASE_FOLDER
from talentpool.settings import Settings

LAST, LAST_KEYS, RESTORED = "last_backup.json", "last_keys_backup.json", "restored.json"


@dataclass(frozen=True)
class Remembered:
    """`folder`: where backups go; `reachable`: seen from here; `restored_at`, `keys_made_at`: None = never."""

    made_at: datetime
    folder: Path
    reachable: bool
    restored_at: datetime | None
    keys_made_at: datetime | None


def remember_backup(settings: Settings, out: Path) -> None:
    """A database backup was written into `out` just now."""
    settings.home.mkdir(parents=True, exist_ok=True)
    _write(settings.home / LAST, {"made_at": _now(), "folder": str(out.resolve())})


def remember_keys_backup(settings: Settings) -> None:
    """The keys backup was replaced just now, wherever it is kept."""
    settings.home.mkdir(parents=True, exist_ok=True)
    _write(settings.home / LAST_KEYS, {"made_at": _now()})


def remember_restore(source: Path) -> None:
    """A backup out of `source` was restored just now. A medium that cannot be written to remembers nothing."""
    folder = source.parent if source.name.startswith(DATABASE_FOLDER) else source
    with suppress(OSError):
        _write(folder / RESTORED, {"restored_at": _now()})


def remembered(settings: Settings) -> Remembered | None:
    """None when no backup was ever made from here."""
    last = _read(settings.home / LAST)
    if last is None:
        return None
    folder = Path(last["folder"])
    restored, keys = _read(folder / RESTORED), _read(settings.home / LAST_KEYS)
    return Remembered(
        datetime.fromisoformat(last["made_at"]), folder, folder.is_dir(),
        datetime.fromisoformat(restored["restored_at"]) if restored else None,
        datetime.fromisoformat(keys["made_at"]) if keys else None,
    )  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _write(path: Path, facts: dict[str, str]) -> None:
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_text(json.dumps(facts), encoding="utf-8")
    unfinished.replace(path)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found
