"""### 审计日志核验

每天 23:30 自动运行：逐行核对审计日志（谁在什么时间、因何对谁做了什么），并把当天的末行校验值签名后存到另一处。

* 核验不通过时本次运行显示为失败，失败原因逐条写明哪一行被改动、删除或插入；请立即联系信息安全负责人，勿清除运行记录。
* 同时核对 Airflow 的账号与角色：不经页面或命令的改动（例如直接改数据库）记入审计日志并告警。
* 同时补生成漏掉的人才库快照（名册已入库、而当日快照未计入的），快照变化后自动更新数据质量报告。
* 同时删除到期的名册原件（加密落地文件）和超过一天未提交的上传文件。
* 命令行 `talentpool audit verify` 给出同样的结论，`talentpool audit list` 查看日志。
"""

from airflow.sdk import DAG, CronTriggerTimetable, task

from talentpool_airflow import assets, defaults, oversight, people

with DAG(
    "audit__verify",
    dag_display_name="审计日志核验",
    description="逐行核验审计日志，末行校验值签名后异地留存",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("30 23 * * *", timezone=defaults.TIMEZONE),
    start_date=defaults.BEFORE_ALL,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=defaults.RUN_LIMIT,
    default_args=defaults.default_args(),
    tags=["审计"],
):

    @task(task_display_name="核验并留存")
    def verify():
        return oversight.verify_and_keep_head()

    @task(task_display_name="核对账号与角色")
    def roles():
        return oversight.compare_roles()

    @task(task_display_name="清理到期文件")
    def let_go():
        return oversight.let_go_of_the_old()

    @task(task_display_name="补生成快照", outlets=[assets.POOL])
    def catch_up(outlet_events=None):
        made = people.catch_up()
        for one in made:
            assets.announce(outlet_events, assets.POOL, one["as_of"], snapshot_id=one["snapshot_id"])
        return made

    verify()
    roles()
    let_go()
    catch_up()
