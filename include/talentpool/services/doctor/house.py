"""Check what lies on disk: keys, modes, space, declarations, and Airflow's configuration."""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from talentpool.acquire import load_partner
from talentpool.declare import campaign_files, load_campaign, partner_files
from talentpool.errors import DeclarationError
from talentpool.office_day import OFFICE_ZONE
from talentpool.services.doctor.finding import Finding, Patient, ok

FREE_GIB = 5
INBOX_DAYS = 7
HIDDEN_NAMES = "talentpool_key"
"""What the names of keys hold (guard/sources.py): Airflow hides a Variable of such a name only when it is told to."""
AUTH_MANAGERS = ("TalentpoolAuthManager", "KeycloakAuthManager")
"""Not FAB's own: it knows no locks after failures, no ends of sessions and no second factor."""


def keys(patient: Patient) -> Iterator[Finding]:
    """Only their owner reads the keys, and they do not lie where the data lies: a backup of one never holds both."""
    folder = patient.settings.keys_dir
    if loose := _open_to_others([folder, *folder.glob("*.key")]):
        yield Finding(
            "keys", "fail", f"{len(loose)} key files or folders are readable by others",
            f"chmod 700 {folder}; chmod 600 {folder}/*.key; treat the keys as known and rotate them",
        )  # fmt: skip
    elif patient.settings.key_source != "folder":
        yield ok("keys", "all there, those of this database, kept by the deployment's own secrets")
    elif not patient.settings.embedded and patient.settings.keys is None:
        yield Finding(
            "keys", "fail", "the keys lie in the same folder as the data",
            "move them to a place of their own and name it in TALENTPOOL_KEYS",
        )  # fmt: skip
    else:
        yield ok("keys", "all there, those of this database, closed to others")


def modes(patient: Patient) -> Iterator[Finding]:
    """Lists, people's own files, passwords: closed to others."""
    home = patient.settings.home
    closed = [
        *patient.settings.lists_dir.glob("*.xlsx"), home / "run" / "passwords.json", patient.settings.alerts_file,
        patient.settings.audit_heads_file,
    ]  # fmt: skip
    if loose := _open_to_others([path for path in closed if path.exists()]):
        yield Finding(
            "modes", "fail", f"{len(loose)} files under {home} are readable by others", f"chmod -R go= {home}"
        )
    else:
        yield ok("modes", "files of people are closed to others")


def inbox(patient: Patient) -> Iterator[Finding]:
    """Rosters lie in the inboxes in plain: closed to others, and not for long."""
    root = patient.settings.inbox_dir
    if not root.is_dir():
        yield ok("inbox", "there is none")
        return
    inside = [path for path in root.rglob("*") if not path.is_symlink()]
    files = [path for path in inside if path.is_file()]
    old = sum(path.stat().st_mtime < time.time() - INBOX_DAYS * 86_400 for path in files)
    if loose := _open_to_others([root, *inside]):
        yield Finding(
            "inbox", "demo" if patient.settings.embedded else "fail",
            f"{len(loose)} files or folders of the inboxes are readable by others",
            f"chmod -R u=rwX,go= {root}; chown -R it to the user that runs the tasks",
        )  # fmt: skip
    elif not all(os.access(folder, os.W_OK) for folder in (root, *(path for path in inside if path.is_dir()))):
        yield Finding(
            "inbox", "fail", "landed rosters cannot be removed from the inboxes",
            f"chown -R {root} to the user that runs the tasks, and mount it writable where they run",
        )  # fmt: skip
    elif old:
        yield Finding(
            "inbox", "warn", f"{old} files have lain in the inboxes for more than {INBOX_DAYS} days",
            "the page 上传 lists what no run takes and why; remove what was refused",
        )  # fmt: skip
    else:
        yield ok("inbox", f"closed to others; {len(files)} files wait")


def disk(patient: Patient) -> Iterator[Finding]:
    """A full disk stops every delivery."""
    home = patient.settings.home
    home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home).free / 1024**3
    if free < FREE_GIB:
        yield Finding("disk", "warn", f"{free:.1f} GiB are free under {home}", "make room, or move the landing store")
    else:
        yield ok("disk", f"{free:.0f} GiB free")


def declarations(patient: Patient) -> Iterator[Finding]:
    """Every partner and campaign parses."""
    settings = patient.settings
    partners, campaigns = partner_files(settings.partner_dirs), campaign_files(settings.campaign_dirs)
    for code in partners:
        try:
            load_partner(settings.partner_dirs, code)
        except DeclarationError as error:
            yield Finding("declarations", "fail", str(error), "correct the file; its DAG stands still until then")
    for code in campaigns:
        try:
            load_campaign(settings.campaign_dirs, code)
        except DeclarationError as error:
            yield Finding("declarations", "fail", str(error), "correct the file; its DAG stands still until then")
    yield ok("declarations", f"{len(partners)} partners, {len(campaigns)} campaigns declared")


def airflow(patient: Patient) -> Iterator[Finding]:
    """What this process can see of Airflow's configuration: how people log in, and the office's time zone."""
    told = os.environ
    manager = told.get("AIRFLOW__CORE__AUTH_MANAGER")
    if manager is None:
        yield Finding(
            "airflow", "demo" if patient.settings.embedded else "warn",
            "Airflow's configuration cannot be seen from here", "run doctor where the api-server runs",
        )  # fmt: skip
        return
    if not manager.endswith(AUTH_MANAGERS):
        yield Finding(
            "airflow", "fail", f"the auth manager is {manager}: it guards no sign-in as an office needs it",
            "set AIRFLOW__CORE__AUTH_MANAGER=talentpool_airflow.auth.TalentpoolAuthManager",
        )  # fmt: skip
    if told.get("AIRFLOW__CORE__DEFAULT_TIMEZONE") != OFFICE_ZONE:
        yield Finding(
            "airflow", "fail", "another time zone than the office's", f"AIRFLOW__CORE__DEFAULT_TIMEZONE={OFFICE_ZONE}"
        )
    if HIDDEN_NAMES not in told.get("AIRFLOW__CORE__SENSITIVE_VAR_CONN_NAMES", ""):
        yield Finding(
            "airflow", "fail", "Airflow shows the value of a Variable that is called like a key",
            f"AIRFLOW__CORE__SENSITIVE_VAR_CONN_NAMES={HIDDEN_NAMES},database_url",
        )  # fmt: skip
    base = told.get("AIRFLOW__API__BASE_URL", "")
    if base.startswith("http://") and "127.0.0.1" not in base and "localhost" not in base:
        yield Finding("airflow", "fail", "the UI is served without TLS", "put TLS in front and set https in base_url")
    else:
        yield ok("airflow", manager.rsplit(".", 1)[-1])


def _open_to_others(paths: list[Path]) -> list[Path]:
    return [path for path in paths if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
