"""Read who can open a backup: age identities in files, their public recipients on the command line.

The job that makes a backup knows the public recipient only, so nothing on the server opens what it wrote yesterday.
An identity file is the usual one of age (`age-keygen`), or the same under a passphrase (`age -p`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from talentpool.errors import KeyMissingError, UsageError
from talentpool.private_files import create
from talentpool.settings import Settings

if TYPE_CHECKING:
    from pyrage.x25519 import Identity, Recipient

_SECRET = "AGE-SECRET-KEY-"  # noqa: S105 - the first letters of every identity


def demo_identity(settings: Settings) -> Path:
    """Where an embedded demo keeps the identity that it makes for itself."""
    return settings.home / "backup-identity.txt"


def new_identity(path: Path, passphrase: str | None = None) -> str:
    """Write a new identity (0600), under a passphrase if one is given; returns its recipient."""
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    text = f"# public key: {identity.to_public()}\n{identity}\n".encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        create(path, text if passphrase is None else pyrage.passphrase.encrypt(text, passphrase), durable=True)
    except FileExistsError:
        raise UsageError(f"{path} exists; an identity file is never overwritten, because backups need it") from None
    return str(identity.to_public())


def recipients(settings: Settings, named: Sequence[str]) -> list[Recipient]:
    """The recipients a backup is encrypted to. A demo that names none gets an identity of its own on first use."""
    import pyrage

    if not named and settings.embedded:
        path = demo_identity(settings)
        if not path.exists():
            new_identity(path)
        return [identity.to_public() for identity in _read(path, None)]
    if not named:
        raise UsageError(
            "a backup needs a recipient who can open it: name --recipient age1...; "
            "talentpool backup --new-identity FILE makes an identity and prints its recipient"
        )
    try:
        return [pyrage.x25519.Recipient.from_str(text) for text in named]
    except pyrage.RecipientError:
        raise UsageError("a --recipient is the public key of an age identity: age1 and 58 more signs") from None


def identities(settings: Settings, files: Sequence[Path], passphrase: str | None) -> list[Identity]:
    """The identities of the files; a demo that names none uses its own."""
    if not files and settings.embedded and demo_identity(settings).exists():
        files = [demo_identity(settings)]
    if not files:
        raise UsageError("the backup is encrypted: name --identity FILE, the identity of one of its recipients")
    return [identity for path in files for identity in _read(path, passphrase)]


def _read(path: Path, passphrase: str | None) -> list[Identity]:
    import pyrage

    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"the identity {path} cannot be read ({type(error).__name__})") from None
    if raw.startswith(b"age-encryption.org/"):
        if passphrase is None:
            raise UsageError(f"the identity {path} is protected by a passphrase: give it with --passphrase-file FILE")
        try:
            raw = pyrage.passphrase.decrypt(raw, passphrase)
        except pyrage.DecryptError:
            raise KeyMissingError(f"the passphrase does not open the identity {path}") from None
    try:
        found = [
            pyrage.x25519.Identity.from_str(line)
            for line in raw.decode("ascii", "replace").split()
            if line.startswith(_SECRET)
        ]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise UsageError(f"{path} holds no age identity (a line that begins with {_SECRET})")
    return found
