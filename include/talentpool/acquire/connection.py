"""Find a partner's host, login and secrets: from the environment here, from Airflow's connections there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from talentpool.errors import UnavailableError


@dataclass(frozen=True, repr=False)
class Connection:
    """One connection. `extra` holds what the type needs: host_key, private_key (sftp), path (fs)."""

    conn_id: str
    conn_type: str = ""
    host: str = ""
    port: int | None = None
    login: str = ""
    password: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Connection({self.conn_id}, {self.conn_type})"

    @classmethod
    def from_env(cls, conn_id: str) -> Connection:
        """TALENTPOOL_CONN_<ID>, in Airflow's JSON or URI form; UnavailableError names a missing variable."""
        variable = f"TALENTPOOL_CONN_{conn_id.upper()}"
        value = os.environ.get(variable)
        if not value:
            raise UnavailableError(f"no connection {conn_id!r}: set {variable} (Airflow's JSON or URI form)")
        try:
            return cls._from_json(conn_id, value) if value.lstrip().startswith("{") else cls._from_uri(conn_id, value)
        except (ValueError, TypeError, AttributeError):  # its text would quote the value, which holds secrets
            raise UnavailableError(f"{variable} is neither a connection's JSON nor its URI") from None

    @classmethod
    def _from_json(cls, conn_id: str, value: str) -> Connection:
        facts = json.loads(value)
        extra = facts.get("extra") or {}
        if isinstance(extra, str):
            extra = json.loads(extra)
        if not isinstance(extra, dict):
            raise ValueError("extra is a mapping")
        port = facts.get("port")
        return cls(
            conn_id=conn_id,
            conn_type=facts.get("conn_type") or "",
            host=facts.get("host") or "",
            port=int(port) if port else None,
            login=facts.get("login") or "",
            password=facts.get("password") or "",
            extra=extra,
        )

    @classmethod
    def _from_uri(cls, conn_id: str, value: str) -> Connection:
        parts = urlsplit(value)
        extra = dict(parse_qsl(parts.query))
        if "__extra__" in extra:
            extra = json.loads(extra["__extra__"])
        return cls(
            conn_id=conn_id,
            conn_type=parts.scheme,
            host=unquote(parts.hostname or ""),
            port=parts.port,
            login=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            extra=extra,
        )
