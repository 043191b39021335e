"""The command line in a process of its own that dies at a point of its work, and how many points that work has."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from databases import environment
from patience import PATIENCE
from rosters import Office

COMMAND = Path(__file__).resolve().parents[1] / "integration" / "killed_command.py"


def start(office: Office, *words: str, point: int = 0, script: Path = COMMAND, **more: str) -> subprocess.Popen[str]:
    """`talentpool WORDS`, to die before its statement or commit number `point` (0: never); `more` environment."""
    return subprocess.Popen(
        [sys.executable, str(script), str(point), *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(office, **more),
    )  # fmt: skip


def ended(process: subprocess.Popen[str], code: int = 0) -> tuple[dict[str, Any], int]:
    """What it printed, and how many statements and commits it made: nothing and 0 of one that was killed."""
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code, err[-2000:]
    return (json.loads(out), int(err.split()[-1])) if code >= 0 else ({}, 0)
