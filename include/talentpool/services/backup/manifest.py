"""Write and check a backup's manifest: which state it holds and which keys belong to it. No value of a person.

The manifest of a database backup is a file beside it, written last, under a MAC by one of the deployment's keys: a
dump is executed by the server that restores it, and anybody can encrypt to a public recipient.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from talentpool.deliveries.delivery_state import State
from talentpool.errors import TamperedError, UsageError
from talentpool.guard import KeyRing
from talentpool.model import delivery, key_check
from talentpool.private_files import create

FORMAT = 1
MANIFEST = "manifest.json"
DUMP, AIRFLOW_DUMP, KEYS = "talentpool.dump.age", "airflow.dump.age", "keys.age"
DATABASE_FOLDER, KEYS_FOLDER = "database-", "keys"


@dataclass(frozen=True)
class Manifest:
    """A database backup. `files`: name -> sha256; `rows`: table -> rows; `dumped_by`: major version of pg_dump.

    `deliveries` (number -> tag of its data key, the published ones) and `fingerprints` say which keys belong to it.
    """

    format: int
    made_at: str
    area: str
    revision: str
    digest: str
    digest_version: int
    server: int
    dumped_by: int
    rows: dict[str, int]
    deliveries: dict[str, str]
    fingerprints: dict[str, str]
    files: dict[str, str]
    airflow_dumped_by: int | None = None


def published(conn: sa.Connection) -> dict[str, str]:
    """Published deliveries: number -> the tag of their first data key, so that numbers given twice are told apart."""
    query = sa.select(delivery.c.delivery_id, delivery.c.key_tag).where(delivery.c.state == State.PUBLISHED)
    return {str(row.delivery_id): row.key_tag for row in conn.execute(query.order_by(delivery.c.delivery_id))}


def fingerprints(conn: sa.Connection) -> dict[str, str]:
    rows = conn.execute(sa.select(key_check.c.key_id, key_check.c.fingerprint).order_by(key_check.c.key_id))
    return {row.key_id: row.fingerprint for row in rows}


def write(manifest: Manifest, keys: KeyRing, folder: Path) -> None:
    """Write it into `folder`, down to the disk."""
    body = asdict(manifest)
    text = json.dumps({**body, "mac": _mac(body, keys)}, indent=1, sort_keys=True)
    create(folder / MANIFEST, f"{text}\n".encode("ascii"), durable=True)


def read(folder: Path) -> tuple[Manifest, str]:
    """The manifest and its MAC, not yet believed. UsageError when the folder holds no whole backup."""
    try:
        body: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="ascii"))
    except FileNotFoundError:
        raise UsageError(
            f"{folder} holds no finished backup: there is no {MANIFEST}; take another generation"
        ) from None
    except (OSError, ValueError):
        raise TamperedError(f"{folder / MANIFEST} is damaged; take another generation") from None
    if body.get("format") != FORMAT:
        raise UsageError(f"{folder} was made by another version of talentpool; restore it with that one")
    mac = str(body.pop("mac", ""))
    try:
        return Manifest(**body), mac
    except TypeError:
        raise TamperedError(f"{folder / MANIFEST} is damaged; take another generation") from None


def check_mac(manifest: Manifest, mac: str, keys: KeyRing) -> None:
    """TamperedError when the manifest was not written by the deployment that these keys belong to."""
    if not hmac.compare_digest(mac, _mac(asdict(manifest), keys)):
        raise TamperedError(
            f"the {MANIFEST} of the database backup was changed after it was made; take another generation"
        )


def _mac(body: dict[str, Any], keys: KeyRing) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hmac.digest(keys.key("record_id"), b"talentpool backup manifest|" + text.encode(), "sha256").hex()
