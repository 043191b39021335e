"""The manifest beside a delivered file: what the partner says the file is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from talentpool.errors import RejectedError

SUFFIX = ".manifest.json"
MAX_BYTES = 64 * 1024


class Manifest(BaseModel):
    """Schema version 1. `since` is required of a delta; `file`, when given, must be the file's name."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    schema_version: Literal[1]
    rows: int = Field(ge=0)
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-fA-F]{64}$")
    encoding: str
    kind: Literal["full", "delta"]
    as_of: date
    since: date | None = None
    notice_version: str | None = None
    file: str | None = None

    @model_validator(mode="after")
    def _dates(self) -> Manifest:
        if self.since is not None and self.since >= self.as_of:
            raise ValueError("since is not before as_of")
        return self


def read_manifest(data: bytes, name: str) -> Manifest:
    """Parse; RejectedError(manifest_invalid) names the fields, or manifest_mismatch when it names another file."""
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError as error:
        fields = ", ".join(sorted({str(e["loc"][0]) if e["loc"] else "(file)" for e in error.errors()}))
        raise RejectedError("manifest_invalid", f"{name}{SUFFIX}: not a manifest; wrong or missing: {fields}") from None
    if manifest.file is not None and manifest.file != name:
        raise RejectedError("manifest_mismatch", f"{name}{SUFFIX}: it speaks of another file")
    return manifest


class Counted:
    """Counts and hashes what passes through, to hold it against the manifest."""

    def __init__(self) -> None:
        self.bytes = 0
        self._hash = hashlib.sha256()

    def update(self, chunk: bytes) -> None:
        self.bytes += len(chunk)
        self._hash.update(chunk)

    def counting(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The same chunks, each counted as it passes."""
        for chunk in chunks:
            self.update(chunk)
            yield chunk

    def take(self, other: Counted) -> None:
        """Become what another has counted."""
        self.bytes, self._hash = other.bytes, other._hash

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def verify(self, manifest: Manifest, name: str) -> None:
        """RejectedError when size or hash differ."""
        if self.bytes != manifest.bytes:
            raise RejectedError(
                "bytes_mismatch", f"{name}: {self.bytes} bytes, the manifest says {manifest.bytes}; send it again"
            )
        if self.sha256 != manifest.sha256.lower():
            raise RejectedError("hash_mismatch", f"{name}: its SHA-256 is not the manifest's; send it again")
