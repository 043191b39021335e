"""Signing in: who may try how often, what a password must be, how long a token holds, and what goes on record."""
