"""### 审计日志核验

每天 23:30 自动运行：逐行核对审计日志（谁在什么时间、因何对谁做了什么），并把当天的末行校验值签名后存到另一处。

* 核验不通过时本次运行显示为失败，失败原因逐条写明哪一行被改动、删除或插入；请立即联系信息安全负责人，勿清除运行记录。
* 命令行 `talentpool audit verify` 给出同样的结论，`talentpool audit list` 查看日志。
"""

from airflow.sdk import DAG, task

from talentpool_airflow import defaults, oversight

with DAG(
    "audit__verify",
    dag_display_name="审计日志核验",
    description="逐行核验审计日志，末行校验值签名后异地留存",
    doc_md=__doc__,
    tags=["夜间", "审计"],
    **defaults.every_night(),
):

    @task(task_display_name="核验并留存")
    def verify():
        return oversight.verify_and_keep_head()

    verify()
