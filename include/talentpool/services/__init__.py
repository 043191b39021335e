"""Serve the office around the flow: what the pages read, what people may ask, and what operators do.

`desk` (pages), `rights` (people's requests), `doctor` (checks of the installation), `handover` (files for partners),
`backup`, `rotation` (new keys for old). No stage of the flow imports any of them.
"""
