"""`talentpool reference ...` in this process, for tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from click.testing import CliRunner

from talentpool.__main__ import cli
from talentpool.errors import TalentpoolError

KEY = "age1f900dw6l0hlwa5jfphh2767exgzkcns08ecuplv9thgnx7nd5gssvkrqq8"
"""A public key of age, whose other half is nowhere."""
SIGNED = ("--by", "王干事", "--reason", "民政公告")

Run = Callable[..., tuple[int, dict[str, Any]]]


def reference(*words: object) -> tuple[int, dict[str, Any]]:
    """(exit code, the JSON object; of an error its message under `error`). Anything unforeseen is raised."""
    done = CliRunner().invoke(cli, ["reference", *map(str, words)])
    if isinstance(done.exception, TalentpoolError):
        return done.exception.exit_code, {"error": str(done.exception)}
    if done.exit_code in (0, 3):
        return done.exit_code, json.loads(done.stdout)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, {"error": done.stderr}
