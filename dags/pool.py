"""### 人才库

任一合作方的名册入库后自动运行：识别同一人（跨平台、跨月份），再生成**该数据日期**的人才库快照（市、县两级）。

* 分区键即数据日期；手动运行可填写“数据日期”，留空取最新已入库的日期。
* 同一数据、同一日期重复运行得到同一快照；迟到的名册生成该日期快照的新版本，已锁定的名单不受影响。
"""

from airflow.sdk import DAG, task

from talentpool.declare import partner_files
from talentpool.in_airflow import MATCHING
from talentpool.settings import Settings
from talentpool_airflow import assets, defaults, people

with DAG(
    "pool__people",
    dag_display_name="人才库",
    description="识别同一人，生成某一数据日期的市县两级人才库",
    doc_md=__doc__,
    schedule=assets.schedule_on([assets.roster(code) for code in partner_files(Settings().partner_dirs)]),
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    dagrun_timeout=defaults.RUN_LIMIT,
    default_args=defaults.default_args(),
    params=defaults.as_of_param("生成该日期的人才库；留空取最新已入库的日期"),
    tags=["人才库"],
):

    @task(task_display_name="识别同一人", pool=MATCHING)
    def match(params=None, dag_run=None):
        people.as_of_of(params, dag_run)  # a bad date does nothing
        return people.match()

    @task(task_display_name="生成快照", outlets=[assets.POOL], pool=MATCHING)
    def snapshot(params=None, dag_run=None, outlet_events=None):
        made = people.snapshot(people.as_of_of(params, dag_run))
        assets.announce(outlet_events, assets.POOL, made["as_of"], snapshot_id=made["snapshot_id"])
        return made

    match() >> snapshot()
