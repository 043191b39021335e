"""Decide whom an HTTPS connection trusts, and explain a failure. Verification cannot be turned off."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from talentpool.acquire.connection import Connection
from talentpool.errors import UnavailableError

_NOT_YET, _EXPIRED = 9, 10
_OTHER_NAME, _OTHER_ADDRESS = 62, 64


def trust(connection: Connection) -> ssl.SSLContext:
    """The private CA in the connection's `ca` (PEM text) alone; without one, the public CAs."""
    import certifi

    ca = connection.extra.get("ca")
    if not ca:
        return ssl.create_default_context(cafile=certifi.where())
    try:
        return ssl.create_default_context(cadata=ca)
    except (ssl.SSLError, ValueError, TypeError):
        raise UnavailableError(
            f"connection {connection.conn_id!r}: `ca` is not a certificate; it is PEM text, -----BEGIN CERTIFICATE-----"
        ) from None


def explain_tls(error: BaseException) -> str | None:
    """What is wrong with the server's certificate; None when it is not about that."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _why(cause.verify_code)
    return None


def _why(code: int) -> str:
    if code == _EXPIRED:
        return "its certificate has expired; ask the partner to renew it"
    if code == _NOT_YET:
        return "its certificate is not valid yet; check this machine's clock, then ask the partner"
    if code in (_OTHER_NAME, _OTHER_ADDRESS):
        return "its certificate is made out to another name; check the connection's host, then ask the partner"
    return "its certificate is not signed by a CA we trust; check `ca` of the connection, then ask the partner"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < 10:
        yield error
        error, seen = error.__cause__ or error.__context__, seen + 1
