"""Name every kind of alert: its words, how grave it is, and where it is dealt with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

URGENT, WARNING, NOTE = "urgent", "warning", "note"
SEVERITIES = {URGENT: "紧急", WARNING: "一般", NOTE: "提示"}
"""Grave ones and warnings are sent at once and escalated; a note stands on the page and in the day's digest."""


@dataclass(frozen=True)
class Kind:
    """`words`: what an officer reads; `path`: the page of the console where it is dealt with."""

    words: str
    severity: str
    path: str


KINDS = {
    "roster_late": Kind("名册迟到", WARNING, "/deliveries"),
    "roster_missing": Kind("名册缺失", URGENT, "/deliveries"),
    "roster_held": Kind("名册搁置", WARNING, "/quality"),
    "declaration": Kind("声明有误", URGENT, "/deliveries"),
    "holidays": Kind("缺节假日表", WARNING, "/deliveries"),
    "age_14_15": Kind("疑似未满 16 周岁", URGENT, "/quality"),
    "task_failed": Kind("任务失败", WARNING, "/alerts"),
    "run_failed": Kind("运行失败", WARNING, "/alerts"),
    "run_stuck": Kind("运行超时", URGENT, "/alerts"),
    "run_waiting": Kind("运行未开始", URGENT, "/alerts"),
    "dag_silent": Kind("到期未运行", URGENT, "/alerts"),
    "dag_paused": Kind("每日流程停用", URGENT, "/alerts"),
    "component": Kind("组件停止", URGENT, "/alerts"),
    "airflow_unseen": Kind("无法查看运行情况", WARNING, "/alerts"),
    "disk": Kind("磁盘将满", URGENT, "/alerts"),
    "sign_in": Kind("登录异常", URGENT, "/alerts"),
    "roles": Kind("账号或角色被改动", URGENT, "/alerts"),
    "overlooked": Kind("文件无人接收", WARNING, "/deliveries"),
    "letter_unsent": Kind("反馈单未送达", WARNING, "/letters"),
    "mending_limited": Kind("更正被限制", WARNING, "/quarantine"),
    "backup": Kind("备份失败", URGENT, "/alerts"),
    "other": Kind("其他", WARNING, "/alerts"),
}  # fmt: skip


@dataclass(frozen=True)
class Alarm:
    """Something that was noticed. `subject` and `about` name the matter: the same again is the same alert, seen once more;
    with `day`, a new one each day as long as it lasts. `message` holds no value of a person."""

    kind: str
    subject: str
    message: str
    about: str = ""
    day: date | None = None
    severity: str = ""

    @property
    def key(self) -> str:
        """By which the same matter is known again."""
        parts = (self.kind, self.subject, self.about, self.day.isoformat() if self.day else "")
        return ":".join(part for part in parts if part)
