"""数据质量 in the navigation bar of the Airflow UI."""

from __future__ import annotations

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from talentpool_airflow.console import app


class QualityPagePlugin(AirflowPlugin):
    """Mounts the console and links its data-quality page."""

    name = "talentpool_quality"
    fastapi_apps: ClassVar[list[Any]] = [{"app": app, "url_prefix": "/console", "name": "talentpool console"}]
    external_views: ClassVar[list[Any]] = [
        {
            "name": "数据质量",
            "href": "/console/quality",
            "destination": "nav",
            "url_route": "quality",
            "nav_top_level": True,
            "icon": "/console/quality.svg",
        }
    ]
