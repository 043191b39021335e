"""### 数据质量报告

人才库更新后自动运行：统计各次交付的名册的接收、入库、隔离、拒收（按原因），以及人才库按区县、合作方、年龄段的人数，
写成一个可离线打开的网页文件；同样的内容随时可在左侧“数据质量”页面查看。之后写“质量评分”的网页和 PDF，
并更新 Great Expectations 校验文档（在“质量评分”页面打开）。手动运行可填写“数据日期”。
"""

from airflow.sdk import DAG, task

from talentpool_airflow import assets, defaults, people

with DAG(
    "quality__report",
    dag_display_name="数据质量报告",
    description="名册质量与人才库人数，一个数据日期一份网页",
    doc_md=__doc__,
    schedule=assets.schedule_on([assets.POOL]),
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    dagrun_timeout=defaults.RUN_LIMIT,
    default_args=defaults.default_args(),
    params=defaults.as_of_param("生成该日期的报告；留空取最新已入库的日期"),
    tags=["报告"],
):

    @task(task_display_name="生成报告")
    def report(params=None, dag_run=None):
        return people.write_report(people.as_of_of(params, dag_run))

    @task(task_display_name="生成质量评分")
    def scores(params=None, dag_run=None):
        return people.write_scores(people.as_of_of(params, dag_run))

    @task(task_display_name="生成校验文档")
    def docs():
        return people.build_docs()

    report() >> [scores(), docs()]
