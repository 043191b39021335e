"""Benchmarks. What they claim is a ratio to a peer measured in the same run, never a time: `python -m bench --help`."""
