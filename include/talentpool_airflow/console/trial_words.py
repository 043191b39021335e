"""Say a trial's outcome in one colour, one title and one sentence, from one place, so that no two disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from talentpool.deliveries.delivery_state import State
from talentpool.services.desk.upload import Tried


@dataclass(frozen=True)
class TrialWords:
    """`colour`: good (everything is taken), warn (not every row or value is, or a person decides first), or bad (the file is
    not taken)."""

    colour: str
    title: str
    sentence: str


REFUSED = {
    State.REJECTED: ("不能提交：会被整份退回", "没有一行会入库，原因如下；改好后请重新试检。"),
    "duplicate": ("不能提交：与已交付的文件相同", "内容与此前已处理的一份完全相同，再次提交不会有任何变化。"),
    "nothing": ("不能提交：没有内容", "文件中没有人员。"),
}


def words_of(tried: Tried, scope_name: str) -> TrialWords:
    """The verdict of a trial for the officer who brought the file, whose scope is called `scope_name`."""
    checked = tried.checked
    found = checked.outcome
    if checked.foreign:
        return TrialWords(
            "bad", "不能提交：含不属于您管理范围的行",
            f"共 {found.rows} 行，其中 {checked.foreign} 行不属于{scope_name}；请删去这些行后重新试检。",
        )  # fmt: skip
    if tried.upload_id is None:
        title, why = REFUSED.get(found.status, REFUSED[State.REJECTED])
        return TrialWords("bad", title, f"共 {found.rows} 行。{why}" if found.rows else why)
    left = found.rows - found.accepted
    counted = f"共 {found.rows} 行，可入库 {found.accepted} 行" + (
        f"，不入库 {left} 行（隔离 {found.quarantined}，拒收 {found.refused}）" if left else ""
    )
    if found.status == State.HELD:
        return TrialWords(
            "warn", "可以提交，但不会直接入库：先搁置，等市级专员决定", f"{counted}；提交后由市级决定是否入库。"
        )
    if left:
        return TrialWords("warn", f"可以提交，但有 {left} 行不会入库", f"{counted}。提交前请先看下面的原因。")
    aside = len(checked.errors) + checked.left_out
    if aside:
        return TrialWords(
            "warn",
            f"可以提交，人员全部入库，但有 {aside} 处内容不用",
            f"{counted}。哪一行的哪一列不用、怎么改，见下表。",
        )
    return TrialWords("good", "可以提交，全部入库", f"{counted}。")


def dated_words(tried: Tried, asked: date, partner: str) -> str:
    """Which date the file is taken under, where it is not the one asked for; '' where it is."""
    used = tried.as_of
    if used == asked:
        return ""
    return (
        f"您填写的名册日期是 {asked}，按 {used} 处理：{partner}最新的名册是 {used} 的，区县报送的变化不能晚于它，"
        "否则下一份全市名册会被当作旧数据。授权日期仍按收到文件的当天核对。"
    )
