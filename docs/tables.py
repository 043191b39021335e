"""Writes docs/data-model.md and docs/data-map.md from the tables of the code and the facts in data-map.yml: `make docs`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from talentpool.model import metadata

DOCS = Path(__file__).resolve().parent
GROUPS = {
    "Deliveries": "delivery handled_offer delivery_question delivery_decision partner_column delivery_sighting quarantine"
    " record_salt quarantine_word remembered_value rule_result"
    " dimension_score delivery_fault letter letter_sending delivery_measure delivery_people bound_pin",
    "Records in time": "source_record source_record_history record_absence consent_end employment_spell",
    "Identity": "edge person record_person person_event person_redirect match_key match_run match_weights review_pair",
    "Requests and the audit log": "person_request request_step use_stop audit_log audit_waiting audit_end audit_head officer"
    " upload handed_on",
    "Alerts": "alert alert_word alert_sending",
    "Retention": "retention_report retention_hold retention_hold_word",
    "Signing in": "sign_in_session sign_in_lock second_factor",
    "The pool": "pool_snapshot pool_person pool_presence pool_count",
    "Lists": "target_list target_row list_step list_decision list_question list_file void_word campaign_date provision deputy"
    " list_exception cancelled_round receipt receipt_row handout_event handout_pass handout_sealed handout_entry"
    " spot_check spot_check_row spot_check_word complaint stock_move session_signup attendance",
    "Reference tables": "division station occupation holiday notice contact recipient reference_change",
    "Keys": "key_check key_rotation suppression withdrawal suppression_word stop_notice work_lock",
}
PARENTS = {
    "delivery_id": "delivery",
    "record_id": "source_record",
    "person_id": "person",
    "snapshot_id": "pool_snapshot",
    "list_id": "target_list",
    "receipt_id": "receipt",
    "letter_id": "letter",
    "event_id": "handout_event",
    "pass_id": "handout_pass",
    "hold_id": "retention_hold",
    "sealed_id": "handout_sealed",
    "match_run_id": "match_run",
}
"""Columns that point at a table. Only some are foreign keys: bulk loads check the others by how they are made."""


def data_model() -> str:
    """The page of diagrams, one a group of tables."""
    parts = [
        "# Data model",
        "Made from `include/talentpool/model/` by `make docs`; Alembic makes the same tables. A solid line is a foreign key,\n"
        "a dotted one a column of that name. What each column is for: [data-map.md](data-map.md).",
    ]
    for title, names in GROUPS.items():
        parts += [f"## {title}", _diagram(names.split())]
    return "\n\n".join(parts) + "\n"


def _diagram(names: list[str]) -> str:
    lines, edges = [], []
    for name in names:
        table = metadata.tables[name]
        lines.append(f"  {name} {{")
        lines += [f"    {_type(column)} {column.name}{_marks(column)}" for column in table.columns]
        lines.append("  }")
        for column in table.columns:
            parent = PARENTS.get(column.name)
            if parent and parent != name:
                line = "--" if column.foreign_keys else ".."
                edges.append(f"  {parent} ||{line}o{{ {name} : {column.name}")
    return "\n".join(["```mermaid", "erDiagram", *edges, *lines, "```"])


def _type(column: sa.Column[Any]) -> str:
    return type(column.type).__name__.lower()


def _marks(column: sa.Column[Any]) -> str:
    keys = [mark for mark, holds in (("PK", column.primary_key), ("FK", bool(column.foreign_keys))) if holds]
    return f" {', '.join(keys)}" if keys else ""


def facts() -> dict[str, Any]:
    """data-map.yml."""
    loaded: dict[str, Any] = yaml.safe_load((DOCS / "data-map.yml").read_text(encoding="utf-8"))
    return loaded


def data_map() -> str:
    """The page of tables: every column of every table."""
    known = facts()
    parts = [
        "# Data map",
        "Every column of every table: where its value comes from, what for, how it is protected, how long it stays and who sees\n"
        "it. Made from the tables and `data-map.yml` by `make docs`. Columns in **bold** speak of a person. Nothing more about\n"
        "a person is stored: columns that no declaration names are dropped before any table, and political status, ethnicity,\n"
        "health, location traces, bank data and face images are not collected. Task logs and XCom hold ids and counts only.",
        "## Who",
        "\n".join(["| readers | who and how |", "|---|---|", *(f"| {n} | {w} |" for n, w in known["readers"].items())]),
        "## Kinds of columns",
        "\n".join(
            ["| kind | what for | protection |", "|---|---|---|"]
            + [f"| {name} | {kind['purpose']} | {kind['protection']} |" for name, kind in known["kinds"].items()]
        ),
    ]
    for title, names in GROUPS.items():
        parts.append(f"## {title}")
        parts += [_table(name, known) for name in names.split()]
    return "\n\n".join(parts) + "\n"


def _table(name: str, known: dict[str, Any]) -> str:
    about = known["tables"][name]
    lines = [
        f"### {name}",
        "",
        f"{about['why'][0].upper()}{about['why'][1:]}. Kept: {about['keep']}. Read by: {', '.join(about['who'])}.",
        "",
        "| column | from | kind | note |",
        "|---|---|---|---|",
    ]
    for column in metadata.tables[name].columns:
        kind, source = entry(known, name, column.name)
        shown = f"**{column.name}**" if known["kinds"][kind]["person"] else column.name
        lines.append(f"| {shown} | {source} | {kind} | {(column.comment or '').replace('|', chr(92) + '|')} |")
    return "\n".join(lines)


def entry(known: dict[str, Any], table: str, column: str) -> tuple[str, str]:
    """(kind, source) of a column; KeyError when data-map.yml does not know it."""
    kind, source = known["columns"].get(f"{table}.{column}") or known["columns"][column]
    return kind, source


PAGES = {"data-model.md": data_model, "data-map.md": data_map}

if __name__ == "__main__":
    for page, made in PAGES.items():
        (DOCS / page).write_text(made(), encoding="utf-8")
