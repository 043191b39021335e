"""Sign users in through the office's own OpenID Connect provider, by the auth manager's own means.

The provider says who somebody is; what they may do stays with their role here. Nobody is let in who was not added as
an officer (talentpool_airflow.officers) under the name that the provider calls `preferred_username`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from airflow.configuration import conf
from flask import g

from talentpool_airflow.sign_in.manager import TalentpoolSecurityManager

PROVIDER = "office"
CLAIM = "preferred_username"
ACCEPTED = "mfa otp hwk"
"""What the provider's `amr` (RFC 8176) or `acr` says of a second factor, unless [talentpool] oidc_second_factor names others."""


class OfficeSecurityManager(TalentpoolSecurityManager):
    """Ours, taught to read the claims of any OpenID Connect provider."""

    def get_oauth_user_info(self, provider: str, resp: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 -- FAB's
        """The user's name from the ID token, whose signature, audience, issuer and nonce were checked."""
        claims = resp.get("userinfo") or {}
        accepted = set(conf.get("talentpool", "oidc_second_factor", fallback=ACCEPTED).split())
        said = claims.get("amr") or []
        g.factor_shown = bool(accepted & {*(said if isinstance(said, list) else [said]), str(claims.get("acr") or "")})
        return {"username": str(claims.get(CLAIM) or "").strip()}


def settings() -> dict[str, Any]:
    """FAB's configuration when [talentpool] oidc_issuer is set, else nothing; the client's secret is a file's."""
    issuer = conf.get("talentpool", "oidc_issuer", fallback="").rstrip("/")
    if not issuer:
        return {}
    from flask_appbuilder.const import AUTH_OAUTH

    secret = Path(conf.get("talentpool", "oidc_client_secret_file")).read_text(encoding="utf-8").strip()
    return {
        "AUTH_TYPE": AUTH_OAUTH,
        "AUTH_USER_REGISTRATION": False,
        "AUTH_ROLES_SYNC_AT_LOGIN": False,
        "SECURITY_MANAGER_CLASS": OfficeSecurityManager,
        "OAUTH_PROVIDERS": [
            {
                "name": PROVIDER,
                "icon": "fa-key",
                "token_key": "access_token",
                "remote_app": {
                    "client_id": conf.get("talentpool", "oidc_client_id"),
                    "client_secret": secret,
                    "server_metadata_url": f"{issuer}/.well-known/openid-configuration",
                    "client_kwargs": {"scope": "openid profile", "code_challenge_method": "S256"},
                },
            }
        ],
    }
