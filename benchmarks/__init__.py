"""Benchmarks: theon against hand-written peers, all measured by `harness`."""
