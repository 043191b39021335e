"""Simulate the partners of the demo as real servers: SFTP, a signed HTTPS API, a bucket, an inbox.

For `make run`, the demo's image and tests; no container of an office has this package. It knows nothing of the product, whose
transports it is to prove.
"""
