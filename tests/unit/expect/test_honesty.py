"""Great Expectations does not take conform's word: whatever is wrong in the staging, it finds without conform's help."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from rosters import Office, document, person, write_template
from talentpool.acquire import acquire
from talentpool.conform import conform
from talentpool.errors import RejectedError
from talentpool.expect import expect, suite, verdict
from talentpool.expect.rules import ROW_RULES, STAGING_CHECKS
from talentpool.expect.words import STAGING_WORDS
from talentpool.texts.reasons import reasons

ROWS = [
    *(person(n) for n in range(1, 31)),
    person(31, name=""),
    person(32, consented_on=""),
    person(33, birth_date="2011-05-05", document_no="", hired_on=""),
    person(34, mobile="", document_no=""),
]


@pytest.fixture
def staged(office: Office) -> tuple[Office, int]:
    """A conformed delivery, before its audit."""
    path = write_template(office.folder / "roster.csv", ROWS)
    partner = office.partner()
    from datetime import date

    landed = acquire(office, partner, file=path, as_of=date(2026, 10, 31))
    assert landed is not None
    conform(office, partner, landed.delivery_id)
    return office, landed.delivery_id


def audit(office: Office, delivery_id: int) -> object:
    return expect(office, office.partner(), delivery_id)


def test_an_honest_staging_passes(staged: tuple[Office, int]) -> None:
    verdict = audit(*staged)
    assert (verdict.status, verdict.rows, verdict.quarantined, verdict.refused) == ("audited", 34, 2, 1)
    assert verdict.reasons == {"age_14_15": 1, "name_empty": 1, "no_consent": 1}


@pytest.mark.parametrize(
    ("what", "corruption"),
    [
        ("a status outside its vocabulary", "update {t} set id_number_status = 'fine' where row_no = 1"),
        ("a status that hides a usable document", "update {t} set id_number_status = 'missing' where row_no = 1"),
        ("a status that claims a document", "update {t} set id_number_status = 'valid' where row_no = 34"),
        ("a mobile that is not there", "update {t} set mobile_status = 'ok' where row_no = 34"),
        ("a lost index", "update {t} set mobile_index = null where row_no = 2"),
        ("a lost sealed record", "update {t} set sealed = null where row_no = 3"),
        ("a lost salt", "update {t} set salt = null where row_no = 3"),
        ("a refused row that was sealed", "update {t} set sealed = 'x', salt = 'x', changed = true where row_no = 32"),
        ("another birth date than the document's", "update {t} set birth_date = '1970-01-01' where row_no = 4"),
        ("a date that its letter denies", "update {t} set hired_on = null where row_no = 5"),
        ("a date after the roster's", "update {t} set hired_on = '2030-01-01' where row_no = 5"),
        ("consent without a date", "update {t} set consented_on = null where row_no = 6"),
        ("a county outside the area", "update {t} set county = '140107' where row_no = 7"),
        ("a county that no longer is", "update {t} set county = '140421' where row_no = 7"),
        ("a row number out of line", "update {t} set row_no = 99 where row_no = 8"),
        ("a null status", "update {t} set mobile2_status = null where row_no = 10"),
        ("a letter that is none", "update {t} set date_status = 'oqoo' where row_no = 11"),
    ],
)
def test_a_corrupted_staging_is_caught(staged: tuple[Office, int], what: str, corruption: str) -> None:
    office, delivery_id = staged
    with office.engine.begin() as conn:
        conn.exec_driver_sql(corruption.format(t=f"staging.delivery_{delivery_id}"))
    with pytest.raises(RejectedError) as caught:
        audit(office, delivery_id)
    assert caught.value.code == "staging_inconsistent", what


def test_a_rule_that_cannot_run_is_a_broken_rule_not_bad_data(
    staged: tuple[Office, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STAGING_CHECKS, "cannot run", "no_such_column = 1")
    monkeypatch.setattr(verdict, "ROW_RULES", (*ROW_RULES[1:], replace(ROW_RULES[0], bad="1 / 0 = 1")))
    monkeypatch.setattr(suite, "ROW_RULES", verdict.ROW_RULES)
    with pytest.raises(RejectedError) as caught:
        audit(*staged)
    assert caught.value.code == "rule_broken"
    assert (
        "校验规则执行失败：工作区县不在报送人的管理范围内，或该工号由其他区县管理 county_not_yours、暂存自检“cannot run”"
        in str(caught.value)
    )


def test_two_roads_that_count_differently_are_caught(
    staged: tuple[Office, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    drifted = tuple(r for r in ROW_RULES if r.code != "name_empty")
    monkeypatch.setattr(verdict, "ROW_RULES", drifted)
    with pytest.raises(RejectedError, match="姓名为空或是错误值 name_empty 两次计数不同（1 与 0）"):
        audit(*staged)


def test_what_is_checked_of_the_staging_is_told_in_chinese() -> None:
    assert set(STAGING_WORDS) == {*STAGING_CHECKS, *suite.WHOLE_TABLE}


def test_every_rule_has_a_reason_with_words_for_the_officer() -> None:
    assert ROW_RULES
    for rule in ROW_RULES:
        reason = reasons()[rule.code]
        assert reason.outcome in ("quarantined", "refused")
        assert reason.text_zh and reason.fix_zh


@pytest.mark.parametrize(
    ("code", "outcome", "changes"),
    [
        ("staff_no_missing", "quarantined", {"staff_no": ""}),
        ("name_empty", "quarantined", {"name": " "}),
        ("name_placeholder", "quarantined", {"name": "测试"}),
        ("county_missing", "quarantined", {"county": ""}),
        ("county_unknown", "quarantined", {"county": "火星"}),
        ("county_outside", "quarantined", {"county": "140107"}),
        ("birth_date_impossible", "quarantined", {"birth_date": "1990-02-30", "document_no": ""}),
        ("birth_date_future", "quarantined", {"birth_date": "2030-02-01", "document_no": "", "hired_on": ""}),
        ("hired_on_impossible", "quarantined", {"hired_on": "昨天"}),
        ("hired_on_future", "quarantined", {"hired_on": "2027-01-01"}),
        ("left_on_impossible", "quarantined", {"left_on": "2026-99-01"}),
        ("left_before_hired", "quarantined", {"left_on": "2020-01-01"}),
        ("hired_before_14", "quarantined", {"document_no": document(55, "1995-05-05"), "hired_on": "2005-01-01"}),
        ("age_14_15", "quarantined", {"document_no": document(55, "2011-05-05"), "hired_on": ""}),
        ("age_over_bound", "quarantined", {"document_no": document(55, "1920-05-05")}),
        ("under_14", "refused", {"document_no": document(55, "2014-05-05"), "hired_on": ""}),
        ("no_consent", "refused", {"consented_on": ""}),
        ("no_consent", "refused", {"notice_version": "v9"}),
    ],
)
def test_a_bad_row_is_set_aside_under_its_code(
    office: Office, code: str, outcome: str, changes: dict[str, str]
) -> None:
    found = office.deliver("2026-10-31", [*(person(n) for n in range(1, 31)), person(99, **changes)])
    assert found.status == "published"
    assert found.reasons == {code: 1}
    assert (found.quarantined, found.refused) == ((1, 0) if outcome == "quarantined" else (0, 1))
    with office.engine.connect() as conn:
        assert conn.scalar(sa.text("select count(*) from source_record")) == 30
