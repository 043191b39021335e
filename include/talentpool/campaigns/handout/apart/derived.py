"""Derive what a host apart is given and what opens its marks from the deployment's keys, so that none of it is stored."""

from __future__ import annotations

import hmac

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from talentpool.guard import KeyRing


def salt_of(keys: KeyRing, event_id: int) -> str:
    """Of an event's packets, 32 hex digits."""
    return _derived(keys, f"salt|{event_id}")[:16].hex()


def content_key(keys: KeyRing, pass_id: int) -> bytes:
    """What opens the packet of a sign-in; its holder gets it by the code."""
    return _derived(keys, f"content|{pass_id}")


def mark_key(keys: KeyRing, pass_id: int) -> bytes:
    """What a sign-in's records are signed with."""
    return _derived(keys, f"marks|{pass_id}")


def private_key(keys: KeyRing) -> X25519PrivateKey:
    """What opens every sealed record; it never leaves the office."""
    return X25519PrivateKey.from_private_bytes(_derived(keys, "records"))


def public_key(keys: KeyRing) -> bytes:
    """What records are sealed to."""
    return private_key(keys).public_key().public_bytes_raw()


def _derived(keys: KeyRing, what: str) -> bytes:
    """Under a key that is never rotated: a packet outlasts a rotation."""
    key = hmac.digest(keys.key("suppression"), b"talentpool handout host", "sha256")
    return hmac.digest(key, what.encode(), "sha256")
