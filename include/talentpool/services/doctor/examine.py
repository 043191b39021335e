"""List all checks. A check is one function of a patient; a new one is a function and a place here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from talentpool.office import Office
from talentpool.services.doctor import (
    access,
    alarms,
    database,
    house,
    identity,
    office,
    oversight,
    scheduling,
    signing_in,
)
from talentpool.services.doctor.finding import Finding, Patient

CHECKS: tuple[Callable[[Patient], Iterator[Finding]], ...] = (
    database.server, database.login, database.encryption, database.clock,
    access.scope, access.room, access.pages, oversight.oversight,
    house.keys, house.modes, house.inbox, house.disk, house.declarations, house.airflow, scheduling.scheduling,
    signing_in.cookies, signing_in.passwords, signing_in.factors,
    office.audit, office.backup, office.rotation, office.requests, office.held, office.holidays,
    identity.judged, identity.mobiles, alarms.components, alarms.ways,
)  # fmt: skip


@dataclass(frozen=True)
class Examination:
    """What was found. `production`: fit for real people, which a deployment on embedded defaults never is."""

    findings: list[Finding]

    @property
    def healthy(self) -> bool:
        """Nothing is wrong now, be it a demo."""
        return not any(finding.status == "fail" for finding in self.findings)

    @property
    def production(self) -> bool:
        return self.healthy and not any(finding.status == "demo" for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        return {
            "healthy": self.healthy,
            "production": self.production,
            "checks": [asdict(finding) for finding in self.findings],
        }


def examine(office: Office, today: date) -> Examination:
    """Run every check; nothing is changed."""
    patient = Patient(office.engine, office.keys, office.settings, today)
    return Examination([finding for check in CHECKS for finding in check(patient)])
