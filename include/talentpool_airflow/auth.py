"""Who may do what in Airflow: FAB's users and roles, with two rules of our own for questions put to people (HITL).

A question may be assigned to a role (`role:county_officer_<code>`), because user ids are unknown when a DAG is
written; and answering takes read access to the DAG and edit access to questions, not edit access to the DAG, which
would let an officer pause it.
"""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.providers.fab.auth_manager.fab_auth_manager import FabAuthManager


class TalentpoolAuthManager(FabAuthManager):
    """AIRFLOW__CORE__AUTH_MANAGER=talentpool_airflow.auth.TalentpoolAuthManager"""

    def is_authorized_hitl_task(self, *, assigned_users: set[str], user: Any) -> bool:
        """The user is named, or holds a role that is named."""
        return user.get_id() in assigned_users or any(f"role:{role.name}" in assigned_users for role in user.roles)

    def is_authorized_dag(
        self,
        *,
        method: Any,
        user: Any,
        access_entity: DagAccessEntity | None = None,
        details: Any = None,
    ) -> bool:
        """As FAB says, but an answer needs to read the DAG, not to edit it."""
        if access_entity is DagAccessEntity.HITL_DETAIL and method == "PUT":
            entity = all(
                self._is_authorized(method=method, resource_type=resource, user=user)
                for resource in self._get_fab_resource_types(access_entity)
            )
            return entity and super().is_authorized_dag(method="GET", user=user, details=details)
        return super().is_authorized_dag(method=method, user=user, access_entity=access_entity, details=details)
