"""Where alerts go in a test: a real mail server (SMTP over a socket) and a real receiver of webhooks (HTTP)."""

from __future__ import annotations

import asyncio
import email
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.smtp import SMTP


@dataclass
class MailServer:
    """What arrived, in order; `refuses`: it answers every letter with a refusal for good."""

    port: int = 0
    refuses: bool = False
    letters: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - as aiosmtpd calls it
        if self.refuses:
            return "554 not here"
        self.letters.append(email.message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        self.to.append(list(envelope.rcpt_tos))
        return "250 taken"

    def connection(self) -> str:
        """As Airflow takes a connection from the environment."""
        extra = {"from_email": "talentpool@office.example", "disable_tls": True, "disable_ssl": True, "timeout": 5}
        return json.dumps({"conn_type": "smtp", "host": "127.0.0.1", "port": self.port, "extra": extra})


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """On a free port of this machine."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    server, loop = MailServer(), asyncio.new_event_loop()
    listening = loop.run_until_complete(loop.create_server(lambda: SMTP(server, loop=loop), "127.0.0.1", 0))
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(listening.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@dataclass
class Hook:
    """What was posted, in order; `status`: how it answers."""

    url: str = ""
    status: int = 200
    posted: list[dict[str, Any]] = field(default_factory=list)

    def connection(self) -> str:
        return json.dumps({"conn_type": "generic", "password": self.url.replace("http://", "json://")})


@contextmanager
def web_hook() -> Iterator[Hook]:
    """On a free port of this machine."""
    hook = Hook()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.posted.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    hook.url = f"http://127.0.0.1:{server.server_port}/alerts"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
