"""Encrypt a file that leaves to one named recipient: age, OpenPGP, or a zip under AES-256 with a password of its own.

Outside names tell nothing: a zip shows the names inside it without a password, so the one inside is a number too.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import date
from io import BytesIO

from talentpool.errors import UsageError
from talentpool.guard.openpgp import encrypt_openpgp, read_certificate

SUFFIXES = {"age": "{kind}.age", "openpgp": "{kind}.pgp", "zip": ".zip"}
"""Of a file outside; {kind}: what it is inside, .xlsx or .pdf."""
PASSWORD_BYTES = 18
LEAST_SIGNS = 12
"""Of a password that Office asks for."""


def check_public_key(kind: str, public_key: str) -> None:
    """UsageError when `public_key` is none of its kind, or nobody's to encrypt to. Whether it has run out is asked on the
    day of an export."""
    seal_file(kind, public_key, "", "probe", b"probe", on=date.min)


def new_password() -> str:
    """The password of one export to a zip recipient: 144 random bits as 24 signs, kept nowhere by us."""
    return secrets.token_urlsafe(PASSWORD_BYTES)


def key_print(kind: str, public_key: str | None, on: date) -> str:
    """What names the key on record: an OpenPGP fingerprint, else a hash of the key; '' for a zip."""
    if not public_key:
        return ""
    if kind == "openpgp":
        return str(read_certificate(public_key, on).fingerprint)
    return hashlib.sha256(public_key.encode()).hexdigest()[:32]


def seal_file(kind: str, public_key: str | None, password: str, name: str, content: bytes, *, on: date) -> bytes:
    """`content` as only the recipient reads it; `name` is the neutral one inside a zip, `on` the day of the export."""
    if kind == "age":
        return _age(public_key or "", content)
    if kind == "openpgp":
        return encrypt_openpgp(content, public_key or "", on)
    return _zip(password, name, content)


def lock_workbook(workbook: bytes, password: str) -> bytes:
    """The workbook under ECMA-376 agile encryption (AES-256, SHA-512), as Office and WPS write and open it.

    UsageError for a password of fewer than LEAST_SIGNS characters.
    """
    import msoffcrypto.format.ooxml  # type: ignore[import-untyped]

    if len(password) < LEAST_SIGNS:
        raise UsageError(f"a password for a workbook has at least {LEAST_SIGNS} characters")
    sealed = BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(BytesIO(workbook)).encrypt(password, sealed)
    return sealed.getvalue()


def _age(public_key: str, content: bytes) -> bytes:
    import pyrage

    try:
        to = pyrage.x25519.Recipient.from_str(public_key)
    except pyrage.RecipientError as error:
        raise UsageError("that is not an age public key; it begins with age1") from error
    return bytes(pyrage.encrypt(content, [to]))


def _zip(password: str, name: str, content: bytes) -> bytes:
    import pyzipper

    packed = BytesIO()
    with pyzipper.AESZipFile(packed, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as file:
        file.setpassword(password.encode())
        file.setencryption(pyzipper.WZ_AES, nbits=256)
        file.writestr(name, content)
    return packed.getvalue()
