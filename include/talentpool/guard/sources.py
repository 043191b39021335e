"""Read keys from where a deployment keeps them: a folder, the environment, mounted secrets, a look-up.

A key is a line of text: 64 hex digits, or, for the envelope key only, the address of a key in a KMS or HSM.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from talentpool.errors import KeyMissingError, UsageError
from talentpool.private_files import create_whole
from talentpool.settings import SECRETS

KEY_BYTES = 32
ENVELOPE = "envelope"
_VERSION = re.compile(r"envelope(?:\.([1-9]\d*))?")
_MOST_VERSIONS = 9
"""How far the first start of a database looks where keys cannot be listed."""


class KeySource(Protocol):
    """What keeps keys."""

    def read(self, key_id: str) -> str | None:
        """The key's text; None when there is no such key."""

    def envelopes(self) -> list[str]:
        """Ids of the envelope keys that are there, oldest first."""

    def where(self, key_id: str) -> str:
        """Where a key stands or would stand, for a message."""

    def write(self, key_id: str, text: str) -> None:
        """Keep a new key. UsageError where keys are not ours to write."""

    def destroy(self, key_id: str) -> None:
        """Let a key go for good. UsageError where keys are not ours."""


def version(key_id: str) -> int:
    """1 of `envelope`, n of `envelope.n`; 0 of every other key."""
    found = _VERSION.fullmatch(key_id)
    return int(found[1] or 1) if found else 0


def envelope_id(number: int) -> str:
    return ENVELOPE if number == 1 else f"{ENVELOPE}.{number}"


def new_text() -> str:
    """A fresh random key."""
    return secrets.token_hex(KEY_BYTES)


@dataclass(frozen=True)
class KeyFolder:
    """One file a key, its owner's alone."""

    folder: Path

    def read(self, key_id: str) -> str | None:
        try:
            return self._path(key_id).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise KeyMissingError(
                f"key {key_id!r} is not readable: {self._path(key_id)} ({type(error).__name__}); "
                "it must belong to the user that runs this, with mode 0600"
            ) from None

    def envelopes(self) -> list[str]:
        return sorted((p.stem for p in self.folder.glob("envelope*.key") if version(p.stem)), key=version)

    def where(self, key_id: str) -> str:
        return str(self._path(key_id))

    def write(self, key_id: str, text: str) -> None:
        try:
            _write(self.folder, key_id, text)
        except OSError as error:
            raise UsageError(
                f"key {key_id!r} cannot be written to {self.folder} ({os.strerror(error.errno or 0)}); "
                "run this where you may write to the folder, or put the file there yourself and run it again"
            ) from error

    def destroy(self, key_id: str) -> None:
        """Overwritten once, then removed. What a copying file system kept of it, it keeps."""
        path = self._path(key_id)
        try:
            with path.open("r+b") as file:
                file.write(b"0" * path.stat().st_size)
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
        except FileNotFoundError:
            return
        except OSError as error:
            raise UsageError(
                f"{path} cannot be removed ({os.strerror(error.errno or 0)}); remove it by hand"
            ) from error

    def make(self, names: tuple[str, ...]) -> None:
        """Write all keys into a folder beside, then move it into place: of two processes at once the first one wins."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=self.folder.parent, prefix=".keys-"))  # 0700
        try:
            for name in names:
                _write(fresh, name, new_text())
            fresh.rename(self.folder)  # atomic; replaces an empty folder, fails on a filled one
        except OSError:
            if not any(self.folder.glob("*.key")):
                raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _path(self, key_id: str) -> Path:
        return self.folder / f"{key_id}.key"


def _write(folder: Path, key_id: str, text: str) -> None:
    """Whole or not at all, never over another one; data outlives a power cut only together with its keys."""
    create_whole(folder / f"{key_id}.key", text.encode("ascii"), durable=True)


@dataclass(frozen=True)
class KeyLookup:
    """Keys that somebody else keeps and we only read, under names like TALENTPOOL_KEY_ENVELOPE_2."""

    look_up: Callable[[str], str | None]
    place: str = "the environment"

    def read(self, key_id: str) -> str | None:
        found = self.look_up(name_of(key_id))
        return found.strip() if found else None

    def envelopes(self) -> list[str]:
        ids = (envelope_id(number) for number in range(1, _MOST_VERSIONS + 1))
        return [key_id for key_id in ids if self.read(key_id)]

    def where(self, key_id: str) -> str:
        return f"{name_of(key_id)} in {self.place}"

    def write(self, key_id: str, text: str) -> None:  # noqa: ARG002 - not ours to write
        raise UsageError(
            f"keys are kept in {self.place}, which this program cannot write: set {name_of(key_id)} there for every process "
            "(`openssl rand -hex 32`, or the address of a key in a KMS), start them anew, then rotate again"
        )

    def destroy(self, key_id: str) -> None:
        raise UsageError(f"nothing uses key {key_id!r} any more; remove {self.where(key_id)} yourself")


def name_of(key_id: str) -> str:
    """The variable of a key."""
    return f"TALENTPOOL_KEY_{key_id.upper().replace('.', '_')}"


def from_environment(name: str) -> str | None:
    """A variable, or the file of its name among a container's secrets."""
    if name in os.environ:
        return os.environ[name]
    try:
        return (SECRETS / name.lower()).read_text(encoding="ascii")
    except OSError:
        return None
