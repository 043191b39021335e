"""Keys: one file per key in one folder, told apart from wrong ones before any data is touched.

The folder belongs to one deployment and is backed up apart from the databases. The suppression, record_id and
person_id keys are never rotated: ids and suppressions hang on them for ever.
"""

from __future__ import annotations

import hmac
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects.postgresql import insert

from talentpool.errors import KeyMissingError, TamperedError
from talentpool.model import key_check
from talentpool.settings import Settings

KEY_VERSION = 1
KEY_BYTES = 32
KEY_NAMES = (
    "envelope",  # wraps the data key of each delivery
    "record_id",
    "person_id",
    "suppression",
    "row_hash",
    "index_id_number",
    "index_mobile",
    "index_name_county",
    "match",
    "list_row",
    "landing",
)
_NONCE = 12


@dataclass(frozen=True, repr=False)
class DataKey:
    """A delivery's data key: `plain` for this task's memory, `wrapped` for the delivery's row."""

    plain: bytes
    wrapped: bytes


class KeyRing:
    """The keys of one deployment, by name. `repr` shows names only."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._keys = keys

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(sorted(self._keys))})"

    @classmethod
    def load(cls, folder: Path, *, create: bool) -> KeyRing:
        """Read every key; with `create`, make all of them when the folder holds none.

        KeyMissingError names the key that is missing or unreadable. A missing key beside others is never made
        anew: data written with the lost one would be silently orphaned.
        """
        if create and not any(folder.glob("*.key")):
            _make(folder)
        return cls({name: _read(folder, name) for name in KEY_NAMES})

    def key(self, name: str) -> bytes:
        """The 32 bytes of key `name`."""
        if name not in self._keys:
            raise KeyMissingError(f"no key {name!r}; known: {', '.join(KEY_NAMES)}")
        return self._keys[name]

    def new_data_key(self) -> DataKey:
        """A fresh data key, and itself under the envelope key."""
        plain = secrets.token_bytes(KEY_BYTES)
        nonce = os.urandom(_NONCE)
        wrapped = nonce + AESGCM(self.key("envelope")).encrypt(nonce, plain, _wrap_context())
        return DataKey(plain, wrapped)

    def unwrap(self, wrapped: bytes) -> bytes:
        """The data key inside `wrapped`; TamperedError when the envelope key does not open it."""
        wrapped = bytes(wrapped)
        try:
            return AESGCM(self.key("envelope")).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _wrap_context())
        except InvalidTag as error:
            raise TamperedError("a delivery's data key does not open with key 'envelope'") from error

    def check(self, engine: sa.Engine) -> None:
        """Compare with the fingerprints in the database, recorded on first use; KeyMissingError names a wrong key."""
        found = {name: _fingerprint(name, key) for name, key in self._keys.items()}
        with engine.begin() as conn:
            rows = [{"key_id": name, "fingerprint": print_} for name, print_ in sorted(found.items())]
            conn.execute(insert(key_check).on_conflict_do_nothing(), rows)
            known = dict(conn.execute(sa.select(key_check.c.key_id, key_check.c.fingerprint)).all())
            wrong = sorted(name for name, print_ in found.items() if known[name] != print_)
            if wrong:  # raised inside, so that a wrong folder leaves no fingerprint behind
                raise KeyMissingError(
                    f"key {', '.join(wrong)} is not the one this database was written with; "
                    "point TALENTPOOL_KEYS at the right folder. No data was touched."
                )


def open_keys(settings: Settings, engine: sa.Engine) -> KeyRing:
    """The deployment's keys, checked against the database; an embedded deployment makes its own on first use."""
    keys = KeyRing.load(settings.keys_dir, create=settings.embedded)
    keys.check(engine)
    return keys


def _wrap_context() -> bytes:
    return b"talentpool data key|%d" % KEY_VERSION


def _fingerprint(name: str, key: bytes) -> str:
    return hmac.digest(key, b"talentpool key check|" + name.encode(), "sha256").hex()[:32]


def _read(folder: Path, name: str) -> bytes:
    path = folder / f"{name}.key"
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        raise KeyMissingError(f"key {name!r} is missing: {path}; restore it from the keys' backup") from None
    except (OSError, ValueError) as error:
        raise KeyMissingError(f"key {name!r} is not readable: {path} ({type(error).__name__})") from None
    if len(key) != KEY_BYTES:
        raise KeyMissingError(f"key {name!r} is {len(key)} bytes, not {KEY_BYTES}: {path}")
    return key


def _make(folder: Path) -> None:
    """Write all keys into a folder beside, then move it into place: of two processes at once the first one wins."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".keys-"))  # 0700
    try:
        for name in KEY_NAMES:
            descriptor = os.open(fresh / f"{name}.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(KEY_BYTES))
                file.flush()
                os.fsync(descriptor)  # data outlives a power cut only together with its keys
        fresh.rename(folder)  # atomic; replaces an empty folder, fails on a filled one
    except OSError:
        if not any(folder.glob("*.key")):
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
