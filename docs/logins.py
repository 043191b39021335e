"""Writes docs/access-database.md, what each login of the database may do, from a migrated database: `make docs`."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import sqlalchemy as sa

from talentpool.database.roles import READER

PAGE = Path(__file__).resolve().parent / "access-database.md"
HEAD = """# Who may do what in the database

Made from the policies and grants of a migrated database by `make docs`; docs/adr/0022 says why. `talentpool_console`
(the pages) and every `officer_<name>` are members of `talentpool_reader`; `talentpool_tasks` is a member of
`talentpool_pipeline`, which reads every row, writes all but the tables of the log, officers and the schema's version, and
owns nothing; `talentpool_backup` reads every row. The owner of the schema migrates and makes logins, and does nothing
else. *Whole area* and *own counties* are what the pages say for one transaction, or what an officer's login is.
Counts of deliveries are read through the view `delivery_figures`, by the whole area's officers, `auditor` and `operator`.
Receipts that others brought are read through the function `receipts_seen`, by whose counties' rows they speak of, and counted for
these rows alone.

| table | rows a reader sees | and may |
|---|---|---|"""
_TABLES = sa.text(
    """
    select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced,
           has_table_privilege(:reader, c.oid, 'select') as whole_rows,
           has_any_column_privilege(:reader, c.oid, 'select') as some,
           (select pg_get_expr(p.polqual, p.polrelid) from pg_policy p
            where p.polrelid = c.oid and p.polname = 'reader') as rule,
           array_remove(array[
               case when has_any_column_privilege(:reader, c.oid, 'insert') then 'add rows' end,
               case when has_any_column_privilege(:reader, c.oid, 'update') then 'change rows' end,
               case when has_table_privilege(:reader, c.oid, 'delete') then 'delete rows' end], null) as more
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and c.relname <> 'alembic_version'
    order by 1
    """
)


def page(conn: sa.Connection) -> str:
    """The page for the database behind `conn`."""
    lines = [HEAD]
    for table in conn.execute(_TABLES, {"reader": READER}):
        lines.append(f"| `{table.name}` | {_rows(table)} | {', '.join(table.more) or '—'} |")
    return "\n".join(lines) + "\n"


def _rows(table: sa.Row) -> str:
    if not table.some:
        return "none"
    if not table.forced:
        return (
            "all: no row is about a person" if table.whole_rows else "all, but only columns without hashes and counts"
        )
    return _words(table.rule or "")


def _words(rule: str) -> str:
    """A policy, shortened to what tells it from another."""
    text = re.sub(r"\s+", " ", rule)
    text = re.sub(r"\( ?SELECT scope_(\w+)\(\) AS scope_\w+\)(::text\[\])?", r"scope_\1", text)
    text = text.replace("scope_whole", "*whole area*").replace("scope_audits", "*auditor, or whole area*")
    text = text.replace("scope_actor", "*oneself*")
    text = re.sub(r"ANY \(+scope_counties\)+", "any of *own counties*", text)
    text = re.sub(r"EXISTS \( SELECT FROM (\w+) \w+ WHERE [^)]*\)+", r"a visible row in `\1`", text)
    text = re.sub(r"split_part\(.*? END\)", "county of `recipient`", text)
    return re.sub(r"[()]", "", text).replace(" OR ", " or ").replace(" AND ", " and ")


def main() -> None:
    from talentpool.database import initialise
    from talentpool.settings import Settings

    with tempfile.TemporaryDirectory(prefix="tp-docs-") as home:
        engine = initialise(Settings(home=Path(home), database_url=None, profile="demo"))
        with engine.connect() as conn:
            PAGE.write_text(page(conn), encoding="utf-8")
        engine.dispose()


if __name__ == "__main__":
    main()
