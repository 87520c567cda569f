"""The final script: members, split and ensemble frozen into one standalone file that makes the submission again."""

import base64
import hashlib
import importlib.metadata
import platform
import sys
import textwrap
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import jinja2
import numpy as np
import numpy.typing as npt

from competitions import (
    Competition,
    Predictions,
    View,
    Views,
    answer,
    masks,
    metric_of,
    parquet,
    pixels,
    records,
    rowfiles,
    rows,
    submission,
    tables,
    texts,
    votes,
)
from ensembles import stack
from ensembles.describe import stack_description
from ensembles.embed import embed, imported_packages
from ensembles.stacking import sample_constants

TEMPLATE = Path(__file__).with_name("driver.py.j2")
EMBEDDED = (rows, rowfiles, records, tables, masks, texts, votes, View, Predictions, submission, answer, stack)
"""What the search and the final script have in common, as source."""
TABLE_ROLES = ("train", "labels", "test", "sample_submission")
WIDTH = 120


class DriverError(ValueError):
    """No final script can be made of these members in this way."""


def write_driver(
    path: Path,
    base: Views,
    members: Sequence[tuple[int, str, str]],
    ensemble: str | None = None,
    *,
    fidelity: str = "search",
    refit: str | None = None,
    about: str = "",
    seed: int = 0,
    threads: int = 1,
    split_seed: int = 0,
) -> Path:
    """Write the script that makes a run's submission again; it needs pandas, numpy and what the members need, and not this project.

    Run beside the competition's `input/` it writes `submission.csv`: the members are trained on the folds' views, the ensemble on the
    stacking views of what they predict, and the folds' predictions are averaged, by the lines of code that the search used.

    Args:
        members: (candidate number, title, code) of each; one where there is no ensemble.
        ensemble: a solution on the stacking view of these members.
        fidelity: of the folds' views.
        refit: fidelity of the final view, if the test rows are to be predicted by one run on it instead of the mean over the folds.
        about: sentences for the reader: where this came from, what it scored, which weights it found.
        seed: of the scripts.
        threads: of one script.
        split_seed: what `base` was made with.

    Raises:
        DriverError: nothing to run, several members without an ensemble, no test rows in the folds' views and no refit, a fidelity that
            has no fixed test rows, or another `split_seed` than that of `base`.
    """
    _check(base, members, ensemble, fidelity, refit, split_seed)
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    environment.filters |= {"literal": script_literal, "repr": repr, "docstring": _docstring, "wrap": _wrap, "imports": _imports}
    competition, metric = base.competition, metric_of(base.competition)
    prefixes = [stack.member_prefix(number) for number, _, _ in members]
    codes = [code for _, _, code in members] + ([ensemble] if ensemble else [])
    text = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        competition=competition,
        metric=metric,
        files={file.role: file.path for file in competition.files if file.role in TABLE_ROLES},
        row_files=[tuple(one) for one in competition.row_files],
        train_digest=_train_digest(base.competition),
        test_rows=len(base.rows(fidelity, None).test),
        folds=base.folds,
        members=[
            {"prefix": prefix, "title": _one_line(title), "code": code} for prefix, (_, title, code) in zip(prefixes, members, strict=True)
        ],
        ensemble=ensemble,
        stack_description=stack_description(competition.target, prefixes, competition.classes) if ensemble else "",
        sample_constants=sample_constants(competition),
        assignment=freeze(base.assignment(fidelity)),
        final_assignment=freeze(base.assignment(refit)) if refit else None,
        renumber=base.renumber,
        travelling=bool(base.travelling(fidelity)),
        fidelity=fidelity,
        refit=refit,
        about=about.strip(),
        seed=seed,
        threads=threads,
        split_seed=split_seed,
        versions=_versions(codes),
        embedded=embed((*EMBEDDED, *_further(competition))),
    )
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8", newline="\n")
    return partial.replace(path)


def _further(competition: Competition) -> list[ModuleType]:
    """What only some competitions need, and the packages with it."""
    has_parquet = any(file.path.endswith(".parquet") for file in competition.files)
    return [*([parquet] if has_parquet else []), *([pixels] if competition.pixels else [])]


def _train_digest(competition: Competition) -> str:
    """SHA-256 of the training table's file; where there is none, of the pictures' names."""
    if competition.train_path is not None:
        return hashlib.sha256((competition.folder / competition.train_path).read_bytes()).hexdigest()
    train, _ = pixels.picture_tables(competition.folder, competition.row_files, competition.id_columns[0])
    return hashlib.sha256("\n".join(train.iloc[:, 0]).encode()).hexdigest()


def freeze(numbers: npt.NDArray[np.integer]) -> str:
    """Whole numbers as compressed text; the script's `thaw` is the inverse."""
    return base64.b64encode(zlib.compress(numbers.astype("<i2").tobytes(), 9)).decode("ascii")


def script_literal(code: str) -> str:
    """A script as an argument of the generated `script(...)`: indented, so that its cells are not the file's, and raw if it can be."""
    indented = "\n".join("    " + line if line else line for line in code.split("\n"))
    for quotes in ("'''", '"""'):
        if quotes not in code and "\r" not in code:
            return f"r{quotes}\n{indented}\n{quotes}"
    escaped = indented.replace("\\", "\\\\").replace("'''", "\\'\\'\\'").replace("\r", "\\r")
    return f"'''\n{escaped}\n'''"


def _check(
    base: Views, members: Sequence[tuple[int, str, str]], ensemble: str | None, fidelity: str, refit: str | None, split_seed: int
) -> None:
    if not members:
        raise DriverError("members: none given; a final script runs at least one")
    if ensemble is None and len(members) > 1:
        raise DriverError(f"members: {len(members)} given without an ensemble; give one, or one member only")
    if "smoke" in (fidelity, refit):
        raise DriverError("fidelity: a final script cannot be made of smoke views; use 'search' or 'full'")
    if not refit and not base.travelling(fidelity):
        raise DriverError("refit: none, but the folds' views hold no real test rows; give the fidelity of a final view")
    made = base.rows(fidelity, 0)
    table_rows = len(made.test)
    held = int((base.assignment(fidelity) == 0).sum())
    positions = [*np.flatnonzero(base.assignment(fidelity) == 0).tolist(), *[-1] * (table_rows - held)]
    if [positions[place] for place in rows.shuffled(table_rows, f"{split_seed}:0")] != made.held_out:
        raise DriverError(f"split_seed: {split_seed} is not the seed that the views were made with; give that one")


def _versions(codes: Sequence[str]) -> str:
    """What the scripts were run with, as far as it is installed here: 'Python 3.11.7, numpy 2.4.0, …'."""
    packages = frozenset({"numpy", "pandas"}).union(*(imported_packages(code) for code in codes))
    distributions = importlib.metadata.packages_distributions()
    names = sorted({distributions[package][0] for package in packages if package in distributions})
    return ", ".join([f"Python {platform.python_version()}", *(f"{name} {importlib.metadata.version(name)}" for name in names)])


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _docstring(text: str) -> str:
    """Text that may stand in a docstring, in lines of bounded width."""
    lines = [textwrap.fill(line, WIDTH, break_long_words=False) if line.strip() else "" for line in text.splitlines()]
    return "\n".join(lines).replace("\\", "\\\\").replace('"""', "'''")


def _wrap(text: str) -> str:
    """A long ASCII text as adjacent string literals, one a line."""
    return "\n".join(f'    "{text[start : start + WIDTH]}"' for start in range(0, len(text), WIDTH))


def _imports(*lines: Sequence[str]) -> str:
    """Import lines, each once: the standard library's, an empty line, the others'."""
    every = {line for group in lines for line in group}
    standard = {line for line in every if line.split()[1].split(".")[0] in sys.stdlib_module_names}
    return "\n\n".join("\n".join(sorted(group, key=_import_order)) for group in (standard, every - standard))


def _import_order(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line
