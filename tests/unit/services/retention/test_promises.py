"""All kinds together; and that what is done is what papers, declarations and the data map say."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from docs.tables import facts
from rosters import Office
from talentpool.acquire import load_partner
from talentpool.declare import partner_files
from talentpool.declare.partner import Retention
from talentpool.model import (
    metadata,
    quarantine,
)
from talentpool.services.handover.facts import sheet_of
from talentpool.services.retention import (
    KINDS,
    OF_AIRFLOW,
    carry_out,
    carry_out_all,
    defaults,
    place,
    promises,
    terms_of,
    went,
)
from talentpool.services.rights.forget import BY_PERSON, BY_RECORD
from talentpool.settings import INCLUDE, Settings
from terms_over import FAR, LAST, WHO, gone, sealed


def test_one_kind_that_fails_stops_no_other(released: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("talentpool.services.retention.sheets.put_down", full)
    done, failed = carry_out_all(released, date(2026, 12, 31))
    assert failed == {"exports": "OSError"}
    assert {one.kind for one in done} == set(KINDS) - {"exports"}
    assert sealed(released) == ["export-00002"], "the file is gone before it is on record"
    monkeypatch.undo()
    assert gone(released, "exports", date(2026, 12, 31)) == 0


def test_the_report_names_every_promise_with_what_was_done(aside: Office) -> None:
    day = LAST + timedelta(days=1)
    before = {one.term.kind: one for one in promises(aside, day)}
    assert list(before) == list(defaults()) and before["quarantine"].due.free == 3  # type: ignore[union-attr]
    assert before["quarantine"].last_run is None
    carry_out_all(aside, day)
    after = {one.term.kind: one for one in promises(aside, day)}
    assert (after["quarantine"].gone, after["quarantine"].due.free) == (3, 0)  # type: ignore[union-attr]
    assert {code for code, one in after.items() if one.last_run is None} == set(OF_AIRFLOW)
    assert after["people"].partners["网约车"] == 365
    with aside.engine.connect() as conn:
        shown = {one.kind: one.gone for one in went(conn, day)}
    assert shown["quarantine"] == 3


def test_what_is_on_record_is_only_appended_to(aside: Office) -> None:
    place(aside, "kind:people", until=FAR, **WHO)
    carry_out(aside, "quarantine", FAR)
    for table in ("retention_report", "retention_hold", "retention_hold_word"):
        for statement in (f"delete from {table}", f"truncate {table} cascade"):
            with pytest.raises(sa.exc.DBAPIError, match="only appended"), aside.engine.begin() as conn:
                conn.execute(sa.text(statement))


def shipped() -> Iterator[Any]:
    dirs = Settings().partner_dirs
    for code in partner_files(dirs):
        yield load_partner(dirs, code)


def test_the_terms_of_a_declaration_that_says_nothing_are_those_of_the_table() -> None:
    said, table = Retention(), defaults()
    assert (said.left_days, said.raw_days, said.quarantine_days) == tuple(
        table[kind].days for kind in ("people", "raw_files", "quarantine")
    )
    with (INCLUDE / "reference" / "retention.csv").open(encoding="utf-8", newline="") as lines:
        assert all(all(row.values()) for row in csv.DictReader(lines)), "each says from when, who promised, and why"


def test_each_promise_of_the_papers_is_a_term_that_is_carried_out() -> None:
    """Number of a paper -> the term of the kind that deletes."""
    terms = terms_of(Settings())
    for partner in shipped():
        text = " ".join(sheet_of(partner).duties)
        own = terms.partners[partner.code]
        for pattern, days in (
            (r"原始文件加密保存，(\d+) 天后删除", own.raw_days), (r"人员离职 (\d+) 天后清除", own.left_days),
            (r"隔离的行 (\d+) 天后删除", own.quarantine_days),
        ):  # fmt: skip
            assert [int(found) for found in re.findall(pattern, text)] == [days], (partner.code, pattern)
    assert {*KINDS, *OF_AIRFLOW} == set(defaults()) - {"people_suspended", "people_orphaned"}


def test_a_declaration_keeps_no_raw_file_longer_than_its_people() -> None:
    with pytest.raises(ValueError, match="raw_days"):
        Retention(raw_days=30, left_days=20)


def test_the_data_map_says_what_is_done(aside: Office) -> None:
    """Each table with a term says its days; each table that a run deletes from has the term of its kind."""
    said = {name: about for name, about in facts()["tables"].items() if "term" in about}
    for name, about in said.items():
        days = str(defaults()[about["term"]].days)
        assert re.search(rf"\b{days}\b", about["keep"]), (name, about["keep"])
    words = yaml.safe_dump(facts()["tables"], allow_unicode=True)
    assert "not carried out" not in words and "no deletion by age" not in words
    of = {kind: {name for name, about in said.items() if about["term"] == kind} for kind in KINDS}
    deleted = {table.name for table in (*BY_RECORD, *BY_PERSON)}
    assert deleted - {"quarantine"} == of["people"], "an erasure reaches these"
    assert of["quarantine"] == {quarantine.name} and of["requests"] == {"person_request", "request_step"}
    assert of["uploads"] == {"upload"} and of["provisions"] == {"provision"} and of["raw_files"] == {"delivery"}
    assert of["sign_ins"] == {"sign_in_session", "sign_in_lock"} and of["sheets"] == {"list_file"}
    assert set(said) <= set(metadata.tables)
    carry_out_all(aside, LAST + timedelta(days=1))
    for kind, counts in aside.ask("select kind, counts from retention_report where gone > 0"):
        assert set(counts) - {"strays", "record_salt"} <= of[kind], kind
