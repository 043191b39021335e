"""The commands of the documents as tests read them: every line of a fenced block, and where it is run."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.compose import ROOT, SERVICES

PAGES = [
    "README.md",
    "README.zh-CN.md",
    "CONTRIBUTING.md",
    *(f"docs/{p.name}" for p in (ROOT / "docs").glob("operations*.md")),
]
FENCED = re.compile(r"^```(\w*)\n([^`]*)^```", re.MULTILINE)
RUN = ("exec", "run")


@dataclass(frozen=True)
class Line:
    """One command. `service`: of the compose file, None on the machine itself; `volumes`: given beside the service's."""

    page: str
    text: str
    service: str | None
    words: tuple[str, ...]

    @property
    def facts(self) -> dict[str, Any]:
        return SERVICES[self.service] if self.service else {}

    @property
    def mounts(self) -> dict[str, bool]:
        """Folder or file inside the service -> whether it may be written."""
        parts = [volume.split(":") for volume in self.facts.get("volumes", [])]
        return {part[1]: part[2:] != ["ro"] for part in parts}


def lines() -> list[Line]:
    """Every line that a reader would paste into a shell."""
    found = []
    for page in PAGES:
        for kind, block in FENCED.findall((ROOT / page).read_text(encoding="utf-8")):
            if kind not in ("mermaid", "yaml"):
                found += [_line(page, text) for text in block.splitlines() if text.strip()]
    return found


def _line(page: str, text: str) -> Line:
    words = shlex.split(text, comments=True)
    if words[:2] != ["docker", "compose"]:
        return Line(page, text, None, tuple(words))
    rest = words[2:]
    verb = next((at for at, word in enumerate(rest) if word in RUN), None)
    if verb is None:
        return Line(page, text, None, tuple(words))
    at = next(n for n, word in enumerate(rest) if n > verb and not word.startswith("-"))
    return Line(page, text, rest[at], tuple(rest[at + 1 :]))


def inside(line: Line, path: str) -> bool:
    """Whether a path of the service is on a mount or a secret of it, or part of its image."""
    if path.startswith("/run/secrets/"):
        return Path(path).name in line.facts.get("secrets", [])
    return path.startswith("/opt/talentpool") or any(
        path == mount or path.startswith(f"{mount}/") for mount in line.mounts
    )
