"""Know the transports by kind: each registers the options that partner.yml gives it.

The transports stand above (acquire/transports); here is only what they are called and what they take.
"""

from __future__ import annotations

from typing import Any, TypeVar, get_args

from pydantic import ValidationError

from talentpool.declare.base import Declaration, explain_field

Options = TypeVar("Options", bound=type[Declaration])
_OPTIONS: dict[str, type[Declaration]] = {}


def transport_options(options: Options) -> Options:
    """Class decorator: register what a transport takes, under the one value of its field `kind`."""
    model: type[Declaration] = options
    (kind,) = get_args(model.model_fields["kind"].annotation)
    _OPTIONS[kind] = options
    return options


def registered() -> dict[str, type[Declaration]]:
    """Kind -> options, by kind."""
    return dict(sorted(_OPTIONS.items()))


def read_transport(facts: Any) -> Declaration:
    """The part `transport` of partner.yml, typed by the kind it names. ValueError says what is valid."""
    kind = facts.get("kind") if isinstance(facts, dict) else None
    if not isinstance(kind, str) or kind not in _OPTIONS:
        raise ValueError(f"transport.kind is one of {', '.join(registered())}")
    options = _OPTIONS[kind]
    try:
        return options.model_validate(facts)
    except ValidationError as error:
        raise ValueError("; ".join(explain_field(options, e) for e in error.errors())) from None
