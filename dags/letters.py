"""### 发送问题反馈单

工作时间每半小时自动运行：名册有问题的交付，各生成一份**问题反馈单**（行号、列名、原因和改法，以及与最近六次的比较），加密后按合作单位声明的方式送出。

* 只写该单位自己名册里的问题，内容已遮盖；不写其他单位的情况，也不写谁撤回了授权。
* 送达方式在 `partner.yml` 的 `letter` 中声明：对方的 SFTP 服务器、邮件，或由市级专员在“问题反馈单”页面下载转交。
* 没有送达的隔 10、20、40 分钟再试，同时告警并显示在页面上；结果只写数目。
"""

from airflow.sdk import DAG, task

from talentpool_airflow import defaults, letters

with DAG(
    "letters__send",
    dag_display_name="发送问题反馈单",
    description="把名册中的问题告知合作单位",
    doc_md=__doc__,
    tags=["每日", "名册"],
    **defaults.every_day("5,35 7-20 * * *"),
):

    @task(task_display_name="生成并发送", queue=defaults.OUTSIDE)
    def send():
        return letters.sweep()

    send()
