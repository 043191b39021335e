"""The data model and the data map are of today's tables, and leave out no column."""

from __future__ import annotations

import pytest

from docs.tables import DOCS, GROUPS, PAGES, entry, facts
from talentpool.declare import TEMPLATE_V1
from talentpool.model import metadata

KNOWN = facts()
COLUMNS = [(table.name, column.name) for table in metadata.sorted_tables for column in table.columns]


def test_every_table_stands_in_one_group() -> None:
    grouped = [name for names in GROUPS.values() for name in names.split()]
    assert len(grouped) > 25
    assert sorted(grouped) == sorted(metadata.tables)


@pytest.mark.parametrize("page", PAGES)
def test_the_page_is_what_the_tables_are(page: str) -> None:
    assert (DOCS / page).read_text(encoding="utf-8") == PAGES[page](), "run `make docs`"


def test_every_column_is_on_the_map_with_a_kind_that_says_what_for() -> None:
    assert len(COLUMNS) > 250
    for table, column in COLUMNS:
        kind, source = entry(KNOWN, table, column)
        assert source and {"purpose", "protection", "person"} <= set(KNOWN["kinds"][kind]), (table, column)


def test_nothing_is_on_the_map_that_is_in_no_table() -> None:
    there = {name for table, column in COLUMNS for name in (column, f"{table}.{column}")}
    assert set(KNOWN["columns"]) <= there
    assert set(KNOWN["tables"]) == set(metadata.tables)
    used = {entry(KNOWN, table, column)[0] for table, column in COLUMNS}
    assert used == set(KNOWN["kinds"])
    assert {who for about in KNOWN["tables"].values() for who in about["who"]} == set(KNOWN["readers"])


def test_every_column_of_the_roster_template_goes_somewhere() -> None:
    """What a partner fills in is on the map under the template's own names."""
    sources = " ".join(entry(KNOWN, table, column)[1] for table, column in COLUMNS)
    assert len(TEMPLATE_V1) == 15
    assert [name for name in TEMPLATE_V1 if name not in sources] == []


def test_a_sealed_column_and_keyed_hashes_are_said_to_be_of_a_person() -> None:
    for table, column in COLUMNS:
        kind, _ = entry(KNOWN, table, column)
        if column in ("sealed", "record_id", "person_id", "staff_no") or (
            column.endswith(("_index", "_status")) and column != "map_index"  # of a task, no index of a person
        ):
            assert KNOWN["kinds"][kind]["person"], (table, column)
