"""### 到期文件清理

每天 23:30 自动运行：删除保存期已满的名册原件（加密落地文件），以及超过一天未提交的上传文件。

* 只删除文件；名册的交付记录、校验结果和人才库不受影响。
* 运行结果写明各删除了多少个。
"""

from airflow.sdk import DAG, task

from talentpool_airflow import defaults, oversight

with DAG(
    "files__expire",
    dag_display_name="到期文件清理",
    description="删除到期的名册原件和未提交的上传文件",
    doc_md=__doc__,
    tags=["夜间", "文件"],
    **defaults.every_night(),
):

    @task(task_display_name="清理到期文件")
    def expire():
        return oversight.let_go_of_the_old()

    expire()
