"""Place a demo deployment's files, all under TALENTPOOL_HOME/run."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from talentpool.private_files import replace
from talentpool.settings import INCLUDE

PROJECT = INCLUDE.parent


@dataclass(frozen=True)
class Layout:
    """Folders and files of one demo deployment. `inboxes_at`: where its inboxes lie, unset = under `home`."""

    home: Path
    inboxes_at: Path | None = None

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def airflow_home(self) -> Path:
        return self.run / "airflow"

    @property
    def logs(self) -> Path:
        return self.run / "logs"

    @property
    def passwords(self) -> Path:
        return self.run / "passwords.json"

    @property
    def secrets(self) -> Path:
        return self.run / "secrets.json"

    @property
    def processes(self) -> Path:
        return self.run / "processes.json"

    @property
    def lock(self) -> Path:
        return self.run / "lock"

    @property
    def demo(self) -> Path:
        return self.run / "demo"

    @property
    def sftp_root(self) -> Path:
        return self.run / "partners" / "postal"

    @property
    def inboxes(self) -> Path:
        return self.inboxes_at or self.home / "inbox"

    @property
    def inbox(self) -> Path:
        return self.inboxes / "didi"

    @property
    def handed_over(self) -> Path:
        return self.demo / "handed_over"

    @property
    def api_root(self) -> Path:
        return self.run / "partners" / "sf"

    @property
    def bucket_root(self) -> Path:
        return self.run / "partners" / "meituan"

    @property
    def lists(self) -> Path:
        return self.home / "lists"

    def make(self) -> None:
        """All folders, open to their owner only (the embedded server's user passes through `home`)."""
        for folder in (
            self.airflow_home,
            self.logs,
            self.demo,
            self.sftp_root,
            self.inbox,
            self.api_root,
            self.bucket_root,
            self.lists,
        ):
            folder.mkdir(parents=True, exist_ok=True)
        for private in (self.run, self.inboxes, self.inbox):
            with suppress(PermissionError):  # a mount that is another user's; doctor says so
                private.chmod(0o700)


def write_private(path: Path, text: str) -> None:
    """Write `path` whole or not at all, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, text.encode())


def read_secrets(layout: Layout) -> dict[str, str]:
    """Airflow's secrets, made once and used again: sessions and encrypted connections outlive a restart."""
    if layout.secrets.is_file():
        found: dict[str, str] = json.loads(layout.secrets.read_text(encoding="utf-8"))
        return found
    from cryptography.fernet import Fernet

    made = {
        "jwt": secrets.token_hex(64),
        "fernet": Fernet.generate_key().decode(),
        "api": secrets.token_hex(32),
    }
    write_private(layout.secrets, json.dumps(made))
    return made
