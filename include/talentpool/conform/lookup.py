"""Make the blind index of one value that somebody searches for, exactly as conform makes it of a cell."""

from __future__ import annotations

from uuid import UUID

from talentpool.conform.characters.invisible import visible
from talentpool.conform.values.documents import USABLE, read_document
from talentpool.conform.values.mobiles import read_mobile
from talentpool.conform.values.names import read_name
from talentpool.guard import Blinder, KeyRing
from talentpool.guard.blind import SEPARATOR


def document_index(keys: KeyRing, value: str) -> UUID | None:
    """Of a whole document number; None when it is none that a roster could hold."""
    read = read_document(visible(value))
    return _index(keys, "index_id_number", read.number) if read.status in USABLE else None


def mobile_index(keys: KeyRing, value: str) -> UUID | None:
    """Of a whole mobile number; None when it is none."""
    read = read_mobile(visible(value))
    return _index(keys, "index_mobile", read.number) if read.status == "ok" else None


def name_index(keys: KeyRing, name: str, county: str) -> UUID | None:
    """Of a name in a county; None when it is no name."""
    form = read_name(visible(name)).form
    return _index(keys, "index_name_county", SEPARATOR.decode().join(("", form, county))) if form else None


def name_hash(keys: KeyRing, name: str) -> str:
    """What stands in the log for a name that was looked for: by the key of its index, and no index of any roster."""
    return str(_index(keys, "index_name_county", SEPARATOR.decode().join(("search", read_name(visible(name)).form))))


def _index(keys: KeyRing, key: str, value: str) -> UUID:
    return UUID(bytes=Blinder(keys.key(key)).one(value.encode()))
