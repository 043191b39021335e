"""Define a finding: what of a whole delivery makes a person decide. Counts and headers, never people."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One rule that held a delivery: what was seen against what is allowed.

    `detail` names parts of the file (columns, sheets), where those are what a person must look at; two findings of one
    code with other details are two questions. `origin` says that the bound is not the declared one: learned (from so many
    `deliveries`, their `median` and `mad`; `capped` by the office) or pinned.
    """

    code: str
    observed: float = 1
    bound: float = 0
    county: str | None = None
    field: str | None = None
    detail: str | None = None
    origin: str | None = None
    deliveries: int | None = None
    median: float | None = None
    mad: float | None = None
    capped: bool | None = None

    @property
    def what(self) -> tuple[str, str | None, str | None, str | None]:
        """What a person says yes to: the rule and where it speaks; the figures may move."""
        return self.code, self.county, self.field, self.detail

    def as_json(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value is not None}
