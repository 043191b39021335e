"""Judge each line of a sheet against the list: an entry that is taken, or a fault in words that say what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from talentpool.campaigns.receipts.entry import Entry
from talentpool.campaigns.receipts.outcomes import HANDED_OUT, OUTCOME_WORDS, Outcome, read_outcome
from talentpool.campaigns.receipts.reading import COUNT, DAY, OUTCOME, ROW_ID, Line
from talentpool.campaigns.selection.row_ids import ROW_ALPHABET, check_sign
from talentpool.conform.values.dates import read_date

WITHDREW = "row_withdrawn"
_NOT_IN_IDS = re.compile(rf"[^{ROW_ALPHABET}]")
_WHOLE = re.compile(r"\d{1,6}")
_COUNTED = re.compile(r"[份件套个包盒]$")


@dataclass(frozen=True)
class Fault:
    """Why a line is not taken: code, the column that is wrong, and what to do."""

    code: str
    column: str
    text: str


@dataclass(frozen=True)
class Window:
    """The days on which a list can have been handed out, how many one person may get, rows that are on another list of the round
    by now, with its number, and rows of who withdrew."""

    first: date
    last: date
    entitled: int = 1
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    withdrawn: Collection[str] = frozenset()


def plain_id(text: str) -> str:
    """A row id as the list has it: capitals, the dash in its place, nothing else."""
    signs = _NOT_IN_IDS.sub("", text.upper())
    return f"{signs[:4]}-{signs[4:]}" if len(signs) == 9 else text


def judge(
    lines: Sequence[Line], known: Mapping[str, Entry | None], window: Window
) -> tuple[list[tuple[Line, Entry]], list[tuple[Line, Fault]], Counter[str]]:
    """Entries to take, faults, and how many lines were blank, said what is known already, or are taken of who withdrew.

    Args:
        known: row id -> what stands of it by now, None where nothing does; of the rows that the bearer may speak for.
    """
    read = [(line, _read(line, known, window)) for line in lines]
    filled = Counter(plain_id(line[ROW_ID]) for line, found in read if found is not None and not line.struck)
    taken: list[tuple[Line, Entry]] = []
    faults: list[tuple[Line, Fault]] = []
    counts: Counter[str] = Counter(blank=0, known=0, withdrawn=0)
    for line, found in read:
        row_id = plain_id(line[ROW_ID])
        if found is None:
            counts["blank"] += 1
        elif row_id in known and filled[row_id] > 1 and not line.struck:
            faults.append((line, _doubled(found)))
        elif isinstance(found, Fault):
            faults.append((line, found))
        else:
            fault = _against(found, known[row_id])
            if fault is not None:
                faults.append((line, fault))
            elif found == known[row_id] or _is_settled(found, known[row_id]):
                counts["known"] += 1
            elif row_id in window.withdrawn and not is_kept(found, known[row_id], by_itself=not line.implied):
                faults.append((line, _withdrew(implied=line.implied)))
            else:
                counts["withdrawn"] += row_id in window.withdrawn
                taken.append((line, found))
    return taken, faults, counts


def is_kept(said: Entry, stands: Entry | None, *, by_itself: bool = True) -> bool:
    """Whether a word of who withdrew is kept, by whichever road it comes: that something was handed out, or after all was not.

    A parcel that left is gone from the stock, whoever got it; whether somebody refused or was absent nobody needs to know any
    more. `by_itself`: said of that very row, not of everybody who is not named.
    """
    if said.outcome in HANDED_OUT:
        return by_itself
    return said.correction and stands is not None and stands.outcome in HANDED_OUT


def _withdrew(*, implied: bool) -> Fault:
    why = "此人的信息已停止使用，没有登记"
    todo = "签收表上有本人签字的，请逐行更正为已领" if implied else "只登记确已发放的；请清空“结果”，不要再联系本人"
    return Fault(WITHDREW, OUTCOME, f"{why}；{todo}")


def _doubled(found: Entry | Fault) -> Fault:
    """Which of two lines of a row is meant, their author says: neither is taken alone, faulty or not."""
    text = "同一行号填了多次，都没有登记；请只留一行"
    if isinstance(found, Fault):
        return replace(found, text=f"{found.text}；{text}")
    return Fault("row_doubled", ROW_ID, text)


def _against(found: Entry, stands: Entry | None) -> Fault | None:
    """What a sheet may not say of a row that is known already: only an officer takes back what stands."""
    if stands is None or _is_settled(found, stands):
        return None
    if stands.correction:
        return Fault(
            "row_corrected", OUTCOME, f"该行已更正为“{OUTCOME_WORDS[stands.outcome]}”；如有出入请再次更正并写明理由"
        )
    if found.rank < stands.rank and found.outcome != stands.outcome:
        return Fault(
            "row_settled", OUTCOME, f"该行已登记为“{OUTCOME_WORDS[stands.outcome]}”；如有出入请用“更正”并写明理由"
        )
    return None


def _is_settled(found: Entry, stands: Entry | None) -> bool:
    """Whether the row stands as it is said, or with the same outcome and a stronger detail."""
    return stands is not None and found.outcome == stands.outcome and (stands.correction or found.rank <= stands.rank)


def _read(line: Line, known: Mapping[str, Entry | None], window: Window) -> Entry | Fault | None:
    if not line.says and not line.merged:
        return None
    for name in (ROW_ID, OUTCOME, COUNT, DAY):
        if name in line.merged:
            return Fault("cell_merged", name, f"“{name}”是合并单元格的一部分；请取消合并，每行各填各的")
    if not line.says:
        return None
    if line.struck:
        return Fault("row_struck", ROW_ID, "这一行被划掉了；要登记请去掉删除线，不登记请清空“结果”")
    row_id = plain_id(line[ROW_ID])
    if row_id not in known:
        return _no_row(line[ROW_ID], row_id)
    if row_id in window.elsewhere:
        text = (
            f"此人已在本轮名单 {window.elsewhere[row_id]} 上登记或补发；请在那份名单的表上填，有出入的请更正并写明理由"
        )
        return Fault("row_elsewhere", ROW_ID, text)
    if not line[OUTCOME]:
        return Fault(
            "outcome_missing",
            OUTCOME,
            f"填了数量、日期或签收，但没有填“结果”；请填：{'、'.join(OUTCOME_WORDS.values())}",
        )
    outcome = read_outcome(line[OUTCOME])
    if outcome is None:
        return Fault("outcome_unknown", OUTCOME, f"看不懂“结果”的写法；请填：{'、'.join(OUTCOME_WORDS.values())}")
    return _detailed(row_id, outcome, line, window)


def _no_row(written: str, row_id: str) -> Fault:
    signs = row_id.replace("-", "")
    if len(signs) != 9 or any(sign not in ROW_ALPHABET for sign in signs) or check_sign(signs[:8]) != signs[8]:
        why = "没有行号" if not written else "行号有误（校验位不符）"
        return Fault("row_misread", ROW_ID, f"{why}；请照下发的原表改回行号")
    return Fault("row_unknown", ROW_ID, "这份名单中没有您负责的这一行；请核对是否填错了表，或行号被改动过")


def _detailed(row_id: str, outcome: Outcome, line: Line, window: Window) -> Entry | Fault:
    delivered = _count(line[COUNT], outcome, window.entitled)
    if isinstance(delivered, Fault):
        return delivered
    day = _day(line[DAY], window)
    return day if isinstance(day, Fault) else Entry(row_id, outcome, delivered, day)


def _count(text: str, outcome: Outcome, entitled: int) -> int | Fault:
    if not text:
        return {Outcome.FULL: entitled, Outcome.PART: 1}.get(outcome, 0)
    number = _COUNTED.sub("", text)
    if not _WHOLE.fullmatch(number):
        return Fault("count_unreadable", COUNT, f"“数量”应为 0 到 {entitled} 的整数")
    count = int(number)
    if count > entitled:
        return Fault("count_above", COUNT, f"每人最多 {entitled} 份；多发的请另行说明，不能登记在此")
    if (outcome in HANDED_OUT) != (count > 0) or (outcome == Outcome.FULL and count < entitled):
        return Fault("count_contradicts", COUNT, f"“数量”与“结果”矛盾：“{OUTCOME_WORDS[outcome]}”时请核对数量，或留空")
    return count


def _day(text: str, window: Window) -> date | Fault | None:
    if not text:
        return None
    day = read_date(text).day
    if day is None:
        return Fault("date_unreadable", DAY, "“领取日期”不是日期；请写成 2026-12-01 的形式，或留空")
    if not window.first <= day <= window.last:
        return Fault("date_outside", DAY, f"“领取日期”应在 {window.first} 到 {window.last} 之间；请核对，或留空")
    return day
