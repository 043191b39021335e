"""What an officer puts in is a value that the rules read whole, whatever the field; else it is refused, and not repeated."""

from __future__ import annotations

import pytest

from databases import Twins
from rosters import Office, person
from set_aside import CITY, bring, live, rows, words
from talentpool.errors import UsageError
from talentpool.services.mending import Place, correct

HIDDEN, AMISS = "看不见的字符", "不能照原样读取"
UNSEEN = [f"王{sign}小明" for sign in ("\u202e", "\x07", "\n", "\u200b", "\u3164", "\u2028", "\ud800", "\u2066")]
REFUSED = [
    *((field, value, HIDDEN) for field in ("name", "station", "document_no", "county") for value in UNSEEN),
    ("name", "A" * 200, AMISS), ("name", "欧阳*", AMISS), ("name", "王小明先生", AMISS), ("name", "王?明", AMISS),
    ("name", "A" * 201, "超过 200 个字"), ("name", " \u3000 ", "请填写"), ("name", "'王小明", AMISS),
    ("document_type", "zzz", AMISS), ("occupation", "zzz", AMISS), ("station", "无", AMISS),
    ("sex", "未知道", "性别"), ("birth_date", "1991-05-05 12:30", AMISS), ("birth_date", "长期", "请按 YYYY-MM-DD"),
    ("hired_on", "9999-12-31", AMISS), ("mobile", "1390000000", "手机号码不可用"), ("document_no", "zzz", "证件号码"),
    ("county", "火星", "区县"),
]  # fmt: skip
KEPT = [
    ("name", "阿卜杜热西提·买买提"), ("name", "欧阳\u3000槿翊"), ("document_type", "护照"), ("station", "城东站（北）"),
    ("sex", "女"), ("hired_on", "2024/3/5"), ("mobile2", "13900000002"), ("name", "龙𠮷"),
]  # fmt: skip


@pytest.fixture(scope="module")
def place(twins: Twins) -> tuple[Office, Place]:
    office = twins.office()
    return office, Place(
        bring(office, person(7, document_no="", birth_date="1990-05-05", staff_no="T00007", county="")), 7
    )


@pytest.mark.parametrize(("field", "value", "said"), REFUSED)
def test_what_is_not_read_whole_is_refused_in_words(
    place: tuple[Office, Place], field: str, value: str, said: str
) -> None:
    office, row = place
    with pytest.raises(UsageError, match=said) as refused:
        correct(office, row, field, value, CITY)
    spoken_of = value.strip() in ("", "无", "9999-12-31")  # by the rule itself, in any case
    assert spoken_of or value not in str(refused.value)
    assert words(office) == [] and len(rows(office)) == 1


def test_the_birth_date_that_the_document_contradicts_is_refused(twins: Twins) -> None:
    office = twins.office()
    row = Place(bring(office, person(7, county="")), 7)
    with pytest.raises(UsageError, match="以证件号码为准"):
        correct(office, row, "birth_date", "1950-01-01", CITY)
    assert correct(office, row, "county", "140403", CITY).outcome == "taken", (
        "what the rest of the row is noted for stays"
    )


@pytest.mark.parametrize(("field", "value"), KEPT)
def test_what_is_read_whole_is_kept_as_it_is_read(twins: Twins, field: str, value: str) -> None:
    office = twins.office()
    row = Place(bring(office, person(7, document_no="", birth_date="1990-05-05", county="")), 7)
    assert correct(office, row, field, value, CITY).outcome == "waits"
    assert correct(office, row, "county", "140403", CITY).outcome == "taken"
    assert live(office, "T00007", "station") == (value if field == "station" else "太行站")
