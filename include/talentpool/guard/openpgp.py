"""Encrypt files for a recipient who works with OpenPGP (GnuPG, Kleopatra, Thunderbird).

The library encrypts to whatever key it is given: to one that has run out, to one its owner has revoked, to a person's
secret key. So the certificate is judged here first, on the day of the export.
"""

from __future__ import annotations

import base64
from datetime import date
from typing import TYPE_CHECKING

from talentpool.errors import UsageError

if TYPE_CHECKING:
    from pysequoia import Cert

ARMOR = "-----BEGIN PGP "


def encrypt_openpgp(content: bytes, certificate: str, on: date) -> bytes:
    """`content` as a binary OpenPGP message that only the certificate's owner opens.

    UsageError says what is wrong with a certificate that is not to be used on the day.
    """
    from pysequoia import encrypt

    cert = read_certificate(certificate, on)
    try:
        return bytes(encrypt(content, recipients=[cert], armor=False))
    except RuntimeError:  # the library's text carries a stack
        raise UsageError(
            f"the OpenPGP key {cert.fingerprint} cannot be used to encrypt; ask its owner for a key that can"
        ) from None


def read_certificate(text: str, on: date) -> Cert:
    """A certificate from its armor, or from its bytes as base64 in one line, as a table keeps it. UsageError otherwise."""
    from pysequoia import Cert
    from pysequoia.packet import PacketPile, Tag

    data = text.strip().encode() if text.lstrip().startswith(ARMOR) else _bytes(text)
    try:
        found = list(Cert.split_bytes(data))
        secret = any(packet.tag in (Tag.SecretKey, Tag.SecretSubkey) for packet in PacketPile.from_bytes(data))
    except RuntimeError:
        raise _unreadable() from None
    if not found:
        raise _unreadable()
    if len(found) > 1:
        raise UsageError(f"{len(found)} OpenPGP keys were given; a recipient has exactly one")
    cert = found[0]
    if secret:
        raise UsageError(
            f"the OpenPGP key {cert.fingerprint} is a secret key: its owner must revoke it and send the public key"
        )
    if cert.is_revoked:
        raise UsageError(f"the OpenPGP key {cert.fingerprint} was revoked by its owner; ask for the new one")
    if cert.expiration is not None and cert.expiration.date() <= on:
        raise UsageError(
            f"the OpenPGP key {cert.fingerprint} expired on {cert.expiration.date()}; ask its owner to extend it"
        )
    return cert


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:  # also what binascii raises
        raise _unreadable() from None


def _unreadable() -> UsageError:
    return UsageError(
        "not an OpenPGP key; give what `gpg --export --armor NAME` prints, or `gpg --export NAME | base64 -w0` in one line"
    )
