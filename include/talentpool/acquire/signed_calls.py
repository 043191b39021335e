"""Call a signed HTTPS API: one form POST a call, JSON within JSON back, with retries, pace, token and clock checks.

The envelope is that of 顺丰丰桥 (partnerID, requestID, serviceCode, timestamp, msgDigest, msgData; apiResultCode,
apiResultData); the signer is declared. Everything that speaks of a person is in bodies, which nobody logs, and no
message quotes what the server says.
"""

from __future__ import annotations

import email.utils
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from talentpool.acquire.connection import Connection
from talentpool.acquire.json_rows import parse_json
from talentpool.acquire.pace import Clock, TokenBucket
from talentpool.acquire.signers import Signer
from talentpool.acquire.tls import explain_tls, trust
from talentpool.errors import UnavailableError

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

ATTEMPTS = 4
MAX_WAIT = 120
"""Seconds; a partner that asks for a longer pause is left alone until the next run."""
CONNECT_SECONDS, READ_SECONDS, ANSWER_SECONDS = 15, 60, 180
MAX_ANSWER = 32 * 1024**2
MAX_SKEW = 300
TOKEN_EXPIRED = "A1002"  # noqa: S105 - the name of an answer
AGAIN = {"A1005": "calls too often", "A1009": "its system behind does not answer", "A1099": "a fault of its own"}
FOR_GOOD = {
    "A1001": "finds the form incomplete; the declaration and the partner's interface differ",
    "A1003": "does not admit our address; ask the partner to put this machine's on its list",
    "A1004": "does not permit the account this service; ask the partner, and check that the environment is the right one",
    "A1006": "refuses our signature; check the password (checkWord) of the connection and the declared signer",
    "A1007": "says the request was sent before; ask the partner",
}
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}|[0-9a-fA-F:.]{2,45}")
_CODE = re.compile(r"[A-Za-z0-9_]{1,20}")


class _AgainError(UnavailableError):
    """Worth another attempt, not before `after` seconds."""

    def __init__(self, message: str, after: float = 0) -> None:
        super().__init__(message)
        self.after = after


class _TokenExpiredError(UnavailableError):
    """The access token is not valid any more."""


@dataclass(frozen=True)
class Account:
    """What of the declaration a call needs. `token_path` unset = the API wants no access token."""

    path: str
    token_path: str | None
    signer: Signer
    calls_per_second: float


class SignedCalls:
    """One partner's API. UnavailableError says what to check; answers that promise nothing are not asked again."""

    def __init__(self, account: Account, connection: Connection, clock: Clock) -> None:
        import httpx

        self._account, self._connection, self._clock = account, connection, clock
        self._bucket = TokenBucket(account.calls_per_second, clock)
        self._base = _base_url(connection)
        self._token = ""
        self._token_until = 0.0
        self._http = httpx.Client(
            verify=trust(connection),
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            headers={"Accept-Encoding": "identity"},
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        self._http.close()

    def call(self, service: str, message: str) -> Any:
        """The data of one answered call. An expired token is replaced once; a second refusal is for good."""
        try:
            return self._tried(service, message)
        except _TokenExpiredError:
            self._token = ""
        try:
            return self._tried(service, message)
        except _TokenExpiredError:
            raise UnavailableError(
                f"{self._where}: a fresh access token is refused as expired too; ask the partner whether "
                "the account still stands"
            ) from None

    def _tried(self, service: str, message: str) -> Any:
        from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

        backoff = wait_exponential(0.5, max=8)

        def pause(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            return max(backoff(state), error.after if isinstance(error, _AgainError) else 0)

        for attempt in Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=pause,
            sleep=self._clock.sleep,
            retry=retry_if_exception_type(_AgainError),
            reraise=True,
        ):
            with attempt:
                return self._once(service, message)

    def _once(self, service: str, message: str) -> Any:
        fields = {
            "partnerID": self._connection.login,
            "requestID": str(uuid4()),
            "serviceCode": service,
            "timestamp": str(int(self._clock.now() * 1000)),
            "msgData": message,
        }
        if self._account.token_path:
            fields["accessToken"] = self._access_token(self._account.token_path)
        url = self._base + self._account.path
        fields["msgDigest"] = self._account.signer(self._connection.password, url, fields)
        answer = self._post(self._account.path, fields)
        self._check_code(answer)
        return self._inner(answer.get("apiResultData"))

    def _access_token(self, path: str) -> str:
        if not self._token or self._clock.monotonic() >= self._token_until:
            fields = {
                "partnerID": self._connection.login,
                "requestID": str(uuid4()),
                "grantType": "password",
                "secret": self._connection.password,
            }
            answer = self._post(path, fields)
            self._check_code(answer)
            token, seconds = answer.get("accessToken"), str(answer.get("expiresIn") or "")
            if not isinstance(token, str) or not token or not re.fullmatch(r"[0-9]{1,7}", seconds):
                raise UnavailableError(f"{self._where}: its token endpoint gave no accessToken with expiresIn")
            self._token, self._token_until = token, self._clock.monotonic() + int(seconds) * 0.9
        return self._token

    def _check_code(self, answer: Mapping[str, Any]) -> None:
        """A1000 is the gateway's word alone; what is inside is another question."""
        code = str(answer.get("apiResultCode"))
        if code == "A1000":
            return
        if code == TOKEN_EXPIRED:
            raise _TokenExpiredError(f"{self._where}: the access token has expired (A1002)")
        if code in AGAIN:
            raise _AgainError(f"{self._where}: the partner says: {AGAIN[code]} ({code}); try again later")
        if code in FOR_GOOD:
            raise UnavailableError(f"{self._where}: the partner {FOR_GOOD[code]} ({code})")
        raise UnavailableError(f"{self._where}: an unknown answer ({_safe(code)}); ask the partner")

    def _inner(self, text: Any) -> Any:
        """apiResultData is JSON in a string: success, errorCode, msgData."""
        inner = self._json(text) if isinstance(text, str) else None
        if not isinstance(inner, dict):
            raise UnavailableError(f"{self._where}: apiResultData is no JSON object in a string; ask the partner")
        if inner.get("success") is not True:
            raise UnavailableError(
                f"{self._where}: the service failed (errorCode {_safe(str(inner.get('errorCode')))}); ask the partner"
            )
        return inner.get("msgData")

    def _post(self, path: str, fields: Mapping[str, str]) -> dict[str, Any]:
        import httpx

        self._bucket.take()
        try:
            with self._http.stream("POST", self._base + path, data=dict(fields)) as response:
                self._check_clock(response)
                self._check_status(response)
                body = self._read(response)
        except httpx.HTTPError as error:
            why = explain_tls(error)
            if why:
                raise UnavailableError(f"{self._where}: {why}; nothing was sent") from error
            raise _AgainError(f"{self._where}: cannot be reached ({type(error).__name__}); try again later") from error
        answer = self._json(body)
        if not isinstance(answer, dict):
            raise UnavailableError(f"{self._where}: its answer is no JSON object; try again later")
        return answer

    def _read(self, response: httpx.Response) -> bytes:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise UnavailableError(
                f"{self._where}: it compresses its answer, although the request forbids it; ask the partner"
            )
        body = bytearray()
        until = self._clock.monotonic() + ANSWER_SECONDS
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > MAX_ANSWER:
                raise UnavailableError(
                    f"{self._where}: an answer of more than {MAX_ANSWER // 1024**2} MiB; declare a smaller page_size"
                )
            if self._clock.monotonic() > until:
                raise UnavailableError(f"{self._where}: one answer took more than {ANSWER_SECONDS} s; try again later")
        return bytes(body)

    def _json(self, text: str | bytes) -> Any:
        try:
            return parse_json(text)
        except ValueError:
            raise UnavailableError(f"{self._where}: its answer is not JSON; try again later") from None

    def _check_status(self, response: httpx.Response) -> None:
        status = response.status_code
        if status == 429 or status >= 500:
            after = self._retry_after(response.headers.get("retry-after", ""))
            if after > MAX_WAIT:
                raise UnavailableError(
                    f"{self._where}: HTTP {status}, it asks for {after:.0f} s of pause; try again then"
                )
            raise _AgainError(f"{self._where}: HTTP {status}; try again later", after)
        if status != 200:
            raise UnavailableError(f"{self._where}: HTTP {status}; check host, path and account of the connection")

    def _retry_after(self, header: str) -> float:
        """Seconds; the header holds seconds or a date. 0 when there is none or it says neither."""
        if re.fullmatch(r"[0-9]{1,9}", header):
            return float(header)
        at = _http_date(header)
        return max(0.0, at - self._clock.now()) if at is not None else 0.0

    def _check_clock(self, response: httpx.Response) -> None:
        at = _http_date(response.headers.get("date", ""))
        if at is not None and abs(at - self._clock.now()) > MAX_SKEW:
            raise UnavailableError(
                f"{self._where}: its clock and ours are {abs(at - self._clock.now()):.0f} s apart, more than {MAX_SKEW}; "
                "set this machine's by NTP, or tell the partner"
            )

    @property
    def _where(self) -> str:
        return f"{self._base.removeprefix('https://')} (connection {self._connection.conn_id!r})"


def _base_url(connection: Connection) -> str:
    """https://host:port of a connection whose host is a name or an https address. UnavailableError otherwise."""
    host = connection.host if "://" in connection.host else f"https://{connection.host}"
    try:
        parts = urlsplit(host)
        port = connection.port or parts.port or 443
        name = parts.hostname
    except ValueError:
        name = None
    if not name or not _HOST.fullmatch(name) or not connection.login or not connection.password:
        raise UnavailableError(
            f"connection {connection.conn_id!r} needs host, login (partnerID) and password (checkWord)"
        )
    if parts.scheme != "https" or connection.extra.get("schema", "https") != "https":
        raise UnavailableError(
            f"connection {connection.conn_id!r}: only https is supported; set its host to https://..."
        )
    return f"https://[{name}]:{port}" if ":" in name else f"https://{name}:{port}"


def _http_date(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError):
        return None


def _safe(code: str) -> str:
    """A code from outside, if it has the form of one."""
    return code if _CODE.fullmatch(code) else "of no known form"
