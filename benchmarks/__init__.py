"""Benchmarks of the hot paths, each beside the raw limit of the same machine in the same run: ``make bench``."""
