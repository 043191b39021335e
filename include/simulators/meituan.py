"""Meituan's bucket, for real: S3 over HTTP (moto's server) that checks access key and signature.

`python -m simulators.meituan --root DIR --port P` serves what lies under DIR/objects on the loopback: whatever is laid
there is put into the bucket within a moment, a manifest after its file, as a partner would. Beyond the loopback
(`--host`) it speaks TLS, with certificates made in `--keys`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import ssl
import threading
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from simulators.certificates import GOOD, make_certificates

BUCKET, PREFIX = "rosters", "meituan/"
ACCESS_KEY = "CYLMEITUANDEMO"
REGION = "cn-north-1"
SUFFIX = ".manifest.json"
_CREDENTIAL = re.compile(
    r"Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)"
)


def secret(root: Path) -> str:
    """The account's secret key, made once."""
    root.mkdir(parents=True, exist_ok=True)
    path = root / "secret_key"
    if not path.is_file():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(30))
    return path.read_text(encoding="ascii")


def connection(root: Path, port: int, *, host: str = "127.0.0.1", keys: Path | None = None) -> dict[str, Any]:
    """The connection to this bucket in Airflow's JSON form; over TLS with the CA in `keys`."""
    if keys is not None:
        make_certificates(keys)
    return {
        "conn_type": "aws",
        "login": ACCESS_KEY,
        "password": secret(root),
        "extra": {
            "endpoint_url": f"{'http' if keys is None else 'https'}://{host}:{port}",
            "region_name": REGION,
            **({} if keys is None else {"verify": str(keys / "ca.pem")}),
        },
    }


def deliver(
    root: Path,
    roster: Path,
    *,
    as_of: date,
    rows: int | None = None,
    kind: str = "full",
    serial: int = 1,
    **changes: Any,
) -> str:
    """Lay a workbook and its manifest (the one beside it, or one made here) where they are put from; returns the key."""
    folder = root / "objects"
    folder.mkdir(parents=True, exist_ok=True)
    name = f"roster_meituan_{as_of:%Y%m%d}_{serial:02d}.xlsx"
    data = roster.read_bytes()
    beside = roster.with_name(roster.name + SUFFIX)
    known = json.loads(beside.read_text(encoding="utf-8")) if beside.is_file() else {}
    manifest = {
        "schema_version": 1,
        "rows": known.get("rows") if rows is None else rows,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "encoding": "utf-8",
        "kind": kind,
        "as_of": as_of.isoformat(),
        "file": name,
        **changes,
    }
    unfinished = folder / f".{name}.part"
    shutil.copyfile(roster, unfinished)
    unfinished.replace(folder / name)
    (folder / f".{name}{SUFFIX}.part").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / f".{name}{SUFFIX}.part").replace(folder / f"{name}{SUFFIX}")
    return PREFIX + name


class Signed:
    """WSGI: nothing passes without a signature of ours; moto itself believes everybody."""

    def __init__(self, app: Callable[..., Iterable[bytes]], secret_key: str) -> None:
        self._app, self._secret = app, secret_key

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        code = self._refusal(environ)
        if code is None:
            return self._app(environ, start)
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>refused</Message></Error>".encode()
        start("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
        return [body]

    def _refusal(self, environ: dict[str, Any]) -> str | None:
        from botocore.auth import S3SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        matched = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        if matched is None:
            return "AccessDenied"
        access_key, _, region, signed, signature = matched.groups()
        if access_key != ACCESS_KEY:
            return "InvalidAccessKeyId"
        headers = {name: environ.get(f"HTTP_{name.upper().replace('-', '_')}", "") for name in signed.split(";")}
        headers |= {name: environ.get("CONTENT_TYPE", "") for name in headers if name == "content-type"}
        query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
        url = f"http://{environ['HTTP_HOST']}{environ['RAW_URI'].partition('?')[0]}{query}"
        request = AWSRequest(method=environ["REQUEST_METHOD"], url=url, headers=headers)
        request.context["timestamp"] = environ.get("HTTP_X_AMZ_DATE", "")
        request.context["payload_signing_enabled"] = True
        auth = S3SigV4Auth(Credentials(ACCESS_KEY, self._secret), "s3", region)
        text = auth.string_to_sign(request, auth.canonical_request(request))
        return None if secrets.compare_digest(auth.signature(text, request), signature) else "SignatureDoesNotMatch"


def serve(root: Path, port: int, *, host: str = "127.0.0.1", keys: Path | None = None) -> Any:
    """A bound werkzeug server on `host`:`port` (0 = any), over TLS with `keys`; call serve_forever()."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    (root / "objects").mkdir(parents=True, exist_ok=True)
    app = DomainDispatcherApplication(create_backend_app)
    tls = None
    if keys is not None:
        make_certificates(keys)
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(keys / f"{GOOD}.pem")
    return make_server(host, port, Signed(app, secret(root)), threaded=True, ssl_context=tls)


def client(root: Path, port: int, keys: Path | None = None) -> Any:
    """A client with the account's own keys, on this machine."""
    import boto3

    return boto3.session.Session().client(
        "s3",
        endpoint_url=f"{'http' if keys is None else 'https'}://127.0.0.1:{port}",
        verify=None if keys is None else str(keys / "ca.pem"),
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=secret(root),
    )


def put_waiting(root: Path, s3: Any, put: dict[str, float]) -> None:
    """Put what is new or changed under DIR/objects, files before manifests."""
    for path in sorted((root / "objects").iterdir(), key=lambda p: (p.name.endswith(SUFFIX), p.name)):
        if path.name.startswith(".") or put.get(path.name) == path.stat().st_mtime:
            continue
        put[path.name] = path.stat().st_mtime
        s3.put_object(Bucket=BUCKET, Key=PREFIX + path.name, Body=path.read_bytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--keys", type=Path, help="folder of certificates: speak TLS")
    given = parser.parse_args()
    if given.host != "127.0.0.1" and given.keys is None:
        parser.error("beyond the loopback only TLS is spoken: name a folder with --keys")
    server = serve(given.root, given.port, host=given.host, keys=given.keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    s3 = client(given.root, server.server_port, given.keys)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    put: dict[str, float] = {}
    put_waiting(given.root, s3, put)
    print(f"listening on {given.host}:{server.server_port}", flush=True)
    while not stop.wait(0.3):
        put_waiting(given.root, s3, put)
    server.shutdown()


if __name__ == "__main__":
    main()
