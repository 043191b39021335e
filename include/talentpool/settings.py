"""Read every variable that the product takes from its environment, and nothing else."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from talentpool.errors import UsageError

INCLUDE = Path(__file__).resolve().parents[1]
SECRETS = Path("/run/secrets")
"""Where a container finds what must not stand in its environment: a file per variable, named like it in small letters."""


class Settings(BaseSettings):
    """Read from `TALENTPOOL_*`, then from files in SECRETS; one instance per command or task, passed in, never global.

    Attributes:
        home: folder of the embedded server, keys and landing when those are not set.
        database_url: SQLAlchemy URL (postgresql+psycopg) of the tasks' login; unset = the embedded server under `home`.
        owner_database_url: URL of the login that owns the schema, for `init`, `restore` and officers; unset = the
            embedded server's superuser, else `database_url`.
        backup_database_url: URL of the login that backups are read with; unset = the embedded server's.
        console_database_url: URL of the pages' own login, talentpool_console; unset = the embedded server's.
        officer_database_url: URL of an officer's own login, for what the command line shows in plain, and for frames.
        airflow_database_url: URL of Airflow's own database, whose users and roles are looked at each night.
        area: division code of the deployment: a province, a prefecture or one county.
        keys: folder of key files; unset = `home`/keys, made on first use (embedded profile only).
        key_source: who keeps the keys: "folder" (`keys`), "environment" (TALENTPOOL_KEY_<NAME>, or files in SECRETS), "airflow"
            (variables of those names in its secrets backend; its tasks only).
        landing: fsspec URL or folder of landed raw files; unset = `home`/landing.
        partners: folders of partner declarations, separated like PATH.
        campaigns: folders of campaign declarations, separated like PATH.
        reference: folder of reference tables.
        inbox: folder under which every partner's inbox lies; unset = `home`/inbox.
        receipts: folder under which every sender of receipts has a drop folder; unset = `home`/receipts.
        handout: folder of packets for a host apart and of what it sealed; unset = `home`/handout.
        handout_address: where phones open that host, as https://name; "none" = officers are not offered one.
        lists: folder where list files go when no --out is given.
        audit_heads: file in a second place that keeps the audit log's signed heads; unset = `home`/audit_heads.jsonl.
        reports: fsspec URL or folder of report pages made on schedule; unset = `home`/reports.
        alerts: file of alerts, one JSON line each; unset = `home`/alerts.jsonl.
        alert_to: e-mail addresses that alerts go to, separated by commas; unset = no mail.
        alert_second: addresses that alerts go to of which nobody has taken note for `alert_hours`.
        alert_hours: after so many hours an alert is escalated.
        alert_digest_hour: from this hour of the office's clock on the day's digest is sent.
        alert_url: where the site is opened, for links in alerts; unset = what Airflow's own base URL says.
        alert_free_gib: a disk with less free space is an alert.
        reveals_per_day: how many people one officer may see in plain in a day of the office.
        misses_per_day: how many searches by a number may find nobody in a day of the office, for one officer.
        wide_searches_per_hour: how often one officer may look for a name in more than one county.
        export_approval_above: an export of more people than this leaves only when a second person approved it.
        export_days: for how many days the sheets of an export may be used.
        shares: in how many shares at most a large delivery is staged by Airflow's workers; unset = one a core, two at most.
        profile: "demo" says that a database given by URL is a demo too (tests, make run).
        second_factor: "reveal": who sees people in plain has shown a second factor; "enrolled": whoever has one is asked for it;
            unset = "enrolled" for a demo, "reveal" everywhere else.
        today: the day of a demo, for simulated years; an office has the calendar's, whatever this says.
    """

    model_config = SettingsConfigDict(
        env_prefix="TALENTPOOL_", extra="ignore", frozen=True, secrets_dir=SECRETS if SECRETS.is_dir() else None
    )

    home: Path = Path(".talentpool")
    database_url: str | None = None
    owner_database_url: str | None = None
    console_database_url: str | None = None
    backup_database_url: str | None = None
    officer_database_url: str | None = None
    airflow_database_url: str | None = None
    area: str = Field(default="140400", pattern=r"^14\d{4}$")
    keys: Path | None = None
    key_source: Literal["folder", "environment", "airflow"] = "folder"
    landing: str | None = None
    partners: str = str(INCLUDE / "partners")
    campaigns: str = str(INCLUDE / "campaigns")
    reference: Path = INCLUDE / "reference"
    inbox: Path | None = None
    receipts: Path | None = None
    handout: Path | None = None
    handout_address: str = Field(default="none", pattern=r"^(none|https?://[^\s/]+)$")
    lists: Path | None = None
    audit_heads: Path | None = None
    reports: str | None = None
    alerts: Path | None = None
    alert_to: str = ""
    alert_second: str = ""
    alert_hours: int = Field(default=24, ge=1, le=240)
    alert_digest_hour: int = Field(default=8, ge=0, le=22)
    alert_url: str | None = None
    alert_free_gib: float = Field(default=5, ge=0)
    reveals_per_day: int = Field(default=30, ge=0, le=1000)
    misses_per_day: int = Field(default=10, ge=1, le=100)
    wide_searches_per_hour: int = Field(default=30, ge=1, le=1000)
    export_approval_above: int = Field(default=500, ge=0)
    export_days: int = Field(default=30, ge=1, le=366)
    shares: int | None = Field(default=None, ge=1, le=64)
    profile: Literal["demo", "production"] | None = None
    second_factor: Literal["reveal", "enrolled"] | None = None
    today: date | None = None

    def __init__(self, **given: Any) -> None:
        """UsageError names each variable that is not what it may be, and what it may be; never its value."""
        try:
            super().__init__(**given)
        except ValidationError as error:
            wrong = (f"TALENTPOOL_{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors())
            raise UsageError(f"some settings are not valid; nothing was done. {'; '.join(wrong)}") from None

    @property
    def embedded(self) -> bool:
        """True under the embedded demo profile: local keys are made on first use, plain files may leave."""
        return self.database_url is None or self.profile == "demo"

    @property
    def second_factor_to_reveal(self) -> bool:
        """Whether values in plain are shown to nobody who signed in by a password alone."""
        return self.second_factor == "reveal" or (self.second_factor is None and not self.embedded)

    @property
    def keys_dir(self) -> Path:
        return self.keys or self.home / "keys"

    @property
    def landing_url(self) -> str:
        return self.landing or str((self.home / "landing").resolve())

    @property
    def inbox_dir(self) -> Path:
        return self.inbox or self.home / "inbox"

    @property
    def receipts_dir(self) -> Path:
        return self.receipts or self.home / "receipts"

    @property
    def handout_dir(self) -> Path:
        return self.handout or self.home / "handout"

    @property
    def lists_dir(self) -> Path:
        return self.lists or self.home / "lists"

    @property
    def audit_heads_file(self) -> Path:
        return self.audit_heads or self.home / "audit_heads.jsonl"

    @property
    def reports_url(self) -> str:
        return self.reports or str((self.home / "reports").resolve())

    @property
    def alerts_file(self) -> Path:
        return self.alerts or self.home / "alerts.jsonl"

    @property
    def partner_dirs(self) -> list[Path]:
        return [Path(p) for p in self.partners.split(os.pathsep) if p]

    @property
    def campaign_dirs(self) -> list[Path]:
        return [Path(p) for p in self.campaigns.split(os.pathsep) if p]
