"""An OpenID Connect provider, for real: discovery, authorization code with PKCE, signed ID tokens.

Whoever `Provider.says` names is signed in without a question. `misbehave` makes it issue what must be refused.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "talentpool", "client-secret-of-a-test"


class Provider:
    """Serves on a free port of the loopback until `close`."""

    def __init__(self) -> None:
        self.says = ""
        self.misbehave = ""
        self.more: dict[str, object] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self.other_key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def token(self, code: str, form: dict[str, str], basic: str) -> dict[str, Any] | None:
        """The answer of the token endpoint; None for a wrong client, code or verifier."""
        asked = self.codes.pop(code, None)
        client = base64.b64decode(basic.removeprefix("Basic ")).decode() if basic else ""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or client != f"{CLIENT}:{SECRET}" or challenge.decode().rstrip("=") != asked["code_challenge"]:
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300,
                  "nonce": asked["nonce"], "preferred_username": self.says} | self.more  # fmt: skip
        claims |= {"audience": {"aud": "another"}, "nonce": {"nonce": "another"}, "expired": {"exp": now - 3600}}.get(
            self.misbehave, {}
        )
        key = self.other_key if self.misbehave == "signature" else self.key
        signed = jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)
        return {"access_token": secrets.token_hex(16), "token_type": "Bearer", "id_token": signed, "expires_in": 300}


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/.well-known/openid-configuration":
                at = provider.issuer
                self.answer({"issuer": at, "authorization_endpoint": f"{at}/authorize", "token_endpoint": f"{at}/token",
                             "jwks_uri": f"{at}/jwks", "response_types_supported": ["code"],
                             "id_token_signing_alg_values_supported": ["RS256"]})  # fmt: skip
            elif parts.path == "/jwks":
                self.answer({"keys": [provider.key.as_dict(private=False)]})
            elif parts.path == "/authorize":
                code = secrets.token_hex(8)
                provider.codes[code] = asked
                back = urlencode({"code": code, "state": asked["state"]})
                self.send_response(302)
                self.send_header("Location", f"{asked['redirect_uri']}?{back}")
                self.end_headers()
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            token = provider.token(form.get("code", ""), form, self.headers.get("Authorization", ""))
            self.answer(token or {"error": "invalid_grant"}, 200 if token else 400)

        def answer(self, what: dict[str, Any], status: int = 200) -> None:
            content = json.dumps(what).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler
