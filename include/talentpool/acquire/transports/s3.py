"""Read rosters from a partner's S3 bucket: the roster, then its manifest, which is put last.

Keys that the store sends are never used as paths: only those under the prefix whose name matches the declared pattern
are taken. An object is read under the ETag it was listed with, so that it cannot change on the way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import field_validator

from talentpool.acquire.connection import Connection
from talentpool.acquire.manifest import MAX_BYTES, SUFFIX, sidecar
from talentpool.acquire.names import Names, strangers
from talentpool.acquire.transports import Offer, Waiting
from talentpool.declare import Declaration, anchored_pattern, transport_options
from talentpool.errors import UnavailableError
from talentpool.settings import Settings

CHUNK = 256 * 1024
CONNECT_SECONDS = 15
READ_SECONDS = 60
ATTEMPTS = 3
LOOPBACK = ("127.0.0.1", "localhost", "::1")
EXPLAINED = {
    "NoSuchBucket": "there is no such bucket; was it renamed?",
    "AccessDenied": "access is denied; ask the partner whether the account is still valid",
    "InvalidAccessKeyId": "our access key is not known; ask the partner for the new one",
    "SignatureDoesNotMatch": "our signature was refused; check the secret key with the partner",
    "PreconditionFailed": "an object was replaced while it was read; nothing was taken, try again later",
    "412": "an object was replaced while it was read; nothing was taken, try again later",
    "NoSuchKey": "an object went away while it was read; nothing was taken, try again later",
    "RequestTimeTooSkewed": "its clock and ours differ too much; set the wrong one right",
}


@transport_options
class Options(Declaration):
    """`file_name` holds a group (?P<as_of>YYYYMMDD); `prefix` ends with a slash."""

    kind: Literal["s3"]
    connection: str
    bucket: str
    prefix: str = ""
    file_name: str

    @field_validator("file_name")
    @classmethod
    def _pattern(cls, pattern: str) -> str:
        return anchored_pattern(pattern)

    @field_validator("prefix")
    @classmethod
    def _folder(cls, prefix: str) -> str:
        if prefix and not prefix.endswith("/"):
            raise ValueError("a prefix ends with a slash")
        return prefix


@contextmanager
def waiting(options: Options, connection: Connection, settings: Settings) -> Iterator[Waiting]:  # noqa: ARG001
    """Complete offers (those whose manifest is there), oldest as-of first."""
    store = _Store(options, connection)
    try:
        yield store.waiting()
    finally:
        store.close()


class _Store:
    """One bucket, through one client; every error of the store leaves as UnavailableError."""

    def __init__(self, options: Options, connection: Connection) -> None:
        self._options = options
        self._where = f"bucket {options.bucket!r} (connection {connection.conn_id!r})"
        self._s3 = _client(connection)

    def close(self) -> None:
        self._s3.close()

    def waiting(self) -> Waiting:
        """Oldest first; a manifest is read when its turn comes, so that years of deliveries cost one listing."""
        names, listed = Names(self._options.file_name), self._listed()
        here = {name: key for key in listed if "/" not in (name := key.removeprefix(self._options.prefix)) and name}
        dated = {name: as_of for name in here if (as_of := names.as_of(name)) is not None}
        beside = {name: sidecar(here[name], SUFFIX, listed) for name in dated}
        complete = sorted((dated[name], name, here[name], key) for name, key in beside.items() if key is not None)
        overlooked = [names.overlooked(name, "incomplete") for name, key in beside.items() if key is None]
        overlooked += [names.overlooked(name, why) for name, why in strangers(here, (SUFFIX,), set(dated))]
        return Waiting(self._offers(listed, complete), overlooked)

    def _offers(self, listed: dict[str, dict[str, Any]], complete: list[tuple[date, str, str, str]]) -> Iterator[Offer]:
        for as_of, name, key, beside in complete:
            facts = listed[key]
            manifest = b"".join(self._chunks(beside, listed[beside]["ETag"]))[:MAX_BYTES]
            mark = hashlib.sha256(manifest).hexdigest()[:16]
            etag = facts["ETag"].strip('"')
            yield Offer(
                name=name,
                as_of=as_of,
                offer_id=f"{name}@{mark}@{facts['Size']}@{etag}",
                manifest=manifest,
                chunks=partial(self._chunks, key, facts["ETag"]),
            )

    def _listed(self) -> dict[str, dict[str, Any]]:
        with self._explained():
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._options.bucket, Prefix=self._options.prefix
            )
            return {entry["Key"]: entry for page in pages for entry in page.get("Contents", ())}

    def _chunks(self, key: str, etag: str) -> Iterator[bytes]:
        with self._explained():
            body = self._s3.get_object(Bucket=self._options.bucket, Key=key, IfMatch=etag)["Body"]
            with body:
                yield from body.iter_chunks(CHUNK)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """The store's own texts are not passed on: they may quote keys and addresses."""
        import botocore.exceptions
        import urllib3.exceptions

        try:
            yield
        except botocore.exceptions.ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "unknown"))
            raise UnavailableError(
                f"{self._where}: {EXPLAINED.get(code, f'refused ({code}); ask the partner')}"
            ) from None
        except botocore.exceptions.SSLError:
            raise UnavailableError(
                f"{self._where}: its certificate is not trusted; nothing was sent. Ask the partner before changing `verify`"
            ) from None
        except (botocore.exceptions.BotoCoreError, urllib3.exceptions.HTTPError, OSError) as error:
            raise UnavailableError(
                f"{self._where}: cannot be reached ({type(error).__name__}); try again later"
            ) from None


def _client(connection: Connection) -> Any:
    """A client that knows nothing but the connection: no profile, no metadata service, no proxy of the environment."""
    import boto3
    from botocore.config import Config

    if not connection.login or not connection.password:
        raise UnavailableError(f"connection {connection.conn_id!r} needs an access key and a secret key")
    endpoint = connection.extra.get("endpoint_url") or None
    if endpoint is not None:
        parts = urlsplit(endpoint)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise UnavailableError(
                f"connection {connection.conn_id!r}: endpoint_url is not https; only https is supported"
            )
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        s3={"addressing_style": "path"},
        proxies={},
        ignore_configured_endpoint_urls=True,  # AWS_ENDPOINT_URL_S3 is where we land, not where a partner is
    )
    try:
        return boto3.session.Session().client(
            "s3",
            endpoint_url=endpoint,
            region_name=connection.extra.get("region_name") or "cn-north-1",
            aws_access_key_id=connection.login,
            aws_secret_access_key=connection.password,
            verify=connection.extra.get("verify") or None,
            config=config,
        )
    except ValueError:
        raise UnavailableError(f"connection {connection.conn_id!r}: endpoint_url is not an address") from None
