"""Commands that read a competition before a run: init, which says what is assumed of a folder and writes it down, and brief."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlestar.errors import UserError
from mlestar.options import AsJson

if TYPE_CHECKING:
    from competitions import Brief, Competition

YAML = "competition.yaml"


def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder with the data, or one table.", show_default=False)],
    target: Annotated[str | None, typer.Option("--target", help="Of one table: the column to predict.")] = None,
    metric: Annotated[str | None, typer.Option("--metric", help="Of one table: how predictions are scored.")] = None,
    output: Annotated[Path | None, typer.Option("--output", help="Of one table: the folder to make.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Say what is assumed of a competition's folder and why, and write it to competition.yaml, where it can be changed."""
    from competitions import findings, load_competition, make_from_table, write_competition_yaml
    from mlestar.formats import print_json

    if not folder.exists():
        raise UserError(f"folder: there is no {str(folder)!r} — give a folder with the data, or a table")
    if folder.is_file() and folder.name != YAML:
        if target is None:
            raise UserError(f"--target: {folder.name} is one table — name the column to predict")
        folder = make_from_table(folder, target, metric, output)
    elif target is not None or metric is not None or output is not None:
        raise UserError("--target, --metric and --output are for one table — write them into the folder's competition.yaml")
    competition = load_competition(folder)
    found = findings(competition)
    path = folder if folder.is_file() else folder / YAML
    written = not path.exists() or bool(target)
    if written:
        try:
            write_competition_yaml(competition, path)
        except OSError as error:
            raise UserError(f"{path}: cannot be written: {error.strerror or error} — copy the folder to where you may write") from error
    if as_json:
        print_json({"file": path, "written": written, "findings": [one._asdict() for one in found]})
        return
    width = max(len(one.field) for one in found)
    for one in found:
        typer.echo(f"{one.field:<{width}}  {one.value}{f'  ← {one.why}' if one.why else ''}")
    typer.echo(f"\n{path} {'written: change what is wrong' if written else 'was there already and has been followed'}")


def brief(
    competition: Annotated[
        str, typer.Argument(metavar="COMPETITION", help="A folder, or the name of a bundled example.", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Describe a competition's data (files, columns, the target, how test rows relate to training rows), and the weights at hand."""
    from competitions import findings, load_competition, make_brief
    from mlestar.formats import print_json
    from mlestar.places import competition_folder
    from sandbox import weights

    loaded = load_competition(competition_folder(competition))
    described = make_brief(loaded)
    warnings = [one.value for one in findings(loaded) if one.field == "warning"]
    if as_json:
        print_json({**described.model_dump(mode="json"), "weights": weights.names(), "warnings": warnings})
        return
    at_hand = f"pretrained weights on this machine: {', '.join(weights.names()) or 'none'}"
    for line in (*brief_lines(loaded, described), *(f"warning: {text}" for text in warnings), "", at_hand):
        typer.echo(line)


def brief_lines(competition: "Competition", brief: "Brief") -> list[str]:
    """The brief as text, a line a column of data; at most some hundred lines."""
    direction = "higher" if brief.greater_is_better else "lower"
    lines = [
        f"{brief.id}: {brief.task}, {brief.metric} ({direction} is better)",
        f"train   {brief.train_file}: {brief.train_rows:,} rows",
        f"test    {brief.test_file}: {brief.test_rows:,} rows",
        *(f"files   {one.path}: {one.pattern} ({one.role})" for one in brief.row_files),
        *(f"shared  {path}" for path in brief.shared_files[:MOST_LINES]),
        f"ids     {', '.join(brief.id_columns) or 'none'}",
        f"target  {', '.join(brief.targets or (brief.target,))}: "
        + ", ".join(f"{name} {value:.4g}" for name, value in list(brief.target_summary.items())[:MOST_CLASSES]),
        f"split   {competition.validation.split}: {competition.validation.evidence}",
    ]
    if brief.image_shape:
        return [*lines, f"pixels  {brief.image_shape[0]} × {brief.image_shape[1]}"]
    if brief.columns:
        width = max(len(column.name) for column in brief.columns[:MOST_LINES])
        lines += ["", f"{'column':<{width}}  kind      missing  distinct  range, examples"]
    for column in brief.columns[:MOST_LINES]:
        spread = f"{column.low:g} to {column.high:g}" if column.low is not None and column.high is not None else ", ".join(column.examples)
        lines.append(f"{column.name:<{width}}  {column.kind:<8}  {column.missing:>7.1%}  {column.distinct:>8,}  {spread}")
    if len(brief.columns) > MOST_LINES:
        lines.append(f"… and {len(brief.columns) - MOST_LINES} more columns")
    if brief.train_only:
        lines.append(f"only in train: {', '.join(brief.train_only[:MOST_LINES])}")
    return lines


MOST_LINES, MOST_CLASSES = 60, 20
