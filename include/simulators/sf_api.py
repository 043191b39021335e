"""What the simulated SF API answers: who is admitted, which rosters there are, their pages, and how it misbehaves.

Nothing here is shared with the client: signature, form and codes are written from the platform's description.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import hmac
import json
import secrets
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

SERVICE, TOKEN = "/std/service", "/oauth2/accessToken"
INDEX_SERVICE, PAGE_SERVICE = "COM_ROSTER_INDEX", "COM_ROSTER_PAGE"
TOKEN_SECONDS = 7200
MAX_SKEW, MAX_PAGE, MAX_FORM = 300, 1000, 64 * 1024
MISBEHAVIOUR = {
    "rate_limit": "answers A1005: true = always, N = N times",
    "rate_limit_http": "HTTP 429: N = N times",
    "retry_after": "the Retry-After beside an HTTP error, in seconds or as a date",
    "server_error_5xx_once": "HTTP 503 once",
    "server_error_5xx": "HTTP 503: true = always, N = N times",
    "answer": "every call is answered with this code, such as A1003",
    "bad_signature": "refuses every signature (A1006)",
    "token_expired_once": "A1002 once",
    "token_expired_always": "A1002 whatever the token",
    "page_fails_once": "page N ends in A1099 once",
    "page_fails_always": "page N ends in A1099",
    "total_moves_once": "the second page has another total, once",
    "total_moves_always": "the second page has another total",
    "version_moves_once": "the second page is of another version, once",
    "duplicate_page_once": "the second page is the first again, once",
    "duplicate_page_always": "the second page is the first again",
    "shuffled_page_once": "the second page is the first again with its rows the other way round, once",
    "short_page": "the first page lacks a row: true = always, N = N times",
    "empty_page_once": "the second page is empty, once",
    "down": "hangs up without an answer",
    "hang_up_once": "hangs up without an answer, once",
    "slow": "seconds to wait before each answer",
    "skewed_clock": "seconds by which its clock is wrong",
    "invalid_json": "answers that are no JSON",
    "invalid_data": "apiResultData that is no JSON in a string",
    "not_success": "A1000 outside, success=false inside",
}


def java_url_encoded(text: str) -> bytes:
    """java.net.URLEncoder of UTF-8, character by character."""
    plain = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-*_"
    return b"".join(
        bytes([b]) if b in plain else b"+" if b == 0x20 else b"%%%02X" % b for b in text.encode()
    )  # fmt: skip


def digest_of(message: str, timestamp: str, check_word: str) -> str:
    return base64.b64encode(hashlib.md5(java_url_encoded(message + timestamp + check_word)).digest()).decode()  # noqa: S324 -- what the partner's protocol asks for


class HangUpError(Exception):
    """No answer at all."""


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """An answer of the gateway's own: an apiResultCode, or an HTTP status."""

    def __init__(self, code: str = "", status: int = 200) -> None:
        self.code, self.status = code, status


class Api:
    """One partner account, its rosters under root/rosters, its bad days in root/misbehave.json."""

    def __init__(self, root: Path, user: str, check_word: str, misbehave: dict[str, Any]) -> None:
        self.root, self._user, self._check_word = root, user, check_word
        self._started_with = misbehave
        self._lock = threading.Lock()
        self._changed: tuple[int, int] | None = None
        self._switches = dict(misbehave)
        self._used: dict[str, int] = {}
        self._tokens: dict[str, float] = {}
        self._requests: set[str] = set()
        self._rosters: dict[Path, list[dict[str, str | None]]] = {}
        self.calls: list[tuple[str, str]] = []
        """(service or path, msgData) of every signed call that was admitted, for tests."""

    def answer(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        """The envelope of one call. Refusal or HangUpError when there is none."""
        with self._lock:
            self._reread()
            self._bad_day()
            if path == TOKEN:
                return self._token(form)
            if path != SERVICE:
                raise Refusal(status=404)
            return self._service(form)

    def switch(self, name: str, default: Any = None) -> Any:
        return self._switches.get(name, default)

    def _reread(self) -> None:
        path = self.root / "misbehave.json"
        there = path.is_file()
        changed = (path.stat().st_ino, path.stat().st_mtime_ns) if there else (0, 0)
        if changed != self._changed:
            added = json.loads(path.read_text(encoding="utf-8")) if there else {}
            if not isinstance(added, dict):
                raise ValueError(f"{path}: switches are an object")
            unknown = set(added) - set(MISBEHAVIOUR)
            if unknown:
                raise ValueError(f"{path}: no switch {', '.join(sorted(unknown))}; there are {', '.join(MISBEHAVIOUR)}")
            self._switches, self._used = {**self._started_with, **added}, {}
            self._changed = changed

    def _times(self, name: str) -> bool:
        """Whether the switch acts now: true = always, N = N times."""
        limit = self._switches.get(name)
        if limit is True or not limit:
            return bool(limit)
        self._used[name] = self._used.get(name, 0) + 1
        return self._used[name] <= limit

    def _once(self, name: str) -> bool:
        if not self._switches.get(name) or self._used.get(name):
            return False
        self._used[name] = 1
        return True

    def _bad_day(self) -> None:
        if self.switch("down") or self._once("hang_up_once"):
            raise HangUpError
        if self._times("rate_limit_http"):
            raise Refusal(status=429)
        if self._once("server_error_5xx_once") or self._times("server_error_5xx"):
            raise Refusal(status=503)

    def _token(self, form: dict[str, str]) -> dict[str, Any]:
        if form.get("partnerID") != self._user or form.get("grantType") != "password":
            raise Refusal("A1004")
        if not hmac.compare_digest(form.get("secret", ""), self._check_word):
            raise Refusal("A1006")
        token = secrets.token_hex(16)
        self._tokens[token] = time.monotonic() + TOKEN_SECONDS
        return envelope("A1000") | {"accessToken": token, "expiresIn": TOKEN_SECONDS}

    def _service(self, form: dict[str, str]) -> dict[str, Any]:
        self._admit(form)
        self.calls.append((form["serviceCode"], form["msgData"]))
        if self._times("rate_limit"):
            raise Refusal("A1005")
        if self.switch("answer"):
            raise Refusal(self.switch("answer"))
        if self.switch("invalid_data"):
            return envelope("A1000") | {"apiResultData": {"success": True}}
        if self.switch("not_success"):
            return wrapped(None)
        try:
            wanted = json.loads(form["msgData"])
        except ValueError:
            raise Refusal("A1001") from None
        if form["serviceCode"] == INDEX_SERVICE:
            return wrapped({"rosters": [{k: v for k, v in e.items() if k != "file"} for e in self._entries()]})
        if form["serviceCode"] == PAGE_SERVICE:
            return wrapped(self._page(wanted))
        raise Refusal("A1004")

    def _admit(self, form: dict[str, str]) -> None:
        needed = ("partnerID", "requestID", "serviceCode", "timestamp", "msgDigest", "msgData", "accessToken")
        if any(not form.get(name) for name in needed) or len(form["requestID"]) > 40:
            raise Refusal("A1001")
        if form["partnerID"] != self._user:
            raise Refusal("A1004")
        right = digest_of(form["msgData"], form["timestamp"], self._check_word)
        if self.switch("bad_signature") or not hmac.compare_digest(form["msgDigest"].encode(), right.encode()):
            raise Refusal("A1006")
        if not form["timestamp"].isdigit() or abs(int(form["timestamp"]) / 1000 - time.time()) > MAX_SKEW:
            raise Refusal("A1001")
        if form["requestID"] in self._requests:
            raise Refusal("A1007")
        self._requests.add(form["requestID"])
        if self.switch("token_expired_always") or self._once("token_expired_once"):
            self._tokens.pop(form["accessToken"], None)
        if self._tokens.get(form["accessToken"], 0) < time.monotonic():
            raise Refusal("A1002")

    def _entries(self) -> list[dict[str, Any]]:
        found = sorted((self.root / "rosters").glob("SF*.json"), reverse=True)
        return [json.loads(path.read_text(encoding="utf-8")) for path in found]

    def _rows(self, entry: dict[str, Any]) -> list[dict[str, str | None]]:
        path = self.root / "rosters" / entry["file"]
        if path not in self._rosters:
            with path.open(encoding="utf-8-sig", newline="") as lines:
                self._rosters[path] = [{k: v or None for k, v in row.items()} for row in csv.DictReader(lines)]
        return self._rosters[path]

    def _page(self, wanted: dict[str, Any]) -> dict[str, Any] | None:
        matching = [e for e in self._entries() if e.get("rosterNo") == wanted.get("rosterNo")]
        number, size = wanted.get("pageNo"), wanted.get("pageSize")
        if not matching or not isinstance(number, int) or not isinstance(size, int) or not 0 < size <= MAX_PAGE:
            return None
        if self.switch("page_fails_always") == number:
            raise Refusal("A1099")
        if self.switch("page_fails_once") == number and self._once("page_fails_once"):
            raise Refusal("A1099")
        entry = matching[0]
        rows = self._rows(entry)[(number - 1) * size : number * size]
        page = {"rosterNo": entry["rosterNo"], "version": entry["version"], "total": entry["total"], "pageNo": number}
        return page | self._moved(number, rows, self._rows(entry)[:size], entry)

    def _moved(
        self, number: int, rows: list[dict[str, str | None]], first: list[dict[str, str | None]], entry: dict[str, Any]
    ) -> dict[str, Any]:
        """What a page says when the roster changes while it is read."""
        if number == 1 and self._times("short_page"):
            return {"rows": rows[:-1]}
        if number != 2:
            return {"rows": rows}
        if self.switch("total_moves_always") or self._once("total_moves_once"):
            return {"rows": rows, "total": entry["total"] + 1}
        if self._once("version_moves_once"):
            return {"rows": rows, "version": f"{entry['version']}.1"}
        if self.switch("duplicate_page_always") or self._once("duplicate_page_once"):
            return {"rows": first}
        if self._once("shuffled_page_once"):
            return {"rows": [{**row, "post": "changed"} for row in reversed(first)]}
        return {"rows": [] if self._once("empty_page_once") else rows}


def envelope(code: str) -> dict[str, Any]:
    return {"apiResultCode": code, "apiErrorMsg": "", "apiResponseID": uuid.uuid4().hex}


def wrapped(data: dict[str, Any] | None) -> dict[str, Any]:
    """JSON in a string in JSON; no data = the service did not succeed."""
    inner = {
        "success": data is not None,
        "errorCode": "S0000" if data is not None else "S0002",
        "errorMsg": None,
        "msgData": data,
    }
    return envelope("A1000") | {"apiResultData": json.dumps(inner, ensure_ascii=False)}


class Handler(BaseHTTPRequestHandler):
    """POST of a form; everything else is refused by the base class."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    server: Any

    def do_POST(self) -> None:
        api: Api = self.server.api
        length = int(self.headers.get("Content-Length") or 0)
        if not self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            return self._send(415, b"")
        if not 0 < length <= MAX_FORM:
            return self._send(413, b"")
        text = self.rfile.read(length).decode("ascii")
        form = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict"))
        try:
            answer = api.answer(self.path, form)
        except HangUpError:
            self.close_connection = True
            return None
        except ValueError as error:  # misbehave.json is wrong: never taken for good behaviour
            return self._send(500, str(error).encode())
        except Refusal as refusal:
            if refusal.status != 200:
                return self._send(refusal.status, b"")
            answer = envelope(refusal.code)
        time.sleep(api.switch("slow", 0))
        body = json.dumps(answer, ensure_ascii=False).encode()
        return self._send(200, b"<html>" + body[:20] if api.switch("invalid_json") else body)

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json;charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        if status >= 429 and (after := self.server.api.switch("retry_after")) is not None:
            self.send_header("Retry-After", str(after))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        skew = self.server.api.switch("skewed_clock", 0)
        return super().date_time_string((timestamp or time.time()) + skew)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: a body holds people, and nobody reads the rest."""
