"""Benchmarks: each run measures this project and an alternative under the same conditions."""
