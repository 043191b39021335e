"""Edit a reference table: one transaction under one lock, checked as a whole, logged row by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.declare import partner_files
from talentpool.errors import UsageError
from talentpool.guard import redact
from talentpool.locks import REFERENCE_LOCK, hold
from talentpool.model import reference_change
from talentpool.office import Office
from talentpool.reference.rules import Finding, findings
from talentpool.reference.store import read_all, versions
from talentpool.reference.tables import LIST_SEPARATOR, Key, Row, State, Table
from talentpool.reference.usage import refuse_used

SHOWN_FINDINGS = 5
Edit = Callable[[State], State]


@dataclass(frozen=True)
class Change:
    """One row of the log: `before` is None for a new row, `after` for a removed one."""

    key: Key
    before: Row | None
    after: Row | None

    @property
    def kind(self) -> Literal["added", "changed", "removed"]:
        return "added" if self.before is None else "removed" if self.after is None else "changed"


@dataclass(frozen=True)
class Applied:
    """What an edit did, or would do; `version` is the table's after it."""

    table: str
    version: int
    applied: bool
    changes: tuple[Change, ...]

    def as_json(self) -> dict[str, Any]:
        counts = {kind: sum(c.kind == kind for c in self.changes) for kind in ("added", "changed", "removed")}
        rows = [{"change": c.kind, "key": list(c.key), "before": c.before, "after": c.after} for c in self.changes]
        return {"table": self.table, "version": self.version, "applied": self.applied, **counts, "rows": rows}


def set_row(office: Office, table: Table, cells: dict[str, str], *, by: str, reason: str) -> Applied:
    """Add a row, or change the given columns of one. UsageError on a bad column, value or key.

    Of a column that is a list, `aliases+` adds words to what is there and `aliases-` takes words away.
    """
    table.known([_column(table, name) for name in cells])
    missing = [name for name in table.key if not cells.get(name, "").strip()]
    if missing:
        raise UsageError(
            f"a row of {table.name} is identified by {', '.join(table.key)}; missing: {', '.join(missing)}"
        )
    return _edit(office, table, lambda state: merged(table, state, [("", cells)]), by=by, reason=reason)


def remove_row(office: Office, table: Table, key: Key, *, by: str, reason: str) -> Applied:
    """Take a row away. UsageError when there is none, or when live records use it."""

    def without(state: State) -> State:
        if key not in state:
            near = [" ".join(known) for known in state if known[0] == key[0]]
            hint = f"; there is {', '.join(near[:SHOWN_FINDINGS])}" if near else ""
            raise UsageError(f"{table.name} has no row {' '.join(key)}{hint}; see `talentpool reference list`")
        return {known: row for known, row in state.items() if known != key}

    return _edit(office, table, without, by=by, reason=reason)


def import_rows(
    office: Office,
    table: Table,
    rows: Sequence[tuple[str, dict[str, str]]],
    *,
    by: str,
    reason: str,
    replace: bool = False,
    dry: bool = True,
) -> Applied:
    """Set many rows at once: (where it stands, cells). With `replace` rows that are not among them are removed.

    Nothing is written when `dry`; the checks are the same.
    """

    def edit(state: State) -> State:
        after = merged(table, state, rows)
        if not replace:
            return after
        named = {table.key_of(table.row(_completed(table, after, cells), where)) for where, cells in rows}
        return {key: row for key, row in after.items() if key in named}

    return _edit(office, table, edit, by=by, reason=reason, dry=dry)


def merged(table: Table, state: State, rows: Sequence[tuple[str, dict[str, str]]]) -> State:
    """`state` with rows added or changed; columns that a row does not name stay as they are."""
    after, places = dict(state), dict[Key, str]()
    for where, cells in rows:
        row = table.row(_completed(table, state, cells), where)
        key = table.key_of(row)
        if key in places:
            raise UsageError(f"{where}the key {' '.join(key)} occurs twice, first at {places[key].rstrip(': ')}")
        places[key] = where
        after[key] = row
    return dict(sorted(after.items()))


def _completed(table: Table, state: State, cells: dict[str, str]) -> dict[str, Any]:
    """The known row of these key cells under what is given anew."""
    key = table.whole_key(tuple(cells.get(name, "") for name in table.key))
    row = dict(state.get(key, {}))
    for name, value in cells.items():
        column = _column(table, name)
        words = value.split(LIST_SEPARATOR)
        if column == name:
            row[name] = value
        elif name.endswith("+"):
            row[column] = [*row.get(column, []), *words]
        else:
            row[column] = [word for word in row.get(column, []) if word not in words]
    return row


def _column(table: Table, name: str) -> str:
    """The column that `name`, `name+` or `name-` speaks of; only a list has words to add and take away."""
    return name[:-1] if name[-1:] in ("+", "-") and name[:-1] in table.lists else name


def _edit(office: Office, table: Table, edit: Edit, *, by: str, reason: str, dry: bool = False) -> Applied:
    _signed(by, reason)
    partners = frozenset(partner_files(office.settings.partner_dirs))
    with office.engine.begin() as conn:
        # one lock for all tables: they speak of each other, and edits are rare
        hold(conn, REFERENCE_LOCK)
        tables = read_all(conn)
        before, after = tables[table.name], edit(tables[table.name])
        changes = _difference(before, after)
        known = {(f.table, f.code, f.key) for f in findings(tables, partners)}
        found = findings({**tables, table.name: after}, partners)
        # a station whose county is abolished later is work to do, not a reason to keep the county
        _refuse([f for f in found if f.table == table.name and (f.table, f.code, f.key) not in known])
        refuse_used(conn, table.name, before, after)
        version = versions(conn)[table.name]
        if changes and not dry:
            version += 1
            _write(conn, table, changes)
            _log(conn, table, changes, version, by, reason)
    return Applied(table.name, version, bool(changes) and not dry, tuple(changes))


def _signed(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise UsageError("an edit must name who made it (--by) and why (--reason)")
    if redact(by + "\n" + reason) != by + "\n" + reason:
        raise UsageError("--by and --reason stay on record for good: no ID number and no mobile in them")


def _refuse(new: list[Finding]) -> None:
    if new:
        shown = "; ".join(f"{' '.join(f.key)}: {f.text}" for f in new[:SHOWN_FINDINGS])
        more = f"; and {len(new) - SHOWN_FINDINGS} more" if len(new) > SHOWN_FINDINGS else ""
        raise UsageError(f"nothing was changed in {new[0].table}: {shown}{more}")


def _difference(before: State, after: State) -> list[Change]:
    keys = sorted(before.keys() | after.keys())
    return [Change(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]


def _write(conn: sa.Connection, table: Table, changes: list[Change]) -> None:
    # away with the old rows first: a word that moves from one row to another is never there twice
    gone = [c.key for c in changes if c.after is None or c.before is not None]
    if gone:
        columns = [table.stored.c[name] for name in table.key]
        typed = [[_typed(column, value) for column, value in zip(columns, key, strict=True)] for key in gone]
        conn.execute(table.stored.delete().where(sa.tuple_(*columns).in_(typed)))
    rows = [table.values(c.after) for c in changes if c.after is not None]
    if rows:
        # a delivery may add the same station at this moment
        statement = insert(table.stored)
        every = {name: statement.excluded[name] for name in table.columns}
        conn.execute(statement.on_conflict_do_update(index_elements=list(table.key), set_=every), rows)


def _typed(column: sa.Column, value: str) -> Any:
    return date.fromisoformat(value) if isinstance(column.type, sa.Date) else value


def _log(conn: sa.Connection, table: Table, changes: list[Change], version: int, by: str, reason: str) -> None:
    conn.execute(
        reference_change.insert(),
        [
            {
                "table_name": table.name,
                "version": version,
                "key": dict(zip(table.key, c.key, strict=True)),
                "before": c.before,
                "after": c.after,
                "changed_by": by.strip(),
                "reason": reason.strip(),
            }
            for c in changes
        ],
    )
