"""The bucket transport against a real S3 server that checks keys and signatures."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rosters import Office, person
from simulators import meituan
from talentpool.acquire import Connection, acquire, backlog
from talentpool.acquire.transports import s3
from talentpool.demo.workbook import write_workbook
from talentpool.errors import UnavailableError
from talentpool.flow import Outcome, ingest
from talentpool.load import digest
from windows import as_windows

AS_OF = date(2026, 10, 31)


class Bucket:
    """A running simulator and how to reach it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.server = meituan.serve(root, 0)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_port
        self.s3 = meituan.client(root, self.port)
        self.s3.create_bucket(Bucket=meituan.BUCKET, CreateBucketConfiguration={"LocationConstraint": meituan.REGION})
        facts = meituan.connection(root, self.port)
        self.connection = Connection(
            "partner_meituan", "aws", login=facts["login"], password=facts["password"], extra=facts["extra"]
        )

    def put(self, name: str, data: bytes) -> None:
        self.s3.put_object(Bucket=meituan.BUCKET, Key=meituan.PREFIX + name, Body=data)

    def offer(self, office: Office, numbers: range, as_of: date = AS_OF, **changes: Any) -> str:
        """A workbook of these people and its manifest, as the partner puts them."""
        name = f"roster_meituan_{as_of:%Y%m%d}_01.xlsx"
        data = workbook(office, numbers)
        manifest = {
            "schema_version": 1, "rows": len(numbers), "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(),
            "encoding": "utf-8", "kind": "full", "as_of": as_of.isoformat(), "file": name, **changes,
        }  # fmt: skip
        self.put(name, data)
        self.put(name + ".manifest.json", json.dumps(manifest).encode())
        return name


def workbook(office: Office, numbers: range) -> bytes:
    columns = office.partner("meituan").format.columns
    path = office.folder / "made.xlsx"
    rows = [[person(n).get(field, "") for field in columns.values()] for n in numbers]
    write_workbook(path, columns, rows)
    return path.read_bytes()


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[Bucket]:
    import moto.backends

    moto.backends.get_backend("s3").reset()
    bucket = Bucket(tmp_path / "bucket")
    yield bucket
    bucket.server.shutdown()
    moto.backends.get_backend("s3").reset()


def pull(office: Office, bucket: Bucket, connection: Connection | None = None) -> Outcome:
    return ingest(
        office, office.partner("meituan"), connection=connection or bucket.connection, count=office.count
    )  # fmt: skip


def nothing_happened(office: Office) -> None:
    assert office.one("select count(*) from delivery") == 0
    assert not [path for path in Path(office.settings.landing_url).rglob("*") if path.is_file()]


def test_a_workbook_in_a_bucket_is_published_with_its_own_headers(office: Office, bucket: Bucket) -> None:
    bucket.offer(office, range(1, 51))
    outcome = pull(office, bucket)
    assert (outcome.status, outcome.rows, outcome.accepted) == ("published", 50, 50), outcome.message
    assert office.one("select count(*) from source_record where partner = 'meituan'") == 50
    assert office.one("select count(distinct hired_on) from source_record") == 1, "a date that is a number is a date"
    assert office.ask("select staff_no from source_record where staff_no like 'X%'") == [], "the hidden sheet"
    assert office.one("select count(*) from source_record where station = '太行站'") == 50, "a formula's value"
    assert pull(office, bucket).status == "nothing"


def test_deliveries_are_taken_oldest_first_and_once(office: Office, bucket: Bucket) -> None:
    bucket.offer(office, range(1, 51), as_of=date(2026, 10, 26))
    bucket.offer(office, range(1, 50), as_of=date(2026, 10, 19))
    assert backlog(office, office.partner("meituan"), connection=bucket.connection) == 2
    assert [pull(office, bucket).as_of for _ in range(2)] == ["2026-10-19", "2026-10-26"]
    assert pull(office, bucket).status == "nothing"


def test_a_workbook_is_taken_with_a_manifest_as_windows_writes_it(office: Office, bucket: Bucket) -> None:
    name = "roster_meituan_20261031_01.xlsx"
    data = workbook(office, range(1, 9))
    facts = {
        "schema_version": 1, "rows": 8, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(),
        "encoding": "utf-8", "kind": "full", "as_of": "2026-10-31", "file": name,
    }  # fmt: skip
    bucket.put(name, data)
    bucket.put(name.upper() + ".manifest.json", as_windows(facts))
    found = pull(office, bucket)
    assert (found.status, found.rows) == ("published", 8), found.message


def test_without_its_manifest_a_workbook_is_not_there_yet(office: Office, bucket: Bucket) -> None:
    bucket.put("roster_meituan_20261031_01.xlsx", workbook(office, range(1, 9)))
    assert pull(office, bucket).status == "nothing"
    nothing_happened(office)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"bytes": 7}, "bytes_mismatch"),
        ({"sha256": "0" * 64}, "hash_mismatch"),
        ({"rows": 7}, "row_count_mismatch"),
        ({"file": "roster_meituan_20261024_01.xlsx"}, "manifest_mismatch"),
        ({"schema_version": 9}, "manifest_invalid"),
    ],
)
def test_a_workbook_that_is_not_what_its_manifest_says_is_rejected(
    office: Office, bucket: Bucket, changes: dict[str, Any], code: str
) -> None:
    before = digest(office.engine)
    bucket.offer(office, range(1, 51), **changes)
    outcome = pull(office, bucket)
    assert (outcome.status, outcome.reasons) == ("rejected", {code: 1})
    assert digest(office.engine) == before
    assert office.ask("select tablename from pg_tables where schemaname = 'staging'") == []


def test_names_that_were_not_agreed_are_left_alone(office: Office, bucket: Bucket) -> None:
    for name in ("../roster_meituan_20261031_01.xlsx", "a/roster_meituan_20261031_01.xlsx", "roster_sf_20261031_01.xlsx",
                 "roster_meituan_20261331_01.xlsx", "roster_meituan_20261031_01.xlsm"):  # fmt: skip
        bucket.put(name, b"x")
        bucket.put(name + ".manifest.json", b"{}")
    assert pull(office, bucket).status == "nothing"


def test_a_listing_of_several_pages_is_read_whole(office: Office, bucket: Bucket) -> None:
    import moto.backends
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.utilities.utils import get_partition

    kept = moto.backends.get_backend("s3")[DEFAULT_ACCOUNT_ID][get_partition(meituan.REGION)]
    for number in range(1_100):  # laid there past the server, which is asked for the listing
        kept.put_object(meituan.BUCKET, f"{meituan.PREFIX}note_{number}.txt", b"")
    bucket.offer(office, range(1, 51))
    assert pull(office, bucket).status == "published"


def test_an_object_replaced_between_listing_and_reading_is_not_mixed(office: Office, bucket: Bucket) -> None:
    name = bucket.offer(office, range(1, 51))
    options = office.partner("meituan").transport
    with s3.waiting(options, bucket.connection, office.settings) as offers:  # type: ignore[arg-type]
        (offer,) = offers
        bucket.put(name, workbook(office, range(1, 40)))
        with pytest.raises(UnavailableError, match="replaced while it was read"):
            list(offer.chunks())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"login": "SOMEBODY"}, "access key is not known"),
        ({"password": "not the secret"}, "signature was refused"),
        ({"password": ""}, "needs an access key"),
    ],
)
def test_a_login_that_is_refused_says_so(office: Office, bucket: Bucket, wrong: dict[str, str], said: str) -> None:
    bucket.offer(office, range(1, 9))
    with pytest.raises(UnavailableError, match=said) as caught:
        pull(office, bucket, replace(bucket.connection, **wrong))
    assert "not the secret" not in str(caught.value)
    nothing_happened(office)


def test_a_bucket_that_is_gone_and_a_server_that_is_down(office: Office, bucket: Bucket) -> None:
    bucket.s3.delete_bucket(Bucket=meituan.BUCKET)
    with pytest.raises(UnavailableError, match="no such bucket"):
        pull(office, bucket)
    bucket.server.shutdown()
    bucket.server.server_close()
    with pytest.raises(UnavailableError, match="cannot be reached"):
        pull(office, bucket)
    nothing_happened(office)


def test_a_store_elsewhere_is_spoken_to_over_tls_only(office: Office, bucket: Bucket) -> None:
    far = replace(bucket.connection, extra={"endpoint_url": "http://192.0.2.1:9000"})
    with pytest.raises(UnavailableError, match="only https"):
        acquire(office, office.partner("meituan"), connection=far)


def test_where_we_land_is_never_taken_for_where_a_partner_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://landing:8333")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://landing:8333")
    plain = Connection("partner_meituan", "aws", login="id", password="secret", extra={"region_name": "cn-north-1"})
    assert s3._client(plain).meta.endpoint_url == "https://s3.cn-north-1.amazonaws.com.cn"
