"""Connect talentpool with Airflow: connections, assets, users, task bodies. The only package that imports airflow."""
