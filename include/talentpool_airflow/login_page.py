"""The login page, which Flask-AppBuilder draws: in Chinese. AIRFLOW__FAB__CONFIG_FILE names this file; it is read, not imported."""

BABEL_DEFAULT_LOCALE = "zh"
WTF_CSRF_ENABLED = True
WTF_CSRF_TIME_LIMIT = None
