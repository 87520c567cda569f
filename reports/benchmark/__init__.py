"""Benchmarks: the runs of a suite, measured, compared and reported."""

from reports.benchmark.cells import BENCH, RUNS, Bench, Cell, cell_folder, cell_run, read_bench, slug, write_bench

__all__ = ["BENCH", "RUNS", "Bench", "Cell", "cell_folder", "cell_run", "read_bench", "slug", "write_bench"]
