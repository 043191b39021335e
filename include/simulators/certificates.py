"""Certificates for simulated HTTPS servers, made once in a folder: a private CA, a good one, and three that are not."""

from __future__ import annotations

import fcntl
import ipaddress
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

GOOD, EXPIRED, OTHER_NAME, OTHER_CA = "good", "expired", "other_name", "other_ca"
KINDS = (GOOD, EXPIRED, OTHER_NAME, OTHER_CA)
HERE: tuple[x509.GeneralName, ...] = (
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    *(x509.DNSName(name) for name in ("localhost", "partner-sf", "partner-meituan")),  # the latter in docker-compose
)
ELSEWHERE: tuple[x509.GeneralName, ...] = (x509.DNSName("elsewhere.example"),)


def make_certificates(folder: Path) -> dict[str, str]:
    """Make what is missing; `ca` is the CA's certificate as a connection has it. <kind>.pem holds key and certificate."""
    with alone(folder):
        _make_missing(folder)
    return {"ca": (folder / "ca.pem").read_text(encoding="ascii")}


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Make the folder, and be the only process that makes something in it: server and client may begin together."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_missing(folder: Path) -> None:
    public = folder / "ca.pem"
    if not all(path.is_file() for path in (public, *(folder / f"{kind}.pem" for kind in KINDS))):
        now = datetime.now(UTC)
        ours, strange = _authority("talentpool simulated CA", now), _authority("somebody else's CA", now)
        year = timedelta(days=365)
        _write(folder / f"{GOOD}.pem", _issued(ours, HERE, now - timedelta(days=1), now + 5 * year))
        _write(folder / f"{EXPIRED}.pem", _issued(ours, HERE, now - 2 * year, now - timedelta(days=1)))
        _write(folder / f"{OTHER_NAME}.pem", _issued(ours, ELSEWHERE, now - timedelta(days=1), now + 5 * year))
        _write(folder / f"{OTHER_CA}.pem", _issued(strange, HERE, now - timedelta(days=1), now + 5 * year))
        _write(public, ours[1].public_bytes(serialization.Encoding.PEM))


Authority = tuple[ec.EllipticCurvePrivateKey, x509.Certificate]


def _authority(name: str, now: datetime) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = _builder(key, subject, subject, now - timedelta(days=3 * 365), now + timedelta(days=10 * 365))
    certificate = (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return key, certificate


def _issued(
    authority: Authority, names: tuple[x509.GeneralName, ...], not_before: datetime, not_after: datetime
) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "simulated partner")])
    certificate = (
        _builder(key, subject, authority[1].subject, not_before, not_after)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority[0].public_key()), critical=False)
        .sign(authority[0], hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return secret + certificate.public_bytes(serialization.Encoding.PEM)


def _builder(
    key: ec.EllipticCurvePrivateKey, subject: x509.Name, issuer: x509.Name, not_before: datetime, not_after: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _write(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
