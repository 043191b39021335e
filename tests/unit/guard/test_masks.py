"""A mask leaves enough numbers that trying them is no use."""

from __future__ import annotations

import pytest

from guessing import FEW, documents_left, least_left
from rosters import document
from talentpool.guard import mask_document, mask_mobile, mask_name
from talentpool.guard.mask import ON_A_LIST

WHOLE = document(7, "1991-03-07")


def test_masks_show_what_they_may() -> None:
    assert mask_mobile("13812348000") == "*********00"
    assert mask_mobile("13812348000", ON_A_LIST) == "*******8000"
    shorts = [mask_mobile(short, shown) for short in ("1234", "123456", "") for shown in (2, 4)]
    assert shorts == ["****", "****", "****56", "****56", "", ""]
    assert [mask_document(value) for value in (WHOLE, "1401", "")] == ["*" * 18, "****", ""]
    assert [mask_name(value) for value in ("欧阳晓明", "王", "")] == ["欧***", "王*", ""]


@pytest.mark.parametrize("delivered", [WHOLE, f"{WHOLE[:6]}********{WHOLE[14:]}", WHOLE[:6] + WHOLE[8:17], "E12345678"])
def test_nothing_of_a_document_is_shown_also_of_one_that_came_masked(delivered: str) -> None:
    assert set(mask_document(delivered)) == {"*"}


def test_the_birth_year_and_a_mask_leave_many_numbers() -> None:
    assert documents_left(f"{WHOLE[:3]}{'*' * 11}{WHOLE[14:]}", WHOLE) < 50, "what both ends leave is tried in a day"
    assert documents_left(mask_document(WHOLE), WHOLE) > 100 * FEW
    for mobile in ("13812348000", "138****8000", "+8613812348000"):
        for shown in (2, ON_A_LIST):
            assert least_left(mask_mobile(mobile, shown), WHOLE) >= FEW
