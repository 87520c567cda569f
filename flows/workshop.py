"""Setting up a run: from a competition and settings to the context in which the graph works."""

import importlib.metadata
import math
import platform
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Thread
from time import monotonic, strftime, time

from competitions import Brief, Competition, Views, can_be_stacked, load_competition, make_brief, metric_of
from engineers import Engineer
from evaluation import Evaluator, MachineSlots, Slots, Store, available_memory, default_slots, visible_gpus
from evaluation.cache import RESULTS, prune, room_for_results
from flows.connect import connect
from flows.engineer import chat_models, engineer_name, make_engineer
from flows.places import cache_folder
from journal import ModelCard, Run, RunFolderError, RunInfo, Settings, Started
from nodes import Clock, Context
from policies import Ensembling, make_policy
from retrieval import WEB_FOLDER, Exclusion, WebSearch, domains, fetch, read_cards, web_sources
from sandbox import DescribedRunner, Limits, Runner, best_runner, docker_runner

PACKAGES = ("mlestar", "prefect", "langgraph", "langchain", "numpy", "pandas", "scikit-learn", "lightgbm", "torch")

AT_WORKERS = 16
"""Executions that are handed to workers at once, unless `slots` says otherwise; what no worker has a slot for waits."""

ENSEMBLING_SECONDS, END_SECONDS = 60.0, 15.0
"""Of a run with the built-in recipes; a short one has a share of its time for each."""

OWN_RESULTS = "results"
"""Below the run folder: the store of a run that takes nothing from others."""


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
    began: float = field(default_factory=monotonic)
    """The process's clock when the work began: reading large tables takes time of the run, too."""


@dataclass(frozen=True)
class Workshop:
    """Everything of a run that is there before its first step."""

    run: Run
    views: Views
    evaluator: Evaluator
    context: Callable[..., Context]
    """Takes the `evaluate` to be used, and observers."""


def new_run(order: Order) -> Workshop:
    """Read the competition, make the run folder.

    Raises:
        CompetitionError, RunFolderError, SettingsError, PolicyError, ModelNameError, SearchError, DomainError, SolutionError, CardError:
            nothing is left behind.
    """
    competition = load_competition(order.competition)
    make_policy(order.settings)
    cards = own_cards(order)
    folder = order.runs_dir / competition.id / order.run_id
    web = web_search(competition, order.settings, folder)
    _check_search(order.settings, web)
    runner = make_runner(order.settings, f"{competition.id}.{order.run_id}")
    views = _views(competition, order.settings)
    models = chat_models(order.settings)
    info = RunInfo(
        id=order.run_id,
        competition=competition.id,
        competition_path=str(order.competition.resolve()),
        metric=competition.metric,
        greater_is_better=metric_of(competition).greater_is_better,
        target=", ".join(competition.target_columns),
        classes=competition.classes,
        settings=order.settings,
        cards=cards,
        engineer=engineer_name(order.settings, models),
        isolation=runner.describe(),
        folds=views.folds,
        validation=f"{competition.validation.split}: {competition.validation.evidence}",
        versions=_versions(),
        command=order.command,
    )
    run = Run.create(folder, info)
    run.open_for_writing()
    run.append(Started(settings=order.settings, setup=monotonic() - order.began))
    brief = make_brief(competition)
    engineer = make_engineer(brief, order.settings, cards, models, run, web)
    return _workshop(run, views, brief, runner, engineer, _clock(order.settings, views, order.began))


def old_run(folder: Path, more_seconds: float | None = None, more_evaluations: int | None = None, began: float | None = None) -> Workshop:
    """Take up a run that was killed, or that is to have more time. `began`: as in an order; none: now.

    Raises:
        RunFolderError: there is no such run, or another process works on it.
        CompetitionError: its competition is not where it was.
    """
    began = monotonic() if began is None else began
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
    models = chat_models(settings)
    if views.folds != run.info.folds:
        raise RunFolderError(folder, f"it has {run.info.folds} folds, its competition now {views.folds}", "start a new run")
    run.open_for_writing()
    run.withdraw_finish()
    clock = _clock(settings, views, began, run.seconds_used())
    run.append(Started(settings=settings, resumed=True, setup=monotonic() - began))
    runner = make_runner(settings, f"{competition.id}.{run.info.id}")
    web = web_search(competition, settings, folder)
    brief = make_brief(competition)
    return _workshop(run, views, brief, runner, make_engineer(brief, settings, run.info.cards, models, run, web), clock)


def make_runner(settings: Settings, scope: str) -> DescribedRunner:
    """This machine's strongest, its Docker engine, or the workers on the storage. `scope`: the run's name there.

    Raises:
        SettingsError: workers without a storage, or an interpreter for the image.
        InfrastructureError, LocalServerError: there is no such cage, interpreter or image, no server, or no worker.
    """
    if settings.runner == "docker":
        if settings.python is not None:
            raise SettingsError("--python: with --runner docker the image's own Python is used — leave one of the two out")
        return docker_runner(settings.image)
    if settings.runner == "auto":
        return best_runner(Path(settings.python) if settings.python else None, settings.isolation)
    if settings.allow_downloads:
        raise SettingsError("--allow-downloads: with --runner workers, scripts run elsewhere — fetch the weights on the workers' machines")
    if settings.storage is None:
        raise SettingsError("--runner workers needs --storage: the shared folder, or fsspec URL, that the workers were started with")
    return connect(settings.storage, scope)


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


def web_search(competition: Competition, settings: Settings, folder: Path) -> WebSearch:
    """Where the run looks for models; what it finds is kept below the run's folder.

    Raises:
        SearchError, DomainError: it cannot be had, or a domain is none.
    """
    names = (competition.id,) if settings.blind_search else ()
    exclusion = Exclusion(domains(settings.exclude_domains), names)
    return WebSearch(web_sources(settings.search, settings.exclude_domains), folder / WEB_FOLDER, exclusion)


def _check_search(settings: Settings, web: WebSearch) -> None:
    if web.sources and settings.search != "auto" and settings.model is None:
        raise SettingsError(f"--search: {web.name} needs a model that writes the queries — add --model, or leave --search out")


def new_run_id() -> str:
    """By time, and unique: two runs may start in the same second."""
    return f"{strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"


def _views(competition: Competition, settings: Settings) -> Views:
    return Views(competition, cache_folder() / "views", seed=settings.seed, search_rows=settings.search_rows, folds=settings.folds)


def _clock(settings: Settings, views: Views, began: float, used: float = 0.0) -> Clock:
    """The recipes' ensembles take seconds, a model's its answers; where folds predict the test rows, there is little to do at the end."""
    return Clock(
        settings.seconds,
        used,
        began,
        ensembling_at_most=ENSEMBLING_SECONDS if settings.model is None else math.inf,
        end_at_most=END_SECONDS if views.travelling("search") else math.inf,
    )


def _fitted(settings: Settings, competition: Competition) -> Settings:
    """Predictions of several targets, and texts, rankings and pictures, are not stacked."""
    return settings.model_copy(update={"ensemble_rounds": 0}) if not can_be_stacked(competition) else settings


def _workshop(run: Run, views: Views, brief: Brief, runner: Runner, engineer: Engineer, clock: Clock) -> Workshop:
    settings = _fitted(run.settings, views.competition)
    _keep_results_small()
    evaluator = Evaluator(
        runner=runner,
        slots=_slots(settings),
        store=Store(cache_folder() / "results" if settings.store else run.folder / OWN_RESULTS),
        limits=Limits(seconds=settings.script_seconds, memory=settings.script_memory),
        seed=settings.seed,
        threads=settings.threads,
    )
    context = partial(
        Context,
        run=run,
        brief=brief,
        views=views,
        cache=cache_folder() / "views",
        engineer=engineer,
        policy=make_policy(settings),
        ensembling=Ensembling(settings),
        clock=clock,
        at_once=evaluator.slots.count,
        fetch=fetch if settings.allow_downloads else None,
    )
    return Workshop(run, views, evaluator, context)


def _keep_results_small() -> None:
    """Results of earlier runs make room, beside the run's beginning."""
    try:
        room = room_for_results()
    except ValueError as error:
        raise SettingsError(str(error)) from error
    Thread(target=prune, args=(cache_folder(), room, time(), RESULTS), daemon=True).start()


def _slots(settings: Settings) -> Slots:
    """Of this machine, shared with the other runs on it: one a GPU, or a share of the cores; or of the workers."""
    if settings.runner == "workers":
        return Slots(settings.slots or AT_WORKERS)
    gpus = visible_gpus()
    count = settings.slots or len(gpus) or default_slots(settings.threads)
    return Slots(count, gpus, MachineSlots(), settings.threads, available_memory())


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version(), "system": platform.platform()}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions
