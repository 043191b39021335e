"""Find what unread columns say of leaving or of consent where the proper columns say nothing.

A status (离职), a remark (10月2日离职), a second date of leaving, 是否同意：否: dropped like a stranger's column, they would
leave somebody on the lists who is gone, or who said no. What is said of another thing (the league, an insurance), of an
earlier post or of a day to come says nothing here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from talentpool.conform.values.consent import says_withdrawn
from talentpool.conform.values.damage import says_nothing
from talentpool.conform.values.dates import read_date
from talentpool.office_day import today_in_office

_LEAVING = "离职|离岗|离站|离队|离任|辞职|辞退|解除合作|终止合作|停止合作"
_ENDED = "解约|停止服务|终止服务|退场|退出|注销|停用"
"""Words that are of employment only under a title that is: who leaves the league or a chat group is still there."""
_HOW = "(?:主动|被动|自愿|自动|正常|协商|正式|已经|已(?:办理|办完|正式)?)?"
_LEFT = re.compile(rf"{_HOW}(?:{_LEAVING}|退休|去世|死亡|开除|劝退|自离)(?:了|人员)?|resigned", re.IGNORECASE)
_ENDED_CELL = re.compile(rf"{_HOW}(?:{_ENDED})(?:了|人员)?|left|inactive|terminated|quit", re.IGNORECASE)
_NOT_THERE = re.compile("(?:已经?)?(?:不|非)(?:再)?(?:在职|在岗|在册|在站)")
_EMPLOYMENT = re.compile("状态|在职|在岗|在册|离职|离岗|岗位|账号|帐号|合作|备注|status|remark|note", re.IGNORECASE)
_OTHER_MATTER = re.compile(
    "团员|党员|党团|团籍|党籍|入团|入党|团关系|组织关系|支部|共青团|群|保险|社保|医保|公积金|银行|卡号|证书|证明|[康住可驶件]证|认证"
    "|驾照|车辆|车牌|税|微信|qq|会员|订单|设备",
    re.IGNORECASE,
)
_LEFT_TITLE = re.compile(f"{_LEAVING}|退出|解约")
_OTHER_POST = re.compile(
    "上次|上一|上家|上份|前单位|前公司|前一|前任|前职|前份|原单位|原公司|历史|以往|曾|预计|预期|拟|计划|最晚|应离"
)
"""Of a title: an earlier post, or a day that is only meant."""
_IS_LEFT_TITLE = re.compile(f"(?:是否|有无)?(?:已经?)?(?:{_LEAVING}|{_ENDED})(?:人员|状态|标志|标识|标记|与否|否)?")
_IS_THERE_TITLE = re.compile("(?:是否)?(?:仍|还|目前)?(?:在职|在岗|在册|在站)(?:人员|状态|标志|标识|标记|与否|否)?")
_YES = frozenset({"是", "已", "对", "√", "1", "y", "yes", "true"})
_NO = frozenset({"否", "无", "未", "没有", "不", "×", "0", "n", "no", "false"})
_PLAIN_NO = _NO - {"无", "未", "没有", "0"}
"""Of a column that is not plainly a question: 0 may be a code."""
_DAY_LEFT = re.compile(
    rf"(?:本人|该员)?已?(?:于|自|从)?(?:(\d{{4}})[年./-])?(?:(\d{{1,2}})[月./-](\d{{1,2}})[日号]?|(\d{{1,2}})月份?)(?:已经?|正式|办理)*(?:{_LEAVING})(?:了|手续)?(?:[,;。!(].*)?",
    re.ASCII,
)
_SENTENCE_LEFT = re.compile(rf"(?:本人|该员|此人|人员)?已经?(?:{_LEAVING})了?[,;。!(].*")
_BACK = re.compile("返|复职|复岗|重新|再次|再入|又入|回来|恢复|撤销|取消|另一|前单位|原单位|上家")
_HALF_A_YEAR = timedelta(days=183)
_CONSENT = re.compile("授权|同意|撤回|告知|consent", re.IGNORECASE)
_AGREED = re.compile("授权|同意|consent", re.IGNORECASE)
_CONSENT_TITLE = re.compile(
    "(?:是否|本人|已|个人|信息|数据|处理|采集|收集|使用|共享|提供|隐私|政策|协议|知情|告知|书|签署|状态|情况|备注|说明|结果|与|否|的|和"
    "|或|对外|第三方|报送|入库|人才库|授权|同意|consent|status)+",
    re.IGNORECASE,
)
"""A title of nothing but this consent: 是否同意夜班 is another one."""
_REFUSED = re.compile(
    "(?:本人)?(?:不|未|没有|未予|暂不|暂未|尚未)(?:再)?(?:同意|授权)(?:授权|使用|处理|采集|提供|共享)?"
)
_TAKEN_BACK_TITLE = re.compile("撤回|撤销|撤消|withdr|revok", re.IGNORECASE)
_ABOUT_IT = re.compile("渠道|方式|途径|电话|热线|须知|办法|方法|流程|联系|入口|链接|邮箱|地址|权利")
_STANDS = re.compile(
    "(?:尚|暂|从)?(?:未|没有?|无|不)(?:曾|有|进行|办理|申请|提出|发生)?(?:撤回|撤销|撤消|申请|办理|发生|提出)?(?:过|授权|同意|记录|情况)?"
    "|(?:不适用|正常|有效|生效中?|(?:已|仍)?(?:同意|授权)(?:中|有效)?)"
)


def left_beside(title: str, cell: str, today: date | None = None) -> bool:
    """Whether a cell says that somebody left, by `today` (the office's where it is not said)."""
    text = _half(cell)
    if _OTHER_POST.search(title):
        return False
    if _LEFT.fullmatch(text) or _NOT_THERE.fullmatch(text) or _says_left(text, today):
        return True
    if _OTHER_MATTER.search(title):
        return False
    if _ENDED_CELL.fullmatch(text):
        return bool(_EMPLOYMENT.search(title) or _LEFT_TITLE.search(title))
    if _IS_LEFT_TITLE.fullmatch(title) and text.lower() in _YES:
        return True
    if _IS_THERE_TITLE.fullmatch(title) and text.lower() in (_NO if title.startswith("是否") else _PLAIN_NO):
        return True
    read = read_date(cell, "left_on") if _LEFT_TITLE.search(title) else None
    return read is not None and read.day is not None and read.day <= (today or today_in_office())


def _half(cell: str) -> str:
    return "".join(unicodedata.normalize("NFKC", cell).split())


def _says_left(text: str, today: date | None) -> bool:
    """Whether a remark says it in a sentence, and says nothing of coming back."""
    if _BACK.search(text):
        return False
    said = _DAY_LEFT.fullmatch(text)
    if said is None:
        return bool(_SENTENCE_LEFT.fullmatch(text))
    today = today or today_in_office()
    try:
        day = date(int(said[1] or today.year), int(said[2] or said[4]), int(said[3] or 1))
        if not said[1] and day - today > _HALF_A_YEAR:  # in January, a day of December is that of last year
            day = day.replace(year=day.year - 1)
    except ValueError:
        return False
    return day <= today


def withdrawn_beside(title: str, cell: str) -> bool:
    """Whether a cell says that somebody took consent back or refused it: in words, or by a date under such a title."""
    text = _half(cell)
    if _TAKEN_BACK_TITLE.search(title):
        if not text or _ABOUT_IT.search(title) or says_nothing(cell) or text.lower() in _NO:
            return False
        return not _STANDS.fullmatch(text) and read_date(cell).note != "date_never"
    if _CONSENT_TITLE.fullmatch(title) and _AGREED.search(title):
        said_no = text.lower() in _PLAIN_NO or (text == "0" and title.startswith("是否"))
        if said_no or _REFUSED.fullmatch(text):
            return True
    return bool(_CONSENT.search(title) or _CONSENT.search(cell)) and says_withdrawn(cell)


def count_beside(
    rows: Sequence[Sequence[str]], unknown: Mapping[int, str], fields: Mapping[str, int]
) -> dict[str, dict[int, int]]:
    """Rows by what is said (left, withdrawn) and column, where the row's own columns do not say it.

    Args:
        unknown: position -> name of the columns that are not read; `fields`: field -> position of those that are.
    """
    found: dict[str, dict[int, int]] = {"left": {}, "withdrawn": {}}
    for row in rows:
        left = _cell(row, fields.get("left_on")).strip()
        withdrawn = any(says_withdrawn(_cell(row, fields.get(name))) for name in ("consented_on", "notice_version"))
        for at, title in unknown.items():
            cell = _cell(row, at)
            if not cell.strip():
                continue
            if not left and left_beside(title, cell):
                found["left"][at] = found["left"].get(at, 0) + 1
            if not withdrawn and withdrawn_beside(title, cell):
                found["withdrawn"][at] = found["withdrawn"].get(at, 0) + 1
    return found


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at] if at is not None and at < len(row) else ""
