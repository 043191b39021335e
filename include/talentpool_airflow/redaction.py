"""Redact every log of Airflow: of tasks, scheduler, dag-processor, triggerer and api-server; and log our own errors
without a stack trace, which is for what nobody foresaw.

All of them write through structlog, standard logging and a task's printed lines included; the last step before a line is
written is the renderer that `structlog_processors` returns. Airflow has no setting for a step before it, so it is
wrapped; docs/adr/0025 says what else was considered, and a test with a real task holds it to that.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from talentpool.texts.redact import redact, redact_event

Renderer = Callable[[Any, str, Any], Any]
MODULES = ("airflow._shared.logging.structlog", "airflow.sdk._shared.logging.structlog")
"""Airflow's copy for its components, and the one for tasks."""
WORDED, OURS = ("AirflowFailException", "AirflowException"), "talentpool_airflow"
"""What we raise with a whole sentence, and where."""


def install() -> None:
    """Before Airflow configures its logging. AttributeError when this version of Airflow does it another way."""
    for name in MODULES:
        module = importlib.import_module(name)
        if not hasattr(module.structlog_processors, "redacts"):
            module.structlog_processors = _redacting(module.structlog_processors)  # type: ignore[attr-defined]


def _redacting(processors: Any) -> Any:
    @functools.wraps(processors)
    def redacting(json_output: bool, *given: Any, **named: Any) -> Any:
        shared, *renderers = processors(json_output, *given, **named)
        return (shared, *map(_of_json if json_output else _of_text, renderers))

    redacting.cache_clear = processors.cache_clear  # type: ignore[attr-defined]
    redacting.redacts = True  # type: ignore[attr-defined]
    return redacting


def _of_json(render: Renderer) -> Renderer:
    """Every value before it becomes JSON, numbers too; then what an object's own text brought along."""

    def redacting(logger: Any, method: str, event: Any) -> Any:
        line = render(logger, method, redact_event(in_words(dict(event))))
        return redact(line.decode("utf-8")).encode("utf-8") if isinstance(line, bytes) else redact(line)

    return redacting


def in_words(event: dict[str, Any]) -> dict[str, Any]:
    """An event of a task that ended with words of ours: these words, in the place of Airflow's and of the trace."""
    traces = event.get("exception")
    if event.get("event") == "Skipping task." and event.get("reason"):
        return {**event, "event": event["reason"]}
    if event.get("event") != "Task failed with exception" or not isinstance(traces, list) or not traces:
        return event
    kind, said, frames = (traces[0].get(name) for name in ("exc_type", "exc_value", "frames"))
    if kind not in WORDED or not frames or OURS not in Path(str(frames[-1].get("filename"))).parts:
        return event
    return {name: value for name, value in event.items() if name != "exception"} | {"event": said}


def _of_text(render: Renderer) -> Renderer:
    """The line as it will stand, its trace included, which only the renderer makes."""

    def redacting(logger: Any, method: str, event: Any) -> Any:
        return redact(render(logger, method, event))

    return redacting
