"""Parts of Great Expectations for a validation that is made, run once and forgotten. To import it takes seconds (library.py).

Its stores are for suites that are kept and run again: before a checkpoint runs, it holds suite, validation and checkpoint
against what was stored under their names, reading and building all of it about fourteen times, and afterwards it writes the
result as text into a store. Here suite and checkpoint are made of the rule table for one delivery, nobody else can reach
them, and the result is stored with the verdict (results.py). Public methods alone are overridden, each in a subclass of ours
(docs/adr/0108).
"""

from __future__ import annotations

from typing import Any

from great_expectations.checkpoint.checkpoint import Checkpoint
from great_expectations.compatibility.pydantic import PrivateAttr
from great_expectations.core.freshness_diagnostics import (
    CheckpointFreshnessDiagnostics,
    ValidationDefinitionFreshnessDiagnostics,
)
from great_expectations.core.validation_definition import ValidationDefinition
from great_expectations.data_context.store.validation_results_store import ValidationResultsStore
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.expectations.core import ExpectColumnSumToBeBetween
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

NOWHERE = "nowhere"


class ExpectFlagsToAddUpToNone(ExpectColumnSumToBeBetween):
    """The column of a rule's flags adds up to 0: no row breaks the rule. The sum is the number of rows that do.

    Its configuration is asked for dozens of times in a run and is made once, until a field changes.
    """

    _made: Any = PrivateAttr(default=None)

    @property
    def configuration(self) -> ExpectationConfiguration:
        """As of any expectation; whoever changes it works on a copy."""
        if self._made is None:
            self._made = super().configuration
        return self._made

    def __setattr__(self, name: str, value: Any) -> None:
        """What was made of the old value is forgotten."""
        super().__setattr__(name, value)
        if name in self.__fields__:
            self._made = None

    def copy(self, **given: Any) -> ExpectFlagsToAddUpToNone:
        """A copy may have other values, and makes its own configuration."""
        copied = super().copy(**given)
        copied._made = None
        return copied


class UnstoredValidation(ValidationDefinition):
    """A validation definition that is in no store, and so is never older than what is stored."""

    def is_fresh(self) -> ValidationDefinitionFreshnessDiagnostics:
        """Without an error: there is nothing that it could be older than."""
        return ValidationDefinitionFreshnessDiagnostics(errors=[])


class UnstoredCheckpoint(Checkpoint):
    """A checkpoint that is in no store, as its validations."""

    def is_fresh(self) -> CheckpointFreshnessDiagnostics:
        """Without an error: there is nothing that it could be older than."""
        return CheckpointFreshnessDiagnostics(errors=[])


class NoResultsStore(ValidationResultsStore):
    """Keeps no result of a validation: the checkpoint's action hands it over."""

    def store_validation_results(self, *given: Any, **named: Any) -> bool:  # noqa: ARG002 (it takes what it does not keep)
        """Nothing is written; True, as of a result that was taken."""
        return True


def unstored() -> DataContextConfig:
    """The configuration of a context in memory that keeps no results, has no site and draws no bars."""
    defaults = InMemoryStoreBackendDefaults()
    nowhere = {"class_name": NoResultsStore.__name__, "module_name": NoResultsStore.__module__}
    return DataContextConfig(
        store_backend_defaults=defaults, stores=defaults.stores | {NOWHERE: nowhere},
        validation_results_store_name=NOWHERE, progress_bars=ProgressBarsConfig(globally=False),
    )  # fmt: skip
