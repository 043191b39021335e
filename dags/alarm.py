"""Two DAGs: `alarm__look` looks every morning whether anything is late, stuck or missing; `alarm__send` sends alerts."""

from airflow.sdk import DAG, task

from talentpool.in_airflow import ALARM_LOOK, ALARM_SEND
from talentpool_airflow import alarms, defaults

LOOK = """
### 每日检查

每天早晨 7:45 自动运行：对照交付日历核对各合作单位的名册（待到、迟到、缺失、搁置），检查 14 至 15 周岁的行、节假日表、磁盘空间，
以及超时、中止、没有开始的运行。

* 发现的问题记入“告警”页并通知；同一件事只记一条，再次发现时增加次数。
* 没有问题时运行成功，不产生告警。
* 调度器停止时本流程也不会运行：由 watch 服务或 `talentpool alarm`（cron）从外部发现。
"""
SEND = """
### 发送告警

每一刻钟自动运行：把没有发送过的告警合并成一封，发到邮箱、企业微信、钉钉、飞书等（连接 `alert_mail`、`alert_hook`）；
超过规定小时无人确认的，升级发送到第二地址；每天一封汇总，没有告警也发。

* 发送不成功不影响产生告警的任务：记为“未送达”，隔一段时间重试，可在“告警”页看到。
* 在能够访问外网的队列上运行（`AIRFLOW__TALENTPOOL__ALERT_QUEUE`）。
"""

with DAG(
    ALARM_LOOK,
    dag_display_name="每日检查",
    description="名册是否按期、运行是否正常，有问题即告警",
    doc_md=LOOK,
    tags=["每日", "告警"],
    **defaults.every_day("45 7 * * *"),
):

    @task(task_display_name="检查")
    def look():
        return alarms.look_around()

    look()

with DAG(
    ALARM_SEND,
    dag_display_name="发送告警",
    description="发送告警、升级与每日汇总，失败重试",
    doc_md=SEND,
    tags=["每日", "告警"],
    **defaults.every_day("*/15 * * * *"),
):

    @task(task_display_name="发送", queue=defaults.OUTSIDE)
    def send():
        return alarms.send_round()

    send()
