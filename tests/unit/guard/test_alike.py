"""What is said of two values: a word, never a character of them."""

from __future__ import annotations

import pytest

from talentpool.guard.alike import alike, nearest

WHOLE = "140199198605050014"


@pytest.mark.parametrize(
    ("left", "right", "word"),
    [
        (WHOLE, WHOLE, "same"), ("14019919860505001x", "14019919860505001X", "same"), (f" {WHOLE}", WHOLE, "same"),
        (WHOLE, WHOLE[:-1] + "5", "slip"), (WHOLE, "2" + WHOLE[1:], "slip"), (WHOLE, WHOLE[:-1], "slip"),
        (WHOLE, WHOLE[1:], "slip"), (WHOLE, WHOLE + "0", "slip"), (WHOLE, WHOLE[:-2] + WHOLE[:-3:-1], "slip"),
        (WHOLE, WHOLE[:-2] + "25", "different"), (WHOLE, "240199198605050015", "different"),
        (WHOLE, WHOLE[:-2], "different"), ("13812348000", "13812340800", "slip"), ("王建国", "王建军", "slip"),
        ("", WHOLE, "missing"), (WHOLE, "  ", "missing"), ("", "", "missing"),
        (WHOLE, f"140***********{WHOLE[14:]}", "missing"), ("王**", "王建国", "missing"),
    ],
)  # fmt: skip
def test_two_values_agree_in_one_of_four_words(left: str, right: str, word: str) -> None:
    assert alike(left, right) == alike(right, left) == word


def test_of_several_values_the_nearest_two_count() -> None:
    assert nearest(("13812348000", "13900000001"), ("13700000007", "13900000001")) == "same"
    assert nearest(("13812348000", ""), ("13700000007", "13812348001")) == "slip"
    assert nearest(("13812348000", ""), ("", "13700000007")) == "different"
    assert nearest(("", ""), ("", "13700000007")) == nearest((), ()) == "missing"
