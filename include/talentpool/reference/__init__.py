"""Keep the office's own tables: divisions, stations, occupations, holidays, notices, contacts, recipients. They are
seeded once, then edited by the office.

Every edit is one transaction that writes the rows and, beside them, what they were (`reference_change`); reading the
log backwards gives a table as it stood on any day.
"""

from talentpool.reference.change import Applied, Change, import_rows, remove_row, set_row
from talentpool.reference.check import Finding, check, not_yet_lawful
from talentpool.reference.contact import contact_for
from talentpool.reference.sheet import read_sheet, write_sheet
from talentpool.reference.store import history, read, read_at, versions
from talentpool.reference.tables import TABLES, Row, State, Table, table_named
from talentpool.reference.working_days import working_days

__all__ = [
    "TABLES",
    "Applied",
    "Change",
    "Finding",
    "Row",
    "State",
    "Table",
    "check",
    "contact_for",
    "history",
    "import_rows",
    "not_yet_lawful",
    "read",
    "read_at",
    "read_sheet",
    "remove_row",
    "set_row",
    "table_named",
    "versions",
    "working_days",
    "write_sheet",
]
