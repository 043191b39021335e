"""Redact Airflow's logs: every Airflow process reads this file before it configures its logging."""

from talentpool_airflow.redaction import install

__all__: list[str] = []

install()
