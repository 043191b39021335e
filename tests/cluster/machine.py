"""The name of the machine a component of the cluster runs on, as Airflow asks for it ([core] hostname_callable)."""

from __future__ import annotations

import os


def name() -> str:
    return os.environ["CLUSTER_MACHINE"]
