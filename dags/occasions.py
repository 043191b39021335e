"""### 活动日历

每天早晨 7:50 自动运行：查看“年度活动日历”中由专员**改期**或**加办**的活动，拟定日已到的开始一次运行，每个日期只一次。

* 声明中的活动日由各活动的流程自己按期开始，不经过这里；改了期的，原日期的运行显示为“已跳过”，备注写明改到哪一天。
* 活动的流程被停用时，开始的运行排队等待，启用后执行。
* 没有要开始的活动时，运行显示为“已跳过”。停用本流程，改期和加办的活动就不会自动拟定。
"""

from airflow.sdk import DAG, task

from talentpool.in_airflow import CALENDAR
from talentpool.office_day import today_in_office
from talentpool_airflow import defaults, planned, starting

with DAG(
    CALENDAR,
    dag_display_name="活动日历",
    description="开始改期与加办的活动，每个日期一次",
    doc_md=__doc__,
    tags=["每日", "关爱活动"],
    **defaults.every_day("50 7 * * *"),
):

    @task(task_display_name="查看到期的日期")
    def due():
        return planned.due(today_in_office())

    starting.start_each("start", "开始活动", due())
