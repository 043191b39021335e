"""Turn rosters into one youth talent pool and care lists. Pure Python: nothing here imports airflow."""
