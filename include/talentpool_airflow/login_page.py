"""Configure Flask-AppBuilder's pages: AIRFLOW__FAB__CONFIG_FILE names this file, which is read, not imported.

In Chinese; with our rules of signing in (talentpool_airflow.sign_in); cookies for TLS alone where the site is served so.
"""

from airflow.configuration import conf

from talentpool.guard.sessions import LONGEST
from talentpool_airflow.sign_in.manager import TalentpoolSecurityManager
from talentpool_airflow.sign_in.passwords import complexity
from talentpool_airflow.single_sign_on import settings

BABEL_DEFAULT_LOCALE = "zh"
WTF_CSRF_ENABLED = True
WTF_CSRF_TIME_LIMIT = None
SECURITY_MANAGER_CLASS = TalentpoolSecurityManager
AUTH_RATE_LIMITED = False  # ours counts by account and address, on all api-servers together, and says how long
FAB_PASSWORD_COMPLEXITY_ENABLED = True
FAB_PASSWORD_COMPLEXITY_VALIDATOR = complexity
PERMANENT_SESSION_LIFETIME = LONGEST
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = conf.get("api", "base_url", fallback="").startswith("https://")
globals().update(settings())
