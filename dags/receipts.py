"""### 收取回执

每天早晨 7:20 自动运行：从**回执收件夹**和合作单位的 **SFTP 服务器**取回填好的签收表，逐行登记；
也打开手机在**独立主机**上登记后封存、送回的文件。

* 谁的文件由放在哪里决定，不看文件名：区县接收方只能登记本区县的行，站点只能登记本站点的行，合作单位只能登记本单位的行。
* 登记过的移到 `taken`，整份退回的移到 `refused`；有误的行在旁边的“需更正”副本里标明。同一文件重复出现不会重复登记。
* 结果只写数目；在“名单”页的“发放情况与回执登记”查看。某个服务器连不上时其余照常，任务随后重试；
  收件夹里有读不了或移不动的文件时其余照常，任务标红并写明是哪个发送方。
"""

from airflow.sdk import DAG, task

from talentpool_airflow import collecting, defaults

with DAG(
    "receipts__collect",
    dag_display_name="收取回执",
    description="从收件夹和合作单位的服务器取回签收表",
    doc_md=__doc__,
    tags=["每日", "关爱活动"],
    **defaults.every_day("20 7 * * *"),
):

    @task(task_display_name="收件夹")
    def folders():
        return collecting.folders()

    @task(task_display_name="合作单位服务器", **defaults.WITH_A_PARTNER)
    def servers():
        return collecting.servers()

    @task(task_display_name="独立主机")
    def sealed():
        return collecting.sealed()

    folders()
    servers()
    sealed()
