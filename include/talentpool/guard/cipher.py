"""Seal and open records: a row's personal values as one AES-256-GCM ciphertext, bound to its record id.

Key of a record = HMAC-SHA256(data key of its delivery, salt of the record), so that deleting the salt is an erasure
that reaches backups. The nonce is random; the AAD is record id | family | key version, so that ciphertext put into
another row is refused.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from talentpool.errors import TamperedError
from talentpool.guard.keys import KEY_VERSION

if TYPE_CHECKING:
    import pyarrow as pa

NONCE = 12
SALT = 16
SEPARATOR = "\x1f"
_FORMER = b"talentpool former data key"
_FAMILY = b"|person|%d" % KEY_VERSION


@dataclass(frozen=True, repr=False)
class Personal:
    """The values of a person that are sealed; '' where there is none. Its repr shows nothing."""

    name: str = ""
    name_original: str = ""
    document_no: str = ""
    mobile: str = ""
    mobile2: str = ""

    def __repr__(self) -> str:
        return "Personal(sealed)"

    def pack(self) -> bytes:
        """UTF-8 fields joined by U+001F; one inside a value (a roster may hold anything) becomes a space."""
        values = (self.name, self.name_original, self.document_no, self.mobile, self.mobile2)
        joined = SEPARATOR.join(values)
        if joined.count(SEPARATOR) >= len(values):
            joined = SEPARATOR.join(value.replace(SEPARATOR, " ") for value in values)
        return joined.encode()

    @classmethod
    def unpack(cls, payload: bytes) -> Personal:
        """TamperedError when `payload` does not hold exactly these fields."""
        values = payload.decode().split(SEPARATOR)
        if len(values) != len(PERSONAL_FIELDS):
            raise TamperedError("a sealed record does not hold the fields it must; it was not sealed by this version")
        return cls(*values)


def pack_many(columns: Sequence[pa.Array]) -> list[bytes]:
    """Personal.pack() of every row of five string columns, in the order of the fields."""
    import pyarrow as pa
    import pyarrow.compute as pc

    clean = [
        pc.replace_substring(column, SEPARATOR, " ")
        if pc.any(pc.match_substring(column, SEPARATOR)).as_py()
        else column
        for column in columns
    ]
    packed: list[bytes] = pc.binary_join_element_wise(*clean, SEPARATOR).cast(pa.binary()).to_pylist()
    return packed


PERSONAL_FIELDS = tuple(field.name for field in fields(Personal))


def seal_many(
    data_key: bytes, record_ids: Sequence[bytes], payloads: Sequence[bytes]
) -> tuple[list[bytes], list[bytes]]:
    """Seal one payload per record. Returns (sealed = nonce | ciphertext | tag, salts), in order."""
    count = len(record_ids)
    noise = os.urandom(count * (NONCE + SALT))
    base = HMAC(data_key, SHA256())
    sealed, salts = [], []
    for index, (record, payload) in enumerate(zip(record_ids, payloads, strict=True)):
        start = index * (NONCE + SALT)
        nonce, salt = noise[start : start + NONCE], noise[start + NONCE : start + NONCE + SALT]
        derive = base.copy()
        derive.update(salt)
        sealed.append(nonce + AESGCM(derive.finalize()).encrypt(nonce, payload, record + _FAMILY))
        salts.append(salt)
    return sealed, salts


def wrap_former(data_key: bytes, former: bytes) -> bytes:
    """The data key before, kept under the one that takes its place until all records are sealed anew."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(data_key).encrypt(nonce, former, _FORMER)


def open_former(data_key: bytes, wrapped: bytes) -> bytes:
    """What wrap_former() kept."""
    try:
        return AESGCM(data_key).decrypt(wrapped[:NONCE], wrapped[NONCE:], _FORMER)
    except InvalidTag as error:
        raise TamperedError("a delivery's former data key does not open with its data key") from error


def reseal(former: bytes, data_key: bytes, salt: bytes, record_id: bytes, sealed: bytes) -> bytes:
    """The same payload under another data key, with the same salt; TamperedError when `former` does not open it."""
    payload = _opened(former, salt, record_id, sealed)
    derive = HMAC(data_key, SHA256())
    derive.update(salt)
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(derive.finalize()).encrypt(nonce, payload, record_id + _FAMILY)


def open_record(data_key: bytes, salt: bytes, record_id: bytes, sealed: bytes) -> Personal:
    """The values inside `sealed`; TamperedError when it is not this record's, or was changed."""
    return Personal.unpack(_opened(data_key, salt, record_id, sealed))


class PayloadOpener:
    """Opens many records under one data key: its HMAC is prepared once."""

    def __init__(self, data_key: bytes) -> None:
        self._base = HMAC(data_key, SHA256())

    def open(self, salt: bytes, record_id: bytes, sealed: bytes) -> bytes:
        """The payload; TamperedError when it is not this record's, or was changed."""
        derive = self._base.copy()
        derive.update(salt)
        try:
            return AESGCM(derive.finalize()).decrypt(sealed[:NONCE], sealed[NONCE:], record_id + _FAMILY)
        except InvalidTag as error:
            raise TamperedError("a sealed record does not open: changed, or moved from another record") from error


def unpack_many(payloads: Sequence[bytes]) -> list[pa.Array]:
    """Personal.unpack() of every payload, as five string columns in the order of the fields."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        values = pc.split_pattern(pa.array(payloads, pa.binary()).cast(pa.string()), SEPARATOR)
    except pa.ArrowInvalid as error:
        raise TamperedError("a sealed record does not hold text; it was not sealed by this version") from error
    width = len(PERSONAL_FIELDS)
    if not pc.all(pc.equal(pc.list_value_length(values), width), min_count=0).as_py():
        raise TamperedError("a sealed record does not hold the fields it must; it was not sealed by this version")
    flat = values.flatten()
    return [flat.take(pa.array(np.arange(at, len(flat), width))) for at in range(width)]


def _opened(data_key: bytes, salt: bytes, record_id: bytes, sealed: bytes) -> bytes:
    return PayloadOpener(data_key).open(salt, record_id, sealed)
