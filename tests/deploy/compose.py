"""docker-compose.yml as tests read it: variables resolved as from .env, words of commands, of health checks."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
TEXT = FILE.read_text(encoding="utf-8")
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?:(:[-?])([^}]*))?\}")
FILLED = {"TALENTPOOL_HOST": "pool.example", "TALENTPOOL_AREA": "140400", "DEPLOYED_ON": "2026-11-01",
          "BACKUP_RECIPIENTS": "age1recipient"}  # fmt: skip
"""What has no default and must be written into .env."""


def resolved() -> dict[str, Any]:
    """The file with FILLED as its .env and defaults for the rest."""
    text = VARIABLE.sub(lambda found: FILLED.get(found[1]) or (found[3] if found[2] == ":-" else ""), TEXT)
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


SERVICES: dict[str, dict[str, Any]] = resolved()["services"]
OURS = {name: facts for name, facts in SERVICES.items() if facts["image"].startswith("talentpool")}
OTHERS = {name: facts for name, facts in SERVICES.items() if name not in OURS}


def sources(service: dict[str, Any]) -> list[str]:
    """Left sides of the service's mounts: paths or names of volumes."""
    return [volume.split(":")[0] for volume in service.get("volumes", [])]


def secrets(service: dict[str, Any]) -> list[str]:
    return list(service.get("secrets", []))


def command_lines(service: dict[str, Any]) -> list[list[str]]:
    """Every line of the service's command and its health check, as words."""
    found = [_lines(service["command"])] if "command" in service else []
    test = service.get("healthcheck", {}).get("test")
    if test:
        found.append([shlex.split(test[1].replace("$$", "$"))] if test[0] == "CMD-SHELL" else [test[1:]])
    return [line for lines in found for line in lines]


def _lines(command: str | list[str]) -> list[list[str]]:
    if isinstance(command, str):
        return [shlex.split(command)]
    if command[:2] == ["sh", "-ec"]:
        return [shlex.split(line) for line in command[2].splitlines() if line.strip()]
    return [command]
