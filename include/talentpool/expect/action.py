"""Take what a checkpoint of Great Expectations found, as one of its actions. Imported by `run_suite` alone: it takes seconds."""

from __future__ import annotations

from typing import Any, Literal

from great_expectations.checkpoint.actions import ActionContext, ValidationAction
from great_expectations.checkpoint.checkpoint import CheckpointResult
from great_expectations.compatibility.pydantic import PrivateAttr


class HandOver(ValidationAction):
    """Hands the counts of a checkpoint's one validation to whoever ran it, who stores them with the verdict (results.py): a
    store of Great Expectations' own would be another transaction."""

    type: Literal["talentpool_hand_over"] = "talentpool_hand_over"
    _found: Any = PrivateAttr(default=None)

    @property
    def found(self) -> Any:
        """The result of the validation; None before the checkpoint has run."""
        return self._found

    def run(
        self,
        checkpoint_result: CheckpointResult,
        action_context: ActionContext | None = None,  # noqa: ARG002 (the signature of every action)
    ) -> dict[str, Any]:
        """How many expectations were handed over."""
        (self._found,) = checkpoint_result.run_results.values()
        return {"expectations": len(self._found.results)}
