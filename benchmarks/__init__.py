"""Measures what a site can count on: a load test, and times as ratios within one run.

`nox -s load` and `nox -s benchmarks` run it; docs/explanation/performance.rst says what the figures mean.
"""
