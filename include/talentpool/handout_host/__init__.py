"""Hand a list out on a host apart, which phones reach and the office need not: it opens a packet for whoever has its code, and
drops sealed marks.

Packets come from the office as files and marks go back as files; nothing here knows a database, a key of the office, or Airflow.
"""
