"""Recipients are declared with a key that works, of a division that is: refused before anything would leave."""

from __future__ import annotations

import pysequoia
import pytest

from rosters import Office
from talentpool.errors import UsageError
from talentpool.reference import set_row, table_named

OURS = "140403"


def declare(office: Office, kind: str, division: str, **cells: str) -> None:
    row = {"code": "bad", "name": "区团委", "kind": kind, "division": division, "valid_until": "2027-12-31"} | cells
    set_row(office, table_named("recipient"), row, by="王主任", reason="接收单位登记")


@pytest.mark.parametrize("kind", ["age", "openpgp"])
@pytest.mark.parametrize("key", ["junk", "age1qqqq", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxx\n"])
def test_a_key_that_is_none_is_refused_when_it_is_declared(office: Office, kind: str, key: str) -> None:
    with pytest.raises(UsageError, match="public_key is not") as refusal:
        declare(office, kind, OURS, public_key=key)
    assert key not in str(refusal.value)


def test_a_secret_key_or_a_zip_without_a_way_for_its_password_is_refused(office: Office) -> None:
    secret = pysequoia.Tsk.generate("x@example.invalid")
    with pytest.raises(UsageError, match="public_key is not"):
        declare(office, "openpgp", OURS, public_key=str(secret))
    cert = secret.extract_certificate()
    revoked = pysequoia.Cert.from_bytes(bytes(cert) + bytes(cert.revoke(certifier=secret.certifier())))
    with pytest.raises(UsageError, match="public_key is not"):
        declare(office, "openpgp", OURS, public_key=str(revoked))
    with pytest.raises(UsageError, match="password_by"):
        declare(office, "zip", OURS)
    with pytest.raises(UsageError, match="division"):
        declare(office, "zip", "149999", password_by="电话")
