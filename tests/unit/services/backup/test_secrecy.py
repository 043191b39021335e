"""Who holds one of the two backups learns nobody's name; who holds the recipient learns nothing at all."""

from __future__ import annotations

import json
import subprocess
from io import BytesIO

import pytest
import sqlalchemy as sa

from backup_office import PEOPLE, Kept
from rosters import document, person
from talentpool.errors import UnavailableError, UsageError
from talentpool.services.backup import clients, recipients, stream
from talentpool.settings import Settings

VALUES = [person(n)[field] for n in range(PEOPLE) for field in ("name", "document_no", "mobile")]


def forms(value: str) -> list[bytes]:
    """A value as text, and as COPY writes bytes."""
    return [value.encode(), value.encode().hex().encode(), value.encode("gb18030")]


@pytest.fixture
def dump(kept: Kept) -> bytes:
    """The database backup as whoever holds an identity, and no keys, reads it: as SQL."""
    (path,) = kept.out.glob("database-*/talentpool.dump.age")
    archive = BytesIO()
    stream.decrypt(path, archive, kept.opening)
    tool = clients.client("pg_restore", 18)
    return subprocess.run([tool.path, "--file=-"], input=archive.getvalue(), capture_output=True, check=True).stdout


@pytest.fixture
def keys(kept: Kept) -> bytes:
    """The keys backup, opened."""
    plain = BytesIO()
    stream.decrypt(kept.out / "keys/keys.age", plain, kept.opening)
    return plain.getvalue()


def test_the_dump_holds_no_name_no_number_and_no_key(kept: Kept, dump: bytes) -> None:
    assert b"T00001" in dump  # the search finds what is there
    assert document(1).encode() not in dump
    assert [value for value in VALUES for form in forms(value) if form in dump] == []
    secrets = [kept.office.keys.key(name) for name in ("envelope", "record_id", "landing", "suppression")]
    assert [key for key in secrets if key in dump or key.hex().encode() in dump] == []


def test_the_dump_holds_no_salt_and_nothing_staged(kept: Kept, dump: bytes) -> None:
    salts = [bytes(row[0]) for row in kept.office.ask("select salt from record_salt")]
    assert len(salts) == PEOPLE
    assert [salt for salt in salts if salt.hex().encode() in dump] == []
    assert b"CREATE TABLE public.record_salt" in dump
    assert b"staging.delivery_" not in dump


def test_staged_rows_and_their_salts_stay_out_of_the_dump(own: Kept) -> None:
    with own.office.engine.begin() as conn:
        conn.execute(sa.text("create unlogged table staging.delivery_99 (salt text)"))
        conn.execute(sa.text("insert into staging.delivery_99 values ('staged-salt')"))
    taken = own.back_up("database")
    assert taken.database is not None
    archive = BytesIO()
    stream.decrypt(taken.database / "talentpool.dump.age", archive, own.opening)
    tool = clients.client("pg_restore", 18)
    sql = subprocess.run([tool.path, "--file=-"], input=archive.getvalue(), capture_output=True, check=True).stdout
    assert b"T00001" in sql
    assert b"staged-salt" not in sql
    assert b"delivery_99" not in sql


def test_the_keys_backup_holds_keys_and_salts_and_nothing_about_people(kept: Kept, keys: bytes) -> None:
    head = json.loads(keys.split(b"\n")[0])
    assert head["keys"]["envelope"] == kept.office.keys.key("envelope").hex()
    assert keys.count(b"\n") == 1 + PEOPLE
    assert [value for value in [*VALUES, "T00001", "太行站"] for form in forms(value) if form in keys] == []


def test_without_an_identity_the_files_say_nothing(kept: Kept) -> None:
    files = [path for path in kept.out.rglob("*") if path.is_file()]
    assert len(files) == 3
    everything = b"".join(path.read_bytes() for path in files)
    assert b"age-encryption.org/v1" in everything
    told = [*VALUES, "T00001", "太行站", kept.office.keys.key("envelope").hex()]
    assert [value for value in told for form in forms(value) if form in everything] == []


def test_a_production_backup_names_its_recipient(own: Kept) -> None:
    production = Settings(database_url=own.office.settings.database_url, home=own.office.settings.home)
    assert not production.embedded
    with pytest.raises(UsageError, match="--recipient"):
        recipients(production, [])
    with pytest.raises(UsageError, match="age1"):
        recipients(production, ["age1nonsense"])


def test_a_password_stands_in_the_environment_and_not_among_the_words_of_a_tool() -> None:
    url = sa.make_url("postgresql+psycopg2://tp:s3cret%20word@db.example:5433/pool?sslmode=verify-full")
    words, environment = clients.address(url)
    assert "s3cret" not in words
    assert environment["PGPASSWORD"] == "s3cret word"
    assert {"host=db.example", "port=5433", "dbname=pool", "sslmode=verify-full"} <= set(words.split())


def test_the_lowest_client_that_is_not_older_than_the_server_is_taken() -> None:
    assert clients.client("pg_dump", 18).major == 18
    assert clients.client("pg_dump", 16).major >= 16
    with pytest.raises(UnavailableError, match="postgresql-client-99"):
        clients.client("pg_dump", 99)
