"""A manifest as PowerShell on Windows writes it."""

from __future__ import annotations

import json
from typing import Any


def as_windows(facts: dict[str, Any], encoding: str = "utf-16", file: str = "") -> bytes:
    """With a mark (`>` of PowerShell 5.1 writes UTF-16), CR LF, counts as text, a path, and a hash in capitals."""
    changed = facts | {
        "rows": f"{facts['rows']}",
        "bytes": float(facts["bytes"]),
        "sha256": facts["sha256"].upper(),
        "file": "C:\\out\\" + (file or facts["file"]).upper(),
        "generated_by": "Export-Roster.ps1",
    }
    return json.dumps(changed, indent=2).replace("\n", "\r\n").encode(encoding)
