"""Say when the DAG of a campaign runs by itself, and what its page explains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.timetables.events import EventsTimetable  # the SDK's twin of 3.3.2 cannot be read back

from talentpool.declare.form import FORM_WORDS
from talentpool.declare.occasion import event_dates
from talentpool_airflow import defaults

if TYPE_CHECKING:
    from talentpool.declare import Campaign

DOC = """
### 关爱活动 · {name}

在活动日前 {lead} 天自动运行：从当日人才库中按条件选人，拟定名单；在“待响应”中请各**区县审批**本区县的份额、再请**市级审批**全部
（控制台与命令行同样可以审批，先到的有效），疑似同一人而证件号不同的都已判定后**锁定**（审批过的名单原样锁定），生成表格；正式环境加密下发给登记的区县接收方和有密钥的站点，需第二人批准的等待批准。

* 每年一轮，同一轮同一人只服务一次；锁定后的名单不再变动。把任务标记为成功不等于审批：没有审批齐的名单不会锁定。
* 应到的名册在宽限期内未到时先**等待名册**（日志写明等哪家）；确需先拟定的，由专员写明理由（`--all-the-same`）。
* 被退回的份额继续等待，处理后重新拟定，有变动的部分重新提问；移到补充名单的区县，其提问显示为“已跳过”。
* 活动日已过、本轮已锁定或已取消，或没有告知书包含此用途（尚不合法）时，运行显示为“已跳过”，备注写明原因。

{what}：{item}　负责人：{owner}
"""
HORIZON = 10
"""Years."""


def timetable(campaign: Campaign) -> EventsTimetable:
    """08:00 of the declared days on which the list is drawn, since the deployment."""
    first = defaults.deployed_on()
    days = [day for day in event_dates(campaign, range(first.year, first.year + HORIZON)) if day >= first.date()]
    return EventsTimetable([defaults.at_eight(day) for day in days], description=f"活动日前 {campaign.lead_days} 天")


def explain(campaign: Campaign) -> str:
    """In Markdown."""
    return DOC.format(
        name=campaign.name, lead=campaign.lead_days, owner=campaign.owner, item=campaign.item,
        what=FORM_WORDS[campaign.form].item,
    )  # fmt: skip
