"""### 保存期限

每天凌晨 1:10（备份之前）自动运行：删除保存期已满的信息。期限见合作单位声明、对接说明与告知书；没有写明的，见“保存期限”页。

* 每一类一个任务，互不影响：一类失败，其余照常；再次运行接着做，不重复。
* 人员：离职满期且在任何单位都不再在册的，按删除信息的方式删除（密钥盐、记录、名单留空位）；统计数字不变。
* **暂停删除**范围内的不删除；有未办结申请的人员等待办结。
* 删除了什么（只有类别和数量）见“保存期限”页，并记入审计日志。
"""

from airflow.sdk import DAG, task

from talentpool.in_airflow import MATCHING, RETENTION
from talentpool_airflow import defaults, retention

KINDS = {
    "people": "离职人员的信息",
    "quarantine": "隔离的行",
    "raw_files": "名册原件（加密落地文件）",
    "uploads": "没有提交的上传",
    "exports": "导出的名单文件",
    "sheets": "本机名单文件夹中的表格",
    "provisions": "向谁提供过名单的记录",
    "requests": "已办结的查阅和重新授权申请",
    "sign_ins": "登录会话与登录失败次数",
}

with DAG(
    RETENTION,
    dag_display_name="保存期限",
    description="删除保存期已满的信息，每一类一个任务",
    doc_md=__doc__,
    tags=["每日", "保存期限"],
    **defaults.every_day("10 1 * * *"),
):
    for kind, name in KINDS.items():
        pool = {"pool": MATCHING} if kind == "people" else {}

        @task(task_id=kind, task_display_name=name, **pool)
        def expire(code: str):
            return retention.carry_out(code)

        expire(kind)

    @task(task_display_name="Airflow 的运行记录")
    def airflow():
        return retention.clean_airflow()

    @task(task_display_name="任务运行日志文件")
    def logs():
        return retention.clean_logs()

    airflow()
    logs()
