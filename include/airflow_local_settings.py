"""Airflow reads this in every one of its processes, before it configures its logging: nothing of a person is logged."""

from talentpool_airflow.redaction import install

__all__: list[str] = []

install()
