"""Stage a share in another process of this machine, because Python hashes and seals on one core at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from pydantic import TypeAdapter

from talentpool.child import Child, ChildEndedError, deployment, opened, serve
from talentpool.conform.share import StagedShare, conform_share
from talentpool.declare import Partner
from talentpool.errors import TalentpoolError
from talentpool.office import Office

PATIENCE = 3600
"""Seconds to wait for a share after one's own is done."""


class Worker(Child):
    """A process that stages one share."""

    def __init__(self, request: dict[str, Any]) -> None:
        super().__init__(__name__, request)

    def share(self) -> StagedShare:
        """Wait for the share. Raises what the worker raised; TalentpoolError when it died."""
        try:
            return TypeAdapter(StagedShare).validate_python(self.answer(PATIENCE))
        except ChildEndedError as error:
            raise TalentpoolError(f"a conform worker ended without its share ({error}); run again") from error


@contextmanager
def helping(office: Office, partner: Partner, delivery_id: int, of: int) -> Iterator[list[Worker]]:
    """Workers for shares 1 to `of` - 1; none of them outlives the block."""
    request = deployment(office) | {
        "partner": partner.model_dump(mode="json"),
        "delivery_id": delivery_id,
        "of": of,
    }
    with ExitStack() as stack:
        yield [stack.enter_context(Worker(request | {"share": share})) for share in range(1, of)]


def _do(request: dict[str, Any]) -> dict[str, Any]:
    with opened(request) as office:
        staged = conform_share(
            office, Partner.model_validate(request["partner"]),
            request["delivery_id"], request["share"], request["of"],
        )  # fmt: skip
    return staged.as_json()


def main() -> None:
    serve(_do)
