"""The published records as one plain table: what every matcher starts from that is measured without the database.

They are of people whom nobody is (ID numbers with a prefix that is never issued), in the temporary home of the run.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from bench.quality import grouped, swept
from talentpool.settings import Settings

COLUMNS = (
    "unique_id", "partner", "name", "sound", "surname", "document", "tail", "birth", "mobile", "sex", "county",
    "head", "other", "mobile2", "station", "hired", "shown", "person", "true",
)  # fmt: skip
"""`name` match form; `sound` its pinyin; `document` 17 digits of a valid number; `tail` the last four characters of that
or of a masked one, `head` the leading digits a masked one shows; `other` a document that is no resident number; `shown`
what is seen of a masked name; `person` what the product made of the record; `true` who it is. Text but for `sex`;
null = unknown."""
ANSWERS = ("person", "true")
"""What a peer is not given."""


def match_export(request: dict[str, Any]) -> dict[str, Any]:
    """Set-up: the table in record order into `request["cleaned"]`; and how good what the product wrote is."""
    from talentpool.database import connect
    from talentpool.guard import open_keys

    settings = Settings()
    engine = connect(settings)
    table = pa.Table.from_pylist(list(_rows(engine, open_keys(settings, engine), Path(request["truth"]))), schema())
    table = table.sort_by("unique_id")
    pq.write_table(table, request["cleaned"])
    true = dict(zip(table["unique_id"].to_pylist(), table["true"].to_pylist(), strict=True))
    with engine.connect() as conn:
        edges = conn.execute(sa.text("select left_record, right_record, score from edge where rule = 'scored'")).all()
    engine.dispose()
    same = [true[str(row.left_record)] == true[str(row.right_record)] for row in edges]
    return {
        "pairs": swept([row.score for row in edges], same, table["true"]),
        "persons": grouped(table["person"], table["true"]), "seconds": 0.0, "cpu": 0.0,
    }  # fmt: skip


def read_truth(file: Path) -> dict[tuple[str, str], str]:
    """(partner, staff number) -> true person."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return {(row["partner"], row["staff_no"]): row["true_person"] for row in csv.DictReader(lines)}


def schema() -> pa.Schema:
    return pa.schema([(name, pa.int8() if name == "sex" else pa.string()) for name in COLUMNS])


def _rows(engine: sa.Engine, keys: Any, truth: Path) -> Iterator[dict[str, Any]]:
    from talentpool.conform.values.names import read_name
    from talentpool.guard.personal import Opener, sealed_with_salt
    from talentpool.match.facts.features import WHOLE
    from talentpool.match.facts.forms import syllable
    from talentpool.model import source_record as live

    true = read_truth(truth)
    opener = Opener(keys)
    with engine.connect() as conn:
        numbers = dict(map(tuple, conn.execute(sa.text("select record_id, staff_no from source_record"))))
        person = dict(map(tuple, conn.execute(sa.text("select record_id, person_id from record_person"))))
        evidence = (
            live.c.partner,
            live.c.id_number_status,
            live.c.birth_date,
            live.c.sex,
            live.c.county,
            live.c.station,
            live.c.hired_on,
        )
        for row in conn.execute(sealed_with_salt(live, *evidence)):
            known = opener.open(row)
            form = read_name(known.name).form
            said = [syllable(character) for character in form]
            number = known.document_no
            whole = number if number and row.id_number_status in WHOLE else ""
            masked = number if number and row.id_number_status == "masked" else ""
            shown = masked[masked.rindex("*") + 1 :] if masked else whole
            record = str(row.record_id)
            found = (
                record, row.partner, form or None, " ".join(said) or None, said[0] if said else None, whole[:17] or None,
                shown[-4:] if len(shown) >= 4 else None, row.birth_date.isoformat() if row.birth_date else None,
                known.mobile if known.mobile.isdigit() else None, row.sex, row.county,
                (masked[: masked.index("*")][:6] if masked else "") or None,
                (number if not whole and not masked else "") or None,
                known.mobile2 if known.mobile2.isdigit() and known.mobile2 != known.mobile else None,
                row.station or None, row.hired_on.isoformat() if row.hired_on else None,
                known.name if known.name and not form else None,
                str(person[row.record_id]), true.get((row.partner, numbers[row.record_id]), record),
            )  # fmt: skip
            yield dict(zip(COLUMNS, found, strict=True))
