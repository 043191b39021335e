"""Put the console into the navigation bar of the Airflow UI."""

from __future__ import annotations

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from talentpool_airflow import notes
from talentpool_airflow.ahead import Ahead
from talentpool_airflow.answers import Answers
from talentpool_airflow.bodies import Bounded
from talentpool_airflow.console.app import app
from talentpool_airflow.console.frame import ENTRIES
from talentpool_airflow.front_door import FrontDoor
from talentpool_airflow.handout.app import PREFIX as AT_A_PLACE
from talentpool_airflow.handout.app import app as handout
from talentpool_airflow.rail import Rail
from talentpool_airflow.role_watch import install
from talentpool_airflow.shown import Shown

install()

PREFIX = "/console"


class ConsolePlugin(AirflowPlugin):
    """Mounts the console, links its pages, and shows officers the way to them."""

    name = "talentpool_console"
    fastapi_apps: ClassVar[list[Any]] = [
        {"app": app, "url_prefix": PREFIX, "name": "talentpool console"},
        {"app": handout, "url_prefix": AT_A_PLACE, "name": "talentpool handout"},
    ]
    fastapi_root_middlewares: ClassVar[list[Any]] = [  # the last one is met first
        {"middleware": Rail, "name": "talentpool rail"},
        {"middleware": Shown, "name": "talentpool questions"},
        {"middleware": Ahead, "name": "talentpool runs to come"},
        {"middleware": Answers, "name": "talentpool answers"},
        {"middleware": Bounded, "name": "talentpool bounds"},
        {"middleware": FrontDoor, "name": "talentpool front door"},
    ]
    listeners: ClassVar[list[Any]] = [notes]
    external_views: ClassVar[list[Any]] = [
        {
            "name": entry.name,
            "href": f"{PREFIX}{entry.path}",
            "destination": "nav",
            "url_route": entry.route,
            "nav_top_level": True,
            "icon": f"{PREFIX}/static/{entry.route}.svg",
        }
        for entry in ENTRIES
    ]
