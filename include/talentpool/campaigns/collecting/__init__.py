"""Collect receipts that nobody uploads: out of the folders of recipients on record, and from partners' own servers."""
