"""Hold a deployment's keys, and refuse wrong ones before any data is touched.

Keys belong to one deployment and are backed up apart from the databases. The suppression, record_id and person_id keys
are never rotated: ids and suppressions hang on them for ever. Of the envelope key there may be several versions,
`envelope`, `envelope.2`, ...; the newest that the database knows wraps, every one it knows unwraps.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.errors import KeyMissingError, UsageError
from talentpool.guard.envelope import Envelope, KmsEnvelope, LocalEnvelope, is_address
from talentpool.guard.sources import ENVELOPE, KEY_BYTES, KeyFolder, KeyLookup, KeySource, from_environment, version
from talentpool.model import key_check
from talentpool.settings import Settings

KEY_VERSION = 1
"""Of how things are sealed, part of what a seal is bound to; not of any key."""
KEY_NAMES = (
    ENVELOPE,  # wraps the data key of each delivery
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
FOR_EVER = ("record_id", "person_id", "suppression")
OTHERS = tuple(name for name in KEY_NAMES if name != ENVELOPE)
_WRAPPED = b"talentpool data key|%d" % KEY_VERSION


@dataclass(frozen=True, repr=False)
class DataKey:
    """A delivery's data key: `plain` for this task's memory, `wrapped` by envelope key `by` for the delivery's row."""

    plain: bytes
    wrapped: bytes
    by: str = ENVELOPE

    def columns(self) -> dict[str, Any]:
        return {"wrapped_key": self.wrapped, "wrapped_by": self.by}


class KeyRing:
    """The keys of one deployment, by id. `repr` shows ids only."""

    def __init__(self, texts: Mapping[str, str], source: KeySource | None = None) -> None:
        self._source = source
        self._texts: dict[str, str] = {}
        self._keys: dict[str, bytes] = {}
        self._envelopes: dict[str, Envelope] = {}
        for key_id, text in texts.items():
            self._add(key_id, text)
        self.current = max(self._envelopes, key=version, default=ENVELOPE)
        """The envelope key that wraps."""

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(sorted(self._texts))})"

    @classmethod
    def load(cls, folder: Path, *, create: bool) -> KeyRing:
        """The keys of a folder; with `create`, make all of them when it holds none.

        A missing key beside others is never made anew: data written with the lost one would be silently orphaned.
        """
        source = KeyFolder(folder)
        if create and not any(folder.glob("*.key")):
            source.make(KEY_NAMES)
        return cls.of(source, source.envelopes())

    @classmethod
    def of(cls, source: KeySource, envelopes: list[str]) -> KeyRing:
        """Every key, and these envelope keys. KeyMissingError names the key that is missing or unreadable."""
        return cls({key_id: _text(source, key_id) for key_id in (*(envelopes or [ENVELOPE]), *OTHERS)}, source)

    def key(self, name: str) -> bytes:
        """The 32 bytes of key `name`."""
        if name not in self._keys:
            raise KeyMissingError(f"no key {name!r}; known: {', '.join(KEY_NAMES)}")
        return self._keys[name]

    def text(self, key_id: str) -> str:
        """A key as it is kept, for a backup; looked up when it came after this ring was made."""
        self.envelope(key_id) if version(key_id) else self.key(key_id)
        return self._texts[key_id]

    def texts(self) -> dict[str, str]:
        """Every key as it is kept, for a process of our own that cannot look for itself."""
        return dict(self._texts)

    def envelope(self, key_id: str) -> Envelope:
        """An envelope key; looked up when it came after this ring was made. KeyMissingError when it is not there."""
        if key_id not in self._envelopes:
            if not version(key_id) or self._source is None:
                raise KeyMissingError(f"key {key_id!r} is missing; restore it from the keys' backup")
            self._add(key_id, _text(self._source, key_id))
        return self._envelopes[key_id]

    def new_data_key(self) -> DataKey:
        """A fresh data key, and itself under the envelope key."""
        return self.wrap(secrets.token_bytes(KEY_BYTES))

    def wrap(self, plain: bytes) -> DataKey:
        return DataKey(plain, self.envelope(self.current).encrypt(plain, _WRAPPED), self.current)

    def unwrap(self, wrapped: bytes, by: str = ENVELOPE) -> bytes:
        """The data key inside `wrapped`; TamperedError when envelope key `by` does not open it."""
        return self.envelope(by).decrypt(bytes(wrapped), _WRAPPED)

    def fingerprint(self, key_id: str) -> str:
        """A keyed hash of a constant (of an address in a KMS: by the address)."""
        key = self._keys.get(key_id) or self._texts[key_id].encode()
        return hmac.digest(key, b"talentpool key check|" + key_id.encode(), "sha256").hex()[:32]

    def check(self, engine: sa.Engine) -> None:
        """Compare with the fingerprints in the database, recorded on first use; KeyMissingError names a wrong key."""
        with engine.begin() as conn:
            before = _known(conn)
            envelopes = [key_id for key_id in before if version(key_id)]
            for key_id in envelopes:
                self.envelope(key_id)
            # a version that the database does not know waits for `talentpool keys rotate`
            ours = sorted((*(envelopes or self._envelopes), *OTHERS))
            found = {key_id: self.fingerprint(key_id) for key_id in ours}
            # a known one is only compared: writing it again would bring back one that is destroyed at this moment
            rows = [{"key_id": key_id, "fingerprint": found[key_id]} for key_id in ours if key_id not in before]
            if rows:
                conn.execute(insert(key_check).on_conflict_do_nothing(), rows)
            known = before | _known(conn)
            wrong = sorted(key_id for key_id, print_ in found.items() if known[key_id] != print_)
            if wrong:  # raised inside, so that a wrong folder leaves no fingerprint behind
                raise KeyMissingError(
                    f"key {', '.join(wrong)} is not the one this database was written with; "
                    "point TALENTPOOL_KEYS at the right folder. No data was touched."
                )
            self.current = max((key_id for key_id in ours if version(key_id)), key=version)

    def _add(self, key_id: str, text: str) -> None:
        if version(key_id) and is_address(text):
            self._envelopes[key_id] = KmsEnvelope(key_id, text)
        else:
            self._keys[key_id] = _bytes(key_id, text)
            if version(key_id):
                self._envelopes[key_id] = LocalEnvelope(key_id, self._keys[key_id])
        self._texts[key_id] = text


def open_keys(settings: Settings, engine: sa.Engine, source: KeySource | None = None) -> KeyRing:
    """The deployment's keys, checked against the database; an embedded deployment makes its own on first use."""
    source = source or source_of(settings)
    if isinstance(source, KeyFolder) and settings.embedded and not any(source.folder.glob("*.key")):
        source.make(KEY_NAMES)
    with engine.connect() as conn:
        known = [key_id for key_id in _known(conn) if version(key_id)]
    keys = KeyRing.of(source, known or source.envelopes())
    keys.check(engine)
    return keys


def unchecked_keys(settings: Settings) -> KeyRing:
    """The deployment's keys for a login that may not read their fingerprints; a wrong one opens nothing."""
    source = source_of(settings)
    return KeyRing.of(source, source.envelopes())


def source_of(settings: Settings) -> KeySource:
    """Where the settings say that keys are kept."""
    if settings.key_source == "airflow":
        raise UsageError(
            "keys are kept in Airflow's secrets backend, which only its tasks can ask; for the command line set "
            "TALENTPOOL_KEY_SOURCE=folder or environment and give it the same keys"
        )
    if settings.key_source == "environment":
        return KeyLookup(from_environment)
    return KeyFolder(settings.keys_dir)


def _known(conn: sa.Connection) -> dict[str, str]:
    found = conn.execute(sa.select(key_check.c.key_id, key_check.c.fingerprint).order_by(key_check.c.key_id))
    return {row.key_id: row.fingerprint for row in found}


def _text(source: KeySource, key_id: str) -> str:
    text = source.read(key_id)
    if text is None:
        raise KeyMissingError(f"key {key_id!r} is missing: {source.where(key_id)}; restore it from the keys' backup")
    return text


def _bytes(key_id: str, text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        raise KeyMissingError(f"key {key_id!r} is damaged: not a line of hex digits; restore it") from None
    if len(key) != KEY_BYTES:
        raise KeyMissingError(f"key {key_id!r} is {len(key)} bytes, not {KEY_BYTES}; restore it from the keys' backup")
    return key
