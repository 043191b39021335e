"""Serve the officers' pages inside the Airflow UI: one FastAPI app that guards itself (docs/adr/0028)."""
