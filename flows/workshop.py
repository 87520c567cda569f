"""Setting up a run: from a competition and settings to the context in which the graph works."""

import importlib.metadata
import os
import platform
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import strftime

from platformdirs import user_cache_path

from competitions import METRICS, Competition, Views, load_competition, make_brief
from engineers import Engineer, RecipesEngineer
from evaluation import Evaluator, Slots, Store, default_slots
from journal import ModelCard, Run, RunFolderError, RunInfo, Settings, Started
from nodes import Clock, Context
from policies import POLICIES, Ensembling
from retrieval import read_cards
from sandbox import Limits, Runner, best_runner

PACKAGES = ("mlestar", "prefect", "langgraph", "langchain", "numpy", "pandas", "scikit-learn", "lightgbm", "torch")


class SettingsError(ValueError):
    """A setting has a value that this installation or competition cannot serve."""


@dataclass(frozen=True)
class Order:
    """What a person asks for: a competition, settings, and where the run is to lie."""

    competition: Path
    settings: Settings
    runs_dir: Path
    run_id: str
    start: Path | None = None
    """The person's own script, a first candidate."""
    cards: Path | None = None
    """A folder of the person's own model cards."""
    command: str = ""


@dataclass(frozen=True)
class Workshop:
    """Everything of a run that is there before its first step."""

    run: Run
    views: Views
    evaluator: Evaluator
    context: Callable[..., Context]
    """Takes the `evaluate` to be used, and observers."""


def cache_folder() -> Path:
    """Where views and results are kept between runs: MLESTAR_CACHE, else the user's cache folder."""
    return Path(os.environ.get("MLESTAR_CACHE") or user_cache_path("mlestar"))


def new_run(order: Order) -> Workshop:
    """Read the competition, make the run folder.

    Raises:
        CompetitionError, RunFolderError, SettingsError, SolutionError, CardError: nothing is left behind.
    """
    competition = load_competition(order.competition)
    if order.settings.policy not in POLICIES:
        raise SettingsError(f"--policy: {order.settings.policy!r} is no policy — choose from: {', '.join(POLICIES)}")
    cards = own_cards(order)
    runner = best_runner(isolation=order.settings.isolation)
    views = _views(competition, order.settings)
    engineer = _engineer(competition, order.settings, cards)
    info = RunInfo(
        id=order.run_id,
        competition=competition.id,
        competition_path=str(order.competition.resolve()),
        metric=competition.metric,
        greater_is_better=METRICS[competition.metric].greater_is_better,
        target=", ".join(competition.target_columns),
        classes=competition.classes,
        settings=order.settings,
        cards=cards,
        engineer=engineer.name,
        isolation=runner.describe(),
        folds=views.folds,
        validation=f"{competition.validation.split}: {competition.validation.evidence}",
        versions=_versions(),
        command=order.command,
    )
    run = Run.create(order.runs_dir / competition.id / order.run_id, info)
    run.open_for_writing()
    run.append(Started(settings=order.settings))
    return _workshop(run, views, runner, engineer)


def old_run(folder: Path, more_seconds: float | None = None, more_evaluations: int | None = None) -> Workshop:
    """Take up a run that was killed, or that is to have more time.

    Raises:
        RunFolderError: there is no such run, or another process works on it.
        CompetitionError: its competition is not where it was.
    """
    run = Run(folder)
    competition = load_competition(Path(run.info.competition_path))
    settings = run.settings.model_copy(
        update={
            "seconds": run.settings.seconds
            if more_seconds is None
            else max(run.settings.seconds or 0.0, run.seconds_used()) + more_seconds,
            "evaluations": run.settings.evaluations if more_evaluations is None else (run.settings.evaluations or 0) + more_evaluations,
        }
    )
    views = _views(competition, settings)
    if views.folds != run.info.folds:
        raise RunFolderError(folder, f"it has {run.info.folds} folds, its competition now {views.folds}", "start a new run")
    run.open_for_writing()
    run.withdraw_finish()
    run.append(Started(settings=settings, resumed=True))
    return _workshop(run, views, best_runner(isolation=settings.isolation), _engineer(competition, settings, run.info.cards))


def own_cards(order: Order) -> tuple[ModelCard, ...]:
    """The person's own script as the first card, then the cards of the folder."""
    cards = read_cards(order.cards) if order.cards else ()
    if order.start is None:
        return cards
    try:
        code = order.start.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"--start: {order.start} cannot be read ({error}) — give the path of a Python script") from error
    why = "Given by the user as a first candidate."
    return (ModelCard(name=order.start.name, family="own script", why=why, code=code, source=str(order.start)), *cards)


def new_run_id() -> str:
    """By time, and unique: two runs may start in the same second."""
    return f"{strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"


def _views(competition: Competition, settings: Settings) -> Views:
    return Views(competition, cache_folder() / "views", seed=settings.seed, search_rows=settings.search_rows, folds=settings.folds)


def _engineer(competition: Competition, settings: Settings, cards: tuple[ModelCard, ...]) -> Engineer:
    if settings.model is not None:
        raise SettingsError(f"--model: {settings.model!r}: this version writes code with its built-in recipes only — leave --model out")
    return RecipesEngineer(make_brief(competition), seed=settings.seed, cards=cards)


def _fitted(settings: Settings, competition: Competition) -> Settings:
    """Predictions of several targets are not stacked: their ensembles would see the first target only."""
    return settings.model_copy(update={"ensemble_rounds": 0}) if len(competition.target_columns) > 1 else settings


def _workshop(run: Run, views: Views, runner: Runner, engineer: Engineer) -> Workshop:
    settings = _fitted(run.settings, views.competition)
    evaluator = Evaluator(
        runner=runner,
        slots=Slots(settings.slots or default_slots(settings.threads)),
        store=Store(cache_folder() / "results"),
        limits=Limits(seconds=settings.script_seconds, memory=settings.script_memory),
        seed=settings.seed,
        threads=settings.threads,
    )
    context = partial(
        Context,
        run=run,
        brief=make_brief(views.competition),
        views=views,
        cache=cache_folder() / "views",
        engineer=engineer,
        policy=POLICIES[settings.policy](settings),
        ensembling=Ensembling(settings),
        clock=Clock(settings.seconds, used=run.seconds_used()),
    )
    return Workshop(run, views, evaluator, context)


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version(), "system": platform.platform()}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions
