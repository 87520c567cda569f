"""Commands that work on a competition: run, demo, resume."""

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from mlestar.durations import parse_duration
from mlestar.errors import UserError
from mlestar.options import RunName, RunsDir, make_settings, more_evaluations
from mlestar.watched import take_up, watched

DEMO_TIME = "3m"
DEMO_EXAMPLE = "diabetes"
BUDGET, SEARCH, MODEL, MACHINE, PLACES = "Budget", "Search", "Model", "Machine", "Places"


def _option(name: str, help: str, panel: str, metavar: str | None = None) -> typer.models.OptionInfo:
    info: typer.models.OptionInfo = typer.Option(name, help=help, rich_help_panel=panel, metavar=metavar, show_default=False)
    return info


def run(
    competition: Annotated[
        str, typer.Argument(metavar="COMPETITION", help="The competition's folder, or the name of a bundled example.", show_default=False)
    ],
    *,
    time: Annotated[
        str | None, _option("--time", "Wall-clock of the run: 90s, 3m, 1h30m (default: until the search is complete).", BUDGET, "DURATION")
    ] = None,
    evaluations: Annotated[
        int | None, _option("--evaluations", "Evaluations of the run; ablation variants and ensembles count.", BUDGET)
    ] = None,
    script_time: Annotated[str | None, _option("--script-time", "Wall-clock of one execution (default: 10m).", BUDGET, "DURATION")] = None,
    script_memory: Annotated[
        float | None, _option("--script-memory", "Memory of one execution, in GiB (default: 8).", BUDGET, "GIB")
    ] = None,
    seed: Annotated[int | None, _option("--seed", "Seed of the search and of the scripts (default: 0).", SEARCH)] = None,
    tracks: Annotated[int | None, _option("--tracks", "L: parallel solutions (default: 2).", SEARCH)] = None,
    models: Annotated[int | None, _option("--models", "M: model cards a track drafts (default: 4).", SEARCH)] = None,
    outer_steps: Annotated[int | None, _option("--outer-steps", "T: ablation studies a track (default: 4).", SEARCH)] = None,
    inner_steps: Annotated[int | None, _option("--inner-steps", "K: refinements of one target (default: 4).", SEARCH)] = None,
    ensemble_rounds: Annotated[int | None, _option("--ensemble-rounds", "R: ensemble proposals (default: 5).", SEARCH)] = None,
    batch: Annotated[int | None, _option("--batch", "Actions at once; mle-star: drafts (default: 1).", SEARCH)] = None,
    debug_rounds: Annotated[int | None, _option("--debug-rounds", "Repairs tried for one broken candidate (default: 2).", SEARCH)] = None,
    policy: Annotated[str | None, _option("--policy", "What decides which candidate is tried next (default: mle-star).", SEARCH)] = None,
    policy_option: Annotated[
        list[str] | None,
        _option("--policy-option", "A parameter of the policy; may be given several times; see `mlestar policies`.", SEARCH, "NAME=VALUE"),
    ] = None,
    model: Annotated[
        str | None, _option("--model", "LangChain chat model, 'provider:name' (default: the built-in recipes).", MODEL)
    ] = None,
    base_url: Annotated[str | None, _option("--base-url", "Where the model is served (default: at its provider).", MODEL, "URL")] = None,
    planner: Annotated[str | None, _option("--planner", "Another model for the plans.", MODEL)] = None,
    coder: Annotated[str | None, _option("--coder", "Another model for the code.", MODEL)] = None,
    judge: Annotated[str | None, _option("--judge", "Another model for the reviews.", MODEL)] = None,
    max_cost: Annotated[float | None, _option("--max-cost", "US dollars that the models may cost; never exceeded.", MODEL, "USD")] = None,
    max_tokens: Annotated[int | None, _option("--max-tokens", "Tokens that the models may take; never exceeded.", MODEL)] = None,
    answer_tokens: Annotated[int | None, _option("--answer-tokens", "Tokens of one answer at most (default: 16000).", MODEL)] = None,
    answer_time: Annotated[
        str | None, _option("--answer-time", "Wall-clock of one answer, retries included (default: 10m).", MODEL, "DURATION")
    ] = None,
    no_recipes: Annotated[
        bool, _option("--no-recipes", "The model alone: no recipe as a first draft, and none among the cards.", MODEL)
    ] = False,
    no_data_samples: Annotated[bool, _option("--no-data-samples", "Show the model no cell of the data.", MODEL)] = False,
    racing: Annotated[
        bool | None,
        _option("--racing/--no-racing", "Stop candidates that will hardly be better, by their first folds (default: on).", SEARCH),
    ] = None,
    folds: Annotated[int | None, _option("--folds", "Folds of the validation (default: by the size of the data).", SEARCH)] = None,
    search_rows: Annotated[int | None, _option("--search-rows", "Training rows of the search at most (default: 30000).", SEARCH)] = None,
    start: Annotated[Path | None, _option("--start", "A script to begin with, beside what is drafted.", SEARCH, "SCRIPT")] = None,
    cards: Annotated[Path | None, _option("--cards", "A folder of model cards to draft from first.", SEARCH, "FOLDER")] = None,
    search: Annotated[
        str | None,
        _option("--search", "With --model, where to look for models: tavily, arxiv, none, auto (default: Tavily with a key).", SEARCH),
    ] = None,
    exclude_domain: Annotated[
        list[str] | None, _option("--exclude-domain", "Leave its documents out of what is found; may be repeated.", SEARCH, "DOMAIN")
    ] = None,
    blind_search: Annotated[
        bool, _option("--blind-search", "Leave out documents that name the competition itself (for honest benchmarks).", SEARCH)
    ] = False,
    approve: Annotated[
        str | None,
        _option("--approve", "Ask a person: of 'targets' (cards and blocks) or 'plans' (all plans, too).", SEARCH),
    ] = None,
    note: Annotated[str | None, _option("--note", "A remark kept in the run's record.", PLACES)] = None,
    isolation: Annotated[
        str | None,
        _option("--isolation", "'auto': the strongest cage there is; 'required': a cage or nothing; 'none' (default: auto).", MACHINE),
    ] = None,
    runner: Annotated[
        str | None,
        _option(
            "--runner",
            "Who executes the scripts: 'auto': this machine; 'docker': its Docker engine; 'workers': `mlestar worker` processes "
            "(default: auto).",
            MACHINE,
        ),
    ] = None,
    image: Annotated[
        str | None, _option("--image", "With --runner docker, the scripts' image (default: mlestar-candidate).", MACHINE)
    ] = None,
    python: Annotated[
        Path | None,
        _option("--python", "The candidates' interpreter, of an environment with their packages (default: mlestar's own).", MACHINE),
    ] = None,
    storage: Annotated[
        str | None, _option("--storage", "The workers' shared folder, or fsspec URL; with --runner workers.", MACHINE, "URL")
    ] = None,
    no_store: Annotated[bool, _option("--no-store", "Take no results from earlier runs (for fair comparisons of times).", MACHINE)] = False,
    allow_downloads: Annotated[
        bool,
        _option("--allow-downloads", "Fetch pretrained weights that model cards name from Hugging Face, before the first script.", MACHINE),
    ] = False,
    slots: Annotated[int | None, _option("--slots", "Executions at once (default: one a share of the cores).", MACHINE)] = None,
    threads: Annotated[int | None, _option("--threads", "Threads of one execution (default: 1).", MACHINE)] = None,
    data: Annotated[Path | None, _option("--data", "The data folder, where it is not the competition's own.", PLACES, "FOLDER")] = None,
    runs_dir: RunsDir = Path("runs"),
) -> None:
    """Work on a competition; end with a submission, the script that made it, and a report.

    Ctrl-C ends with the best so far, a second one aborts. The exit status is 1 where there is no valid submission.
    """
    settings = make_settings(
        seconds=parse_duration(time) if time is not None else None,
        evaluations=evaluations,
        script_seconds=parse_duration(script_time, "--script-time") if script_time is not None else None,
        script_memory=round(script_memory * 2**30) if script_memory is not None else None,
        seed=seed,
        tracks=tracks,
        models=models,
        outer_steps=outer_steps,
        inner_steps=inner_steps,
        ensemble_rounds=ensemble_rounds,
        batch=batch,
        isolation=isolation,
        runner=runner,
        image=image,
        python=str(interpreter_path(python)) if python is not None else None,
        storage=storage,
        debug_rounds=debug_rounds,
        policy=policy,
        policy_options=tuple(policy_option) if policy_option else None,
        model=model,
        search=search,
        exclude_domains=tuple(exclude_domain) if exclude_domain else None,
        blind_search=blind_search or None,
        base_url=base_url,
        planner=planner,
        coder=coder,
        judge=judge,
        max_cost=max_cost,
        max_tokens=max_tokens,
        answer_tokens=answer_tokens,
        answer_seconds=parse_duration(answer_time, "--answer-time") if answer_time is not None else None,
        recipes=False if no_recipes else None,
        data_samples=False if no_data_samples else None,
        folds=folds,
        racing=racing,
        search_rows=search_rows,
        store=False if no_store else None,
        allow_downloads=allow_downloads or None,
        slots=slots,
        threads=threads,
        approve=approve,
        note=note,
    )
    _check_inputs(start, cards, data)
    from mlestar.solving import solve

    watched(
        lambda on_started: solve(
            competition, settings, runs_dir=runs_dir, start=start, cards=cards, data=data, command=_command(), on_started=on_started
        )
    )


def demo(
    example: Annotated[str, typer.Option("--example", help="Which bundled example; see `mlestar examples`.")] = DEMO_EXAMPLE,
    time: Annotated[str, typer.Option("--time", metavar="DURATION", help="Wall-clock of the run.")] = DEMO_TIME,
    runs_dir: RunsDir = Path("runs"),
) -> None:
    """Work on a bundled example for some minutes: real data, no key, no network; graded on its test answers at the end."""
    from competitions import EXAMPLES
    from mlestar.solving import solve

    if example not in EXAMPLES:
        raise UserError(f"--example: there is no example {example!r} — the examples are {', '.join(EXAMPLES)}")
    settings = make_settings(seconds=parse_duration(time))
    watched(lambda on_started: solve(example, settings, runs_dir=runs_dir, command=_command(), on_started=on_started))


def resume(
    run: RunName,
    time: Annotated[str | None, typer.Option("--time", metavar="+DURATION", help="Time to add to the budget: +30m.")] = None,
    evaluations: Annotated[str | None, typer.Option("--evaluations", metavar="+N", help="Evaluations to add to the budget: +20.")] = None,
    runs_dir: RunsDir = Path("runs"),
) -> None:
    """Take up a run where it was left: after a crash, an abort, or to give a finished run more time."""
    from mlestar.places import run_folder

    more_seconds = parse_duration(time) if time is not None else None
    more = more_evaluations(evaluations)
    take_up(run_folder(run, runs_dir), more_seconds, more)


def _check_inputs(start: Path | None, cards: Path | None, data: Path | None) -> None:
    """Say what is wrong before anything is made.

    Raises:
        UserError: a file or folder does not exist, or the script is none.
    """
    for option, folder in (("--cards", cards), ("--data", data)):
        if folder is not None and not folder.is_dir():
            raise UserError(f"{option}: there is no folder {str(folder)!r} — give one that exists")
    if start is None:
        return
    from journal import Solution, SolutionError

    try:
        Solution.parse(start.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"--start: {str(start)!r} cannot be read: {error.strerror} — give a Python script") from error
    except (SolutionError, UnicodeDecodeError) as error:
        raise UserError(f"--start: {str(start)!r} cannot be used: {error} — give a Python script in UTF-8") from error


def interpreter_path(python: Path) -> Path:
    """Where it is, its links left as they are: a virtual environment is known by where its link lies.

    Raises:
        UserError: it is not there, or cannot be executed.
    """
    path = python.expanduser().absolute()
    if not path.is_file() or not os.access(path, os.X_OK):
        raise UserError(f"--python: {str(python)!r} is no program — give an interpreter, like .venv/bin/python")
    return path


def _command() -> str:
    return shlex.join(["mlestar", *sys.argv[1:]])
