"""Where keys are kept: a folder, the environment, somebody's look-up, a KMS behind Tink; a wrong one starts nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
import sqlalchemy as sa
import tink
from moto.server import ThreadedMotoServer
from tink import aead

from talentpool.errors import KeyMissingError, TamperedError, UnavailableError, UsageError
from talentpool.guard import KEY_NAMES, KeyRing, open_keys
from talentpool.guard.keys import source_of
from talentpool.guard.sources import KeyFolder, KeyLookup, envelope_id, name_of, new_text, version
from talentpool.settings import Settings


def test_versions_of_the_envelope_key_are_counted_and_no_other_key_is_one() -> None:
    assert [version(envelope_id(number)) for number in (1, 2, 10)] == [1, 2, 10]
    assert [version(name) for name in ("landing", "envelope.0", "envelope.x", "envelopes", "envelope.")] == [0] * 5


def test_keys_come_from_the_environment_under_names_of_their_own(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {name: new_text() for name in KEY_NAMES}
    for name, text in texts.items():
        monkeypatch.setenv(name_of(name), text + "\n")
    monkeypatch.setenv("TALENTPOOL_KEY_SOURCE", "environment")
    keys = open_keys(Settings(), engine)
    assert {name: keys.key(name).hex() for name in KEY_NAMES} == texts
    assert not Settings().keys_dir.exists()
    with engine.connect() as conn:
        before = conn.execute(sa.text("select * from key_check order by key_id")).all()
    monkeypatch.delenv("TALENTPOOL_KEY_INDEX_MOBILE")
    with pytest.raises(KeyMissingError, match=r"'index_mobile'.*TALENTPOOL_KEY_INDEX_MOBILE in the environment"):
        open_keys(Settings(), engine)
    monkeypatch.setenv("TALENTPOOL_KEY_INDEX_MOBILE", new_text())
    with pytest.raises(KeyMissingError, match="index_mobile is not the one"):
        open_keys(Settings(), engine)
    with engine.connect() as conn:
        assert conn.execute(sa.text("select * from key_check order by key_id")).all() == before != []


def test_secrets_of_a_container_are_files_of_those_names(
    settings: Settings, engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("talentpool.guard.sources.SECRETS", tmp_path)
    for name in KEY_NAMES:
        (tmp_path / name_of(name).lower()).write_text(new_text())
    monkeypatch.setenv("TALENTPOOL_KEY_SOURCE", "environment")
    assert open_keys(Settings(), engine).current == "envelope"


def test_the_command_line_cannot_ask_airflows_secrets_backend_and_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALENTPOOL_KEY_SOURCE", "airflow")
    with pytest.raises(UsageError, match="TALENTPOOL_KEY_SOURCE"):
        source_of(Settings())


@pytest.mark.parametrize("text", ["", "not hex", "ab" * 31, "aws-kms://arn:aws:kms:x:1:key/2"])
def test_a_damaged_key_is_named_and_its_text_is_not_shown(tmp_path: Path, text: str) -> None:
    KeyRing.load(tmp_path / "keys", create=True)
    (tmp_path / "keys" / "landing.key").write_text(text)
    with pytest.raises(KeyMissingError, match="landing") as caught:
        KeyRing.load(tmp_path / "keys", create=False)
    assert not text or text not in str(caught.value)


def test_keys_are_never_written_over_and_never_left_half_written(tmp_path: Path) -> None:
    source = KeyFolder(tmp_path)
    source.write("envelope.2", "a" * 64)
    with pytest.raises(UsageError, match=r"envelope\.2"):
        source.write("envelope.2", "b" * 64)
    assert [path.name for path in tmp_path.iterdir()] == ["envelope.2.key"]
    assert source.read("envelope.2") == "a" * 64
    assert (tmp_path / "envelope.2.key").stat().st_mode & 0o777 == 0o600


def test_who_only_looks_keys_up_is_told_how_to_add_one() -> None:
    source = KeyLookup({name_of(name): new_text() for name in KEY_NAMES}.get)
    with pytest.raises(UsageError, match="TALENTPOOL_KEY_ENVELOPE_2"):
        source.write("envelope.2", new_text())
    assert source.envelopes() == ["envelope"]


class OfTheHouse(tink.KmsClient):
    """An HSM of our own, as a deployment would register it: a Tink key that never leaves this object."""

    def __init__(self) -> None:
        aead.register()
        self._aead = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM).primitive(aead.Aead)

    def does_support(self, key_uri: str) -> bool:
        return key_uri.startswith("hsm://house/")

    def get_aead(self, key_uri: str) -> aead.Aead:
        return self._aead


@pytest.fixture
def house() -> Iterator[str]:
    tink.register_kms_client(OfTheHouse())
    yield "hsm://house/talentpool"
    tink._kms_clients.reset_kms_clients()


def texts(envelope: str) -> dict[str, str]:
    return {name: new_text() for name in KEY_NAMES} | {"envelope": envelope}


def test_a_kms_wraps_data_keys_and_its_key_is_never_here(house: str) -> None:
    keys = KeyRing(texts(house))
    data_key = keys.new_data_key()
    assert keys.unwrap(data_key.wrapped) == data_key.plain
    with pytest.raises(KeyMissingError, match="envelope"):
        keys.key("envelope")
    with pytest.raises(TamperedError, match="'envelope'"):
        keys.unwrap(data_key.wrapped[:-1] + bytes([data_key.wrapped[-1] ^ 1]))


def test_a_kms_nobody_knows_is_named(house: str) -> None:
    with pytest.raises(KeyMissingError, match=r"'envelope'.*'safe'"):
        KeyRing(texts("safe://keys/1")).new_data_key()


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A key in a KMS that speaks Amazon's protocol over HTTP."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    for name, value in {
        "AWS_ENDPOINT_URL_KMS": endpoint, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "cn-north-1", "AWS_MAX_ATTEMPTS": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    arn = boto3.client("kms", region_name="us-east-1").create_key()["KeyMetadata"]["Arn"]
    yield f"aws-kms://{arn}"
    server.stop()


def test_a_key_in_amazons_kms_is_used_over_the_wire_and_its_absence_is_told(
    amazon: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = KeyRing(texts(amazon))
    data_key = keys.new_data_key()
    assert data_key.plain not in data_key.wrapped
    assert KeyRing(keys.texts()).unwrap(data_key.wrapped) == data_key.plain
    with pytest.raises(TamperedError, match="envelope"):
        keys.unwrap(data_key.wrapped[:-1] + bytes([data_key.wrapped[-1] ^ 1]))
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:9")
    with pytest.raises(UnavailableError, match="'envelope' in the KMS"):
        KeyRing(keys.texts()).unwrap(data_key.wrapped)
