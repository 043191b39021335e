"""Flask-AppBuilder's login page, in Chinese: AIRFLOW__FAB__CONFIG_FILE names this file, which is read, not imported."""

from talentpool_airflow.single_sign_on import settings

BABEL_DEFAULT_LOCALE = "zh"
WTF_CSRF_ENABLED = True
WTF_CSRF_TIME_LIMIT = None
globals().update(settings())
