"""Start another process of ours: to use a second core, or so that an uploaded file's processing can be stopped.

It reads one JSON request from its standard input and answers with one JSON line. It ends with its input: a parent that
is killed takes it along, and its transaction rolls back.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

import sqlalchemy as sa

from talentpool.errors import RejectedError, TalentpoolError, TamperedError, UnavailableError, UsageError
from talentpool.office import Office
from talentpool.settings import Settings


class ChildEndedError(TalentpoolError):
    """The process ended without an answer: killed or out of its time (`fault` is ''), or by an error of that name."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault or "killed")
        self.fault = fault


class Child:
    """A process that runs `main` of one of our modules on a request."""

    def __init__(self, module: str, request: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"from {module} import main; main()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )  # fmt: skip
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it ended at once: whoever waits for its answer learns that
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()

    def answer(self, seconds: float) -> Any:
        """Wait for it that long. Raises what the child raised; ChildEndedError when there is none."""
        said = self._said(seconds)
        if "answer" in said:
            return said["answer"]
        message = said.get("message", "")
        if said.get("error") == "rejected":
            raise RejectedError(said["code"], message)
        if said.get("error") == "tampered":
            raise TamperedError(message)
        if said.get("error") == "unavailable":
            raise UnavailableError(message)
        if said.get("error") == "usage":
            raise UsageError(message)
        raise ChildEndedError(message)

    def _said(self, seconds: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        timer = threading.Timer(seconds, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        return dict(json.loads(line)) if line else {}


def deployment(office: Office) -> dict[str, Any]:
    """What a request says so that the child can open the same deployment."""
    url = office.engine.url.render_as_string(hide_password=False)
    # an embedded deployment stays one, though the child is told the address
    known = {"database_url": url, "profile": "demo" if office.settings.embedded else office.settings.profile}
    said: dict[str, Any] = {"settings": office.settings.model_dump(mode="json") | known}
    if office.settings.key_source == "airflow":  # which the process cannot ask; by its input, which nobody else reads
        said["keys"] = office.keys.texts()
    return said


@contextmanager
def opened(request: dict[str, Any], *, seconds: int = 0) -> Iterator[Office]:
    """The deployment of a request. `seconds`: no statement takes longer, though this process should be gone."""
    from talentpool.guard import KeyRing, open_keys
    from talentpool.office import Office

    settings = Settings(**request["settings"])
    assert settings.database_url is not None
    engine = sa.create_engine(settings.database_url, hide_parameters=True)
    if seconds:

        @sa.event.listens_for(engine, "connect")
        def limit(connection: Any, _: object) -> None:
            connection.execute("select set_config('statement_timeout', %s, false)", [f"{seconds}s"])
            connection.commit()

    try:
        keys = KeyRing(request["keys"]) if "keys" in request else open_keys(settings, engine)
        keys.check(engine)
        yield Office(engine, settings, keys)
    finally:
        engine.dispose()


def serve(do: Callable[[dict[str, Any]], Any], *, cpu_seconds: int = 0, memory: int = 0) -> None:
    """Answer the one request of the standard input; at most that much of a core and of address space, where it is said."""
    for limit, most in ((resource.RLIMIT_CPU, cpu_seconds), (resource.RLIMIT_AS, memory)):
        if most:
            resource.setrlimit(limit, (most, most))
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    sys.stdout.write(json.dumps(_answer(do, request)) + "\n")
    sys.stdout.flush()


def _answer(do: Callable[[dict[str, Any]], Any], request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"answer": do(request)}
    except RejectedError as error:
        return {"error": "rejected", "code": error.code, "message": str(error)}
    except TamperedError as error:
        return {"error": "tampered", "message": str(error)}
    except UnavailableError as error:
        return {"error": "unavailable", "message": str(error)}
    except UsageError as error:
        return {"error": "usage", "message": str(error)}
    except sa.exc.OperationalError as error:
        return {"error": "unavailable", "message": f"the database went away ({type(error.orig).__name__})"}
    except Exception as error:  # noqa: BLE001 - its text may hold a value; the name tells enough to look
        return {"error": "unexpected", "message": type(error).__name__}


def _end_with_the_parent() -> None:
    sys.stdin.read()
    os._exit(1)
