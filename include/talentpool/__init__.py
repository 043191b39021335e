"""Rosters in, one youth talent pool, care lists out. Pure Python: nothing here imports airflow."""
