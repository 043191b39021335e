"""Wrap the data key of each delivery with the envelope key: in our memory, or in a KMS or HSM through Tink.

Both are Tink's Aead in shape. With a KMS the envelope key is never here: each data key is wrapped and unwrapped there.
"""

from __future__ import annotations

import os
import re
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from talentpool.errors import KeyMissingError, TamperedError, UnavailableError

_NONCE = 12
_ADDRESS = re.compile(r"[a-z][a-z0-9-]*://\S+")
_DOES_NOT_OPEN = re.compile("invalid.?ciphertext|authentication failed|decryption failed", re.IGNORECASE)


class Envelope(Protocol):
    """Tink's Aead."""

    def encrypt(self, plaintext: bytes, associated_data: bytes) -> bytes: ...
    def decrypt(self, ciphertext: bytes, associated_data: bytes) -> bytes: ...


def is_address(text: str) -> bool:
    """Whether a key's text names a key in a KMS: aws-kms://arn..., gcp-kms://projects/..., hcvault://host/transit/keys/x."""
    return _ADDRESS.fullmatch(text) is not None


class LocalEnvelope:
    """AES-256-GCM: nonce | ciphertext | tag."""

    def __init__(self, key_id: str, key: bytes) -> None:
        self._id, self._cipher = key_id, AESGCM(key)

    def encrypt(self, plaintext: bytes, associated_data: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plaintext, associated_data)

    def decrypt(self, ciphertext: bytes, associated_data: bytes) -> bytes:
        try:
            return self._cipher.decrypt(ciphertext[:_NONCE], ciphertext[_NONCE:], associated_data)
        except InvalidTag as error:
            raise TamperedError(f"a delivery's data key does not open with key {self._id!r}") from error


class KmsEnvelope:
    """A key in a KMS. UnavailableError when it cannot be asked, TamperedError when it says that this is not its own."""

    def __init__(self, key_id: str, address: str) -> None:
        self._id, self._address = key_id, address
        self._aead: Envelope | None = None

    def encrypt(self, plaintext: bytes, associated_data: bytes) -> bytes:
        return self._asked("encrypt", plaintext, associated_data)

    def decrypt(self, ciphertext: bytes, associated_data: bytes) -> bytes:
        return self._asked("decrypt", ciphertext, associated_data)

    def _asked(self, what: str, text: bytes, associated_data: bytes) -> bytes:
        try:
            if self._aead is None:
                self._aead = _aead(self._id, self._address)
            return bytes(getattr(self._aead, what)(text, associated_data))
        except KeyMissingError:
            raise
        except Exception as error:
            if what == "decrypt" and _DOES_NOT_OPEN.search(str(error)):
                raise TamperedError(f"a delivery's data key does not open with key {self._id!r}") from error
            raise UnavailableError(
                f"key {self._id!r} in the KMS cannot be used ({type(error).__name__}); "
                "check the KMS, its address and our rights there"
            ) from error


def _aead(key_id: str, address: str) -> Envelope:
    """By a client that the deployment registered with Tink (an HSM of its own), or by one of those Tink brings."""
    import tink

    kind, _, path = address.partition("://")
    try:
        return tink.kms_client_from_uri(address).get_aead(address)
    except tink.TinkError:
        pass  # nobody registered one: the usual case
    try:
        if kind == "aws-kms":
            from tink.integration import awskms

            return awskms.AwsKmsClient(address, None).get_aead(address)
        if kind == "gcp-kms":
            from tink.integration import gcpkms

            return gcpkms.GcpKmsClient(address, None).get_aead(address)
        if kind == "hcvault":
            import hvac
            from tink.integration import hcvault

            return hcvault.new_aead(path, hvac.Client())
    except ImportError as error:
        raise KeyMissingError(
            f"key {key_id!r} is in a KMS whose client is not installed: pip install 'tink[{kind.replace('-', '')}]'"
        ) from error
    raise KeyMissingError(f"key {key_id!r} is in a KMS of unknown kind {kind!r}; known: aws-kms, gcp-kms, hcvault")
