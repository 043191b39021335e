"""A DAG for one test: a task that logs, prints and raises what no log may hold."""

import logging

import structlog
from airflow.sdk import DAG, task

# put together here, so that the text of this file, which Airflow keeps, does not hold them
NUMBER, MOBILE, NAME = "140199" + "19900307" + "0012", "138" + "1234" + "5670", "欧阳" + "槿翊"

with DAG("probe__talks_too_much", schedule=None, catchup=False, default_args={"retries": 0}):

    @task
    def talk():
        log = logging.getLogger("talentpool.probe")
        log.warning("first words: %s of %s", NUMBER, MOBILE)
        log.warning("姓名：%s", NAME, extra={"mobile": MOBILE})
        structlog.get_logger("probe").info(
            "second words", name=NAME, 姓名=NAME, mobile=int(MOBILE), rows=[{"id": NUMBER}]
        )
        print(f"third words {MOBILE} name={NAME}")
        try:
            raise ValueError(f"fourth words {NUMBER}")
        except ValueError as error:
            log.exception("caught")
            raise RuntimeError(f"fifth words +86 {MOBILE}") from error

    talk()
