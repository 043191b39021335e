"""`talentpool WORDS` in this process: its border (messages, exit codes, one JSON object) without the seconds of a start."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

from talentpool.__main__ import main


def here(*words: str | Path) -> tuple[int, dict[str, Any]]:
    """(exit code, the one JSON object on stdout). The environment is that of the test."""
    out = io.StringIO()
    code = 0
    with patch.object(sys, "argv", ["talentpool", *map(str, words)]), contextlib.redirect_stdout(out):
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    lines = out.getvalue().strip().splitlines()
    assert len(lines) == 1, f"stdout holds one JSON object, not {lines}"
    return code, json.loads(lines[0])
