"""### 账号与角色核对

每天 23:30 自动运行：把 Airflow 的账号、角色与审计日志中的“角色变更”逐一对照。

* 不经本系统页面或命令的改动（例如直接改数据库）记入审计日志并告警，运行仍显示为成功：请审计人员在“审计”页核对。
* 运行需要 `TALENTPOOL_AIRFLOW_DATABASE_URL`（见运维手册）；没有设置时运行失败，账号未经核对。
"""

from airflow.sdk import DAG, task

from talentpool_airflow import defaults, oversight

with DAG(
    "accounts__compare",
    dag_display_name="账号与角色核对",
    description="对照审计日志核对账号与角色，来路不明的改动记录并告警",
    doc_md=__doc__,
    tags=["夜间", "审计"],
    **defaults.every_night(),
):

    @task(task_display_name="核对账号与角色")
    def compare():
        return oversight.compare_roles()

    compare()
