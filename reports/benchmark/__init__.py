"""Benchmarks: the runs of a suite, measured, compared and reported."""

from reports.benchmark.cells import BENCH, RUNS, Bench, Cell, cell_folder, cell_run, read_bench, slug, write_bench
from reports.benchmark.report import bench_report, export_mlebench, write_bench_report

__all__ = [
    "BENCH",
    "RUNS",
    "Bench",
    "Cell",
    "bench_report",
    "cell_folder",
    "cell_run",
    "export_mlebench",
    "read_bench",
    "slug",
    "write_bench",
    "write_bench_report",
]
