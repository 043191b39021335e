"""A share staged by another process of this machine, because Python hashes and seals on one core at a time.

The process reads one JSON request from its standard input and answers with one JSON line. It
ends with its input: a parent that is killed takes it along, and its transaction rolls back.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa
from pydantic import TypeAdapter

from talentpool.conform.share import Part, stage_share
from talentpool.declare import Partner
from talentpool.errors import RejectedError, TalentpoolError, TamperedError, UnavailableError
from talentpool.settings import Settings

if TYPE_CHECKING:
    from talentpool.guard import KeyRing

PATIENCE = 3600
"""Seconds to wait for a share after one's own is done."""


class Worker:
    """A process that stages one share."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from talentpool.conform.worker import main; main()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )  # fmt: skip
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def part(self) -> Part:
        """Wait for the share. Raises what the worker raised; TalentpoolError when it died."""
        answer = self._answer()
        if "part" in answer:
            return TypeAdapter(Part).validate_python(answer["part"])
        if answer.get("error") == "rejected":
            raise RejectedError(answer["code"], answer["message"])
        if answer.get("error") == "tampered":
            raise TamperedError(answer["message"])
        if answer.get("error") == "unavailable":
            raise UnavailableError(answer["message"])
        raise TalentpoolError(
            f"a conform worker ended without its share ({answer.get('message', 'killed')}); run again"
        )

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        timer = threading.Timer(PATIENCE, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        return dict(json.loads(line)) if line else {}


@contextmanager
def helping(
    engine: sa.Engine, keys: KeyRing, settings: Settings, partner: Partner, delivery_id: int, of: int
) -> Iterator[list[Worker]]:
    """Workers for shares 1 to `of` - 1; none of them outlives the block."""
    url = engine.url.render_as_string(hide_password=False)
    # an embedded deployment stays one, though its worker is told the address
    known = {"database_url": url, "profile": "demo" if settings.embedded else settings.profile}
    request = {
        "settings": settings.model_dump(mode="json") | known,
        "partner": partner.model_dump(mode="json"),
        "delivery_id": delivery_id,
        "of": of,
    }
    if settings.key_source == "airflow":  # which the process cannot ask; through its input, which nobody else reads
        request["keys"] = keys.texts()
    with ExitStack() as stack:
        yield [stack.enter_context(Worker(request | {"share": share})) for share in range(1, of)]


def _do(request: dict[str, Any]) -> dict[str, Any]:
    from talentpool.guard import KeyRing, open_keys

    settings = Settings(**request["settings"])
    assert settings.database_url is not None
    engine = sa.create_engine(settings.database_url, hide_parameters=True)
    try:
        keys = KeyRing(request["keys"]) if "keys" in request else open_keys(settings, engine)
        keys.check(engine)
        part = stage_share(
            engine, keys, settings.area, Partner.model_validate(request["partner"]),
            request["delivery_id"], request["share"], request["of"],
        )  # fmt: skip
    except RejectedError as error:
        return {"error": "rejected", "code": error.code, "message": str(error)}
    except TamperedError as error:
        return {"error": "tampered", "message": str(error)}
    except UnavailableError as error:
        return {"error": "unavailable", "message": str(error)}
    except sa.exc.OperationalError as error:
        return {"error": "unavailable", "message": f"the database went away ({type(error.orig).__name__})"}
    except Exception as error:  # noqa: BLE001 - its text may hold a value; the name tells enough to look
        return {"error": "unexpected", "message": type(error).__name__}
    return {"part": part.as_json()}


def main() -> None:
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    sys.stdout.write(json.dumps(_do(request)) + "\n")
    sys.stdout.flush()


def _end_with_the_parent() -> None:
    sys.stdin.read()
    os._exit(1)
