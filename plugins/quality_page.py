"""数据质量 in the navigation bar of the Airflow UI."""

from __future__ import annotations

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from talentpool_airflow.console import app
from talentpool_airflow.front_door import FrontDoor


class QualityPagePlugin(AirflowPlugin):
    """Mounts the console, links its data-quality page, and shows officers the way to it."""

    name = "talentpool_quality"
    fastapi_apps: ClassVar[list[Any]] = [{"app": app, "url_prefix": "/console", "name": "talentpool console"}]
    fastapi_root_middlewares: ClassVar[list[Any]] = [{"middleware": FrontDoor, "name": "talentpool front door"}]
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
