"""### 补生成快照

每天 23:30 自动运行：找出名册已入库、而当日人才库快照未计入的数据日期，逐个补生成快照。

* 快照变化后自动更新该日期的数据质量报告。
* 没有遗漏时不生成任何快照，运行显示为成功。
"""

from airflow.sdk import DAG, task

from talentpool.in_airflow import MATCHING
from talentpool_airflow import assets, defaults, people

with DAG(
    "pool__catch_up",
    dag_display_name="补生成快照",
    description="补生成漏计名册的人才库快照",
    doc_md=__doc__,
    tags=["夜间", "人才库"],
    **defaults.every_night(),
):

    @task(task_display_name="补生成快照", outlets=[assets.POOL], pool=MATCHING)
    def catch_up(outlet_events=None):
        made = people.catch_up()
        for one in made:
            assets.announce(outlet_events, assets.POOL, one["as_of"], snapshot_id=one["snapshot_id"])
        return made

    catch_up()
