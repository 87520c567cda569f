"""The command bench: many runs, side by side."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlestar.errors import UserError

if TYPE_CHECKING:
    from flows.benchmark import Progress


def bench(
    suite: Annotated[
        Path, typer.Argument(metavar="SUITE", help="A YAML file: competitions, policies, engineers, budgets, seeds.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", help="Where runs and reports are kept.", file_okay=False)] = Path("bench"),
    parallel: Annotated[int, typer.Option("--parallel", min=1, help="Runs at once.")] = 1,
    deployment: Annotated[
        str | None,
        typer.Option("--deployment", help="Hand the runs to the workers of this deployment, such as solve/gpu.", show_default=False),
    ] = None,
    report: Annotated[bool, typer.Option("--report", help="Run nothing: report on what is there.")] = False,
    export_mlebench: Annotated[
        Path | None,
        typer.Option("--export-mlebench", help="Also write what `mlebench grade` takes.", dir_okay=False, show_default=False),
    ] = None,
) -> None:
    """Compare policies, engineers and budgets on many competitions. The same command again goes on where it was left."""
    from flows import launch  # noqa: F401 - first, because it keeps Prefect from writing into our lines
    from flows.benchmark import bench_here
    from journal import write_atomically
    from mlestar.interrupts import EXIT_ABORTED
    from mlestar.suites import read_suite
    from reports.benchmark import export_mlebench as exported
    from reports.benchmark import write_bench_report

    if deployment is not None and "/" not in deployment:
        raise UserError(f"--deployment: {deployment!r} — write flow/deployment, such as solve/gpu")
    found = read_suite(suite)
    try:
        failed = [] if report else bench_here(found, out, parallel=parallel, deployment=deployment, observe=partial(_say, len(found.cells)))
    except KeyboardInterrupt:
        typer.echo("aborted; the same command goes on", err=True)
        raise typer.Exit(EXIT_ABORTED) from None
    typer.echo(f"report: {write_bench_report(out, partial(typer.echo, err=True))}")
    if export_mlebench is not None:
        write_atomically(export_mlebench, exported(out).encode())
        typer.echo(f"for mlebench grade: {export_mlebench}")
    if failed:
        typer.echo(f"mlestar: {len(failed)} of {len(found.cells)} runs failed — the same command tries them again", err=True)
        raise typer.Exit(1)


def _say(total: int, progress: "Progress") -> None:
    typer.echo(f"[{progress.position:>{len(str(total))}}/{total}] {progress.cell.title}: {progress.event}{_result(progress)}")


def _result(progress: "Progress") -> str:
    from reports import summarise, text

    if progress.event == "failed":
        return f" ({text.one_line(progress.error, 200)})"
    if progress.run is None or progress.event not in ("there", "finished"):
        return ""
    summary = summarise(progress.run)
    return f", {text.score(summary.score)}, test {text.score(summary.grade)}, {text.duration(summary.seconds)}"
