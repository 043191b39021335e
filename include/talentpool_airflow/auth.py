"""Decide who may do what in Airflow: FAB's users and roles, with two rules of our own for questions to people (HITL).

A question may be assigned to a role (`role:county_officer_<code>`), because user ids are unknown when a DAG is
written; and answering takes read access to the DAG and edit access to questions, not edit access to the DAG, which
would let an officer pause it.

And how long a token holds: it carries the id of a session in our own table, which every request asks (docs/adr/0052).
"""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.configuration import conf
from airflow.providers.fab.auth_manager.fab_auth_manager import FabAuthManager
from airflow.providers.fab.auth_manager.models import User
from fastapi import HTTPException
from flask import g, has_request_context
from flask import session as page_session
from jwt import ExpiredSignatureError, InvalidTokenError
from starlette.requests import Request
from werkzeug.exceptions import TooManyRequests

from talentpool.guard.sessions import LONGEST
from talentpool_airflow.sign_in import sessions
from talentpool_airflow.sign_in.entrance import Entrance
from talentpool_airflow.sign_in.record import on_record
from talentpool_airflow.sign_in.visit import here

QUESTIONS, RUNS = "decision__", "DAG Runs"
ASKING = (QUESTIONS, "campaign__")
"""DAGs that ask people: about a held roster, and among other tasks about a list. The first kind nobody starts by hand."""
BESIDE_A_QUESTION = frozenset(
    {DagAccessEntity.RUN, DagAccessEntity.TASK, DagAccessEntity.TASK_INSTANCE, DagAccessEntity.DEPENDENCIES,
     DagAccessEntity.WARNING}
)  # fmt: skip
"""What Airflow's page of a question reads beside it: states, times and shape of that DAG; no log, no code, no XCom."""


class TalentpoolAuthManager(FabAuthManager):
    """AIRFLOW__CORE__AUTH_MANAGER=talentpool_airflow.auth.TalentpoolAuthManager"""

    _bound: dict[int, sessions.Facts]

    def __init__(self) -> None:
        super().__init__()
        self._bound = {}

    def is_authorized_hitl_task(self, *, assigned_users: set[str], user: Any) -> bool:
        """The user is named, or holds a role that is named, or stands in for it today; nobody of rights that exclude each other
        (403, in words). What the answer is worth is checked where it takes effect (answers.py)."""
        from talentpool_airflow.console.access import held_to_office, stands_in
        from talentpool_airflow.console.user import gives_rights, user_of

        asked = user_of(user.get_name(), frozenset(role.name for role in user.roles), gives=gives_rights(user))
        asked = held_to_office(asked)
        if asked.clashing:
            raise HTTPException(403, asked.clashing)
        held = {user.get_id(), *(f"role:{role.name}" for role in user.roles)}
        return bool(held & assigned_users) or stands_in(asked, assigned_users)

    def is_authorized_dag(
        self,
        *,
        method: Any,
        user: Any,
        access_entity: DagAccessEntity | None = None,
        details: Any = None,
    ) -> bool:
        """As FAB says, but an answer needs to read the DAG, not to edit it; and who may answer a DAG's questions sees the run
        that asks, or the page on which Airflow shows the question never ends loading."""
        if access_entity is DagAccessEntity.HITL_DETAIL and method == "PUT":
            entity = all(
                self._is_authorized(method=method, resource_type=resource, user=user)
                for resource in self._get_fab_resource_types(access_entity)
            )
            return entity and super().is_authorized_dag(method="GET", user=user, details=details)
        if super().is_authorized_dag(method=method, user=user, access_entity=access_entity, details=details):
            return True
        if method == "POST" and access_entity is DagAccessEntity.RUN and self._may_start(user, details):
            return True
        asks = details is not None and str(details.id or "").startswith(ASKING)
        return (
            asks and method == "GET" and access_entity in BESIDE_A_QUESTION
            and self.is_authorized_dag(method="PUT", user=user, access_entity=DagAccessEntity.HITL_DETAIL, details=details)
        )  # fmt: skip

    def _may_start(self, user: Any, details: Any) -> bool:
        """Who reads a DAG and may make runs starts one by the door for that, no backfill and no question. FAB asks for the
        right to edit the DAG, with which somebody could pause it."""
        dag_id = str(details.id or "") if details is not None else ""
        return (
            bool(dag_id) and not dag_id.startswith(QUESTIONS) and here().path.endswith(f"/dags/{dag_id}/dagRuns")
            and self._is_authorized(method="POST", resource_type=RUNS, user=user)
            and super().is_authorized_dag(method="GET", user=user, details=details)
        )  # fmt: skip

    def get_fastapi_middlewares(self) -> list[Any]:
        """The entrance stands before whatever looks at a token."""
        return [*super().get_fastapi_middlewares(), (Entrance, {})]

    def create_token(self, headers: dict[str, str], body: dict[str, Any]) -> User | None:
        """For a program. 429 with the waiting time while the door is shut."""
        if not isinstance(body.get("code", ""), str) or not all(
            isinstance(body.get(name), str) for name in ("username", "password")
        ):
            raise ValueError("username and password (and code, of a second factor) must be provided, as text")
        g.factor_given = body.get("code", "")
        try:
            user = super().create_token(headers, body)
        except TooManyRequests as error:
            raise HTTPException(429, error.description, headers={"Retry-After": str(error.retry_after)}) from None
        if user is not None:
            on_record(
                "sign_in",
                user.username,
                actor=user.username,
                door="token",
                second_factor=sessions.second_factor_shown(),
            )
        return user

    def generate_jwt(
        self, user: User, *, expiration_time_in_seconds: int = conf.getint("api_auth", "jwt_expiration_time")
    ) -> str:
        """A token of the page's session where there is one, else of a session of its own; for 12 hours at most."""
        on_page = has_request_context()
        session_id = page_session.get(sessions.COOKIE_KEY) if on_page else sessions.begin(user.id, "token")
        left = int(LONGEST.total_seconds())
        if on_page and session_id and (found := sessions.held(session_id, user.id)):
            left = found[0].seconds
        seconds = min(expiration_time_in_seconds, left)
        claims = self.serialize_user(user) | {sessions.CLAIM: session_id or ""}
        return self._get_token_signer(expiration_time_in_seconds=seconds).generate(claims)

    def deserialize_user(self, token: dict[str, Any]) -> User:  # type: ignore[override] # FAB's is wrapped in a cache
        """The user of a token whose session holds; ExpiredSignatureError (401) when it does not any more."""
        user_id = int(token["sub"])
        held = sessions.held(str(token.get(sessions.CLAIM) or ""), user_id)
        if held is None:
            raise ExpiredSignatureError("the session of this token has ended")
        facts = held[1]
        here().signed_in.append((facts.name, held[0].second_factor))
        if self._bound.get(user_id) != facts:  # what FAB remembers of the user is of before a change
            self.cache.pop(user_id, None)
            self._bound[user_id] = facts
        return super().deserialize_user(token)

    def revoke_token(self, token: str) -> None:
        """A logout by token: every session of its user ends."""
        super().revoke_token(token)
        try:
            claims = self._get_token_validator().validated_claims(token)
            user_id = int(claims["sub"])
        except (InvalidTokenError, KeyError, ValueError):
            return
        self._end(user_id)

    def sign_out(self, request: Request) -> None:
        """A logout by whatever the request shows: a token in its header or cookie, or the page's session."""
        kind, _, bearer = request.headers.get("authorization", "").partition(" ")
        shown = [bearer if kind.lower() == "bearer" else "", request.cookies.get(COOKIE_NAME_JWT_TOKEN, "")]
        for token in filter(None, shown):
            self.revoke_token(token)
        if self.flask_app is not None and "session" in request.cookies:
            cookie = {"Cookie": request.headers.get("cookie", "")}
            with self.flask_app.test_request_context("/", headers=cookie):
                session_id = page_session.get(sessions.COOKIE_KEY)
            if session_id and (user_id := sessions.owner(session_id)) is not None:
                self._end(user_id)

    def _end(self, user_id: int) -> None:
        facts = sessions.facts_of(user_id)
        if sessions.end_all(user_id) and facts is not None:
            on_record("sign_out", facts.name, actor=facts.name)
