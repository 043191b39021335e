"""Airflow reads its configuration from a folder of its own."""

from __future__ import annotations

import os
import tempfile

# Before airflow is imported anywhere: it writes its configuration where this says.
os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="tp-airflow-"))
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
