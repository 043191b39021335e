"""Serve the page by which a list is handed out at a place: outside Airflow's frame, for who is signed in for one event."""
