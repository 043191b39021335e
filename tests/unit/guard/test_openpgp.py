"""OpenPGP as recipients use it: only the owner opens, and no key that must not be used is used."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta

import pytest
from pysequoia import Cert, Tsk, decrypt

from talentpool.errors import UsageError
from talentpool.guard.openpgp import encrypt_openpgp, read_certificate

TODAY = datetime.now(UTC).date()
SHEET = b"PK\x03\x04" + bytes(range(256)) * 40


def test_only_the_owner_of_the_key_opens_the_file() -> None:
    hers, others = Tsk.generate("county@example.org"), Tsk.generate("other@example.org")
    sealed = encrypt_openpgp(SHEET, str(hers.extract_certificate()), TODAY)
    assert SHEET[:40] not in sealed
    assert decrypt(sealed, decryptor=hers.decryptor()).bytes == SHEET
    with pytest.raises(RuntimeError):
        decrypt(sealed, decryptor=others.decryptor())
    with pytest.raises(RuntimeError):
        decrypt(sealed[:-20] + bytes(20), decryptor=hers.decryptor())


def test_a_key_in_one_line_is_the_same_key() -> None:
    tsk = Tsk.generate("county@example.org")
    armored = str(tsk.extract_certificate())
    line = base64.b64encode(bytes(tsk.extract_certificate())).decode()
    assert read_certificate(line, TODAY).fingerprint == read_certificate(armored, TODAY).fingerprint
    assert decrypt(encrypt_openpgp(SHEET, line, TODAY), decryptor=tsk.decryptor()).bytes == SHEET


def test_a_key_that_ran_out_or_was_revoked_is_not_encrypted_to() -> None:
    """The library itself encrypts to both."""
    tsk = Tsk.generate("county@example.org", validity_seconds=86_400 * 40)
    cert = tsk.extract_certificate()
    assert encrypt_openpgp(SHEET, str(cert), TODAY)
    with pytest.raises(UsageError, match="expired on"):
        encrypt_openpgp(SHEET, str(cert), TODAY + timedelta(days=41))
    revoked = Cert.from_bytes(bytes(cert) + bytes(cert.revoke(certifier=tsk.certifier())))
    with pytest.raises(UsageError, match="revoked"):
        encrypt_openpgp(SHEET, str(revoked), TODAY)


def test_a_secret_key_is_refused_and_not_repeated() -> None:
    tsk = Tsk.generate("county@example.org")
    secret = base64.b64encode(bytes(tsk)).decode()
    with pytest.raises(UsageError, match="secret") as refused:
        encrypt_openpgp(SHEET, secret, TODAY)
    assert secret[:60] not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["", "age1qqqq", "不是密钥", "bm90IGEga2V5", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nbm90\n"],
)
def test_what_is_no_key_is_refused_in_words(text: str) -> None:
    with pytest.raises(UsageError, match="not an OpenPGP key") as refused:
        read_certificate(text, date(2026, 11, 24))
    assert refused.value.__context__ is None or refused.value.__suppress_context__, "the library's text carries a stack"


def test_two_keys_in_one_place_are_refused() -> None:
    both = b"".join(bytes(Tsk.generate(name).extract_certificate()) for name in ("a", "b"))
    with pytest.raises(UsageError, match="2 OpenPGP keys"):
        read_certificate(base64.b64encode(both).decode(), TODAY)
