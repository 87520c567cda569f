"""What `mlestar doctor` looks at: each check is a function that answers what was found, how good that is, and the remedy."""

import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from journal import Settings
from sandbox import REMEDY, InfrastructureError, LocalRunner, best_runner, weights

KEYS = (
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "GOOGLE_API_KEY",
    "MISTRAL_API_KEY",
    "GROQ_API_KEY",
    "DEEPSEEK_API_KEY",
    "OPENROUTER_API_KEY",
    "TAVILY_API_KEY",
)
"""Only whether they are set is ever said."""
LEAST_MEMORY = 2 * 2**30
LEAST_DISK = 2 * 2**30
INSTALL = "`pip install -c constraints.txt -e .` installs what was tested together"
PATIENCE = 5.0
"""Seconds for an outside program or service to answer."""


class Check(BaseModel):
    """One line of the doctor's report. `bad`: mlestar will not work; `note`: something optional is missing."""

    name: str
    state: Literal["good", "note", "bad"]
    found: str
    remedy: str = ""


def check_all(runs_dir: Path) -> list[Check]:
    """Every check, in the order in which a person would go through them; none of them changes anything or raises."""
    checks: tuple[Callable[[], Check], ...] = (
        check_python,
        check_packages,
        check_lightgbm,
        check_recipes,
        check_cores,
        check_memory,
        lambda: check_disk(runs_dir),
        check_gpu,
        check_weights,
        check_isolation,
        check_docker,
        check_prefect,
        check_keys,
    )
    return [check() for check in checks]


def check_python() -> Check:
    """The interpreter that mlestar and its candidates run on."""
    found = f"{platform.python_implementation()} {platform.python_version()} on {platform.system()} {platform.machine()}, {sys.executable}"
    recent = sys.version_info >= (3, 11)
    return Check(name="Python", state="good" if recent else "bad", found=found, remedy="" if recent else "install Python 3.11 or later")


def check_packages() -> Check:
    """The declared dependencies: installed, and within their bounds."""
    from packaging.requirements import Requirement

    try:
        needed = [Requirement(line) for line in requires("mlestar") or ()]
    except PackageNotFoundError:
        return Check(
            name="packages",
            state="bad",
            found="mlestar is not installed",
            remedy="run `make demo`, or `pip install -c constraints.txt -e .`",
        )
    wrong, count = [], 0
    for requirement in needed:
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        count += 1
        try:
            have = version(requirement.name)
        except PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(have, prereleases=True):
            wrong.append(f"{requirement.name} {have} is not {requirement.specifier}")
    if wrong:
        return Check(
            name="packages",
            state="bad",
            found="; ".join(wrong),
            remedy=INSTALL,
        )
    return Check(name="packages", state="good", found=f"mlestar {version('mlestar')}, {count} requirements satisfied")


def check_lightgbm() -> Check:
    """LightGBM needs the system's OpenMP library, which no Python package brings."""
    try:
        done = subprocess.run([sys.executable, "-c", "import lightgbm"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return Check(name="LightGBM", state="bad", found=_one_line(str(error)), remedy=INSTALL)
    if done.returncode:
        found = _one_line(done.stderr.strip().rpartition("\n")[2])
        return Check(
            name="LightGBM", state="bad", found=found, remedy="apt install libgomp1 (Debian, Ubuntu) or brew install libomp (macOS)"
        )
    return Check(name="LightGBM", state="good", found="loads")


def check_recipes() -> Check:
    """The optional libraries of the built-in recipes, those for pretrained weights aside: they are looked for where weights are."""
    from retrieval import recipes

    wanted = sorted({package for recipe in recipes() if recipe.needs.weights is None for package in recipe.needs.package})
    missing = [package for package in wanted if find_spec(package) is None]
    if missing:
        remedy = "their recipes are left out, at some cost in scores; `pip install 'mlestar[boosting,torch]'` adds them"
        return Check(name="recipes", state="note", found=f"without {', '.join(missing)}", remedy=remedy)
    return Check(name="recipes", state="good", found=f"with {', '.join(wanted)}")


def check_cores() -> Check:
    """The cores this process may use."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Check(name="cores", state="good", found=str(available))


def check_memory() -> Check:
    """What is free now."""
    import psutil

    memory = psutil.virtual_memory()
    found = f"{memory.available / 2**30:.1f} GiB free of {memory.total / 2**30:.1f} GiB"
    if memory.available < LEAST_MEMORY:
        return Check(name="memory", state="note", found=found, remedy="close other programs, or set --slots 1 and --script-memory 1")
    return Check(name="memory", state="good", found=found)


def check_disk(runs_dir: Path) -> Check:
    """Space and permission where the runs are to lie."""
    place = next(folder for folder in (runs_dir.absolute(), *runs_dir.absolute().parents) if folder.is_dir())
    free = shutil.disk_usage(place).free
    found = f"{free / 2**30:.1f} GiB free for {runs_dir}"
    if not os.access(place, os.W_OK):
        return Check(
            name="disk", state="bad", found=f"{place} cannot be written", remedy="choose another place with --runs-dir or MLESTAR_RUNS"
        )
    if free < LEAST_DISK:
        return Check(name="disk", state="note", found=found, remedy="make space, or choose another place with --runs-dir or MLESTAR_RUNS")
    return Check(name="disk", state="good", found=found)


def check_gpu() -> Check:
    """NVIDIA's tool, which comes with the driver, is asked."""
    query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    code, answer = _ask(query)
    if code != 0 or not answer:
        return Check(
            name="GPU",
            state="note",
            found="none",
            remedy="not needed for tables; for an NVIDIA GPU install its driver, then the `torch` extra",
        )
    return Check(name="GPU", state="good", found="; ".join(answer.splitlines()))


def check_weights() -> Check:
    """Pretrained weights that scripts can load."""
    found = weights.names()
    if not found:
        remedy = "not needed for tables; what Hugging Face's libraries or torch.hub have fetched for you is shown to scripts"
        return Check(name="weights", state="note", found="none", remedy=remedy)
    return Check(name="weights", state="good", found=", ".join(found))


def check_isolation() -> Check:
    """The runner that executes the candidates, and what it holds them to: tried out, not guessed."""
    try:
        runner = best_runner()
        digest = runner.environment
    except InfrastructureError as error:
        return Check(
            name="isolation", state="bad", found=_one_line(str(error)), remedy="install mlestar again into a fresh virtual environment"
        )
    found = f"{runner.describe()} (environment {digest[:12]})"
    if isinstance(runner, LocalRunner):
        return Check(name="isolation", state="note", found=found, remedy=f"run only what you would run yourself, or: {REMEDY}")
    return Check(name="isolation", state="good", found=found)


def check_docker() -> Check:
    """Whether there is an engine that this user may use."""
    if shutil.which("docker") is None:
        return Check(name="Docker", state="note", found="not installed", remedy="optional; install Docker Engine to have it")
    code, answer = _ask(["docker", "version", "--format", "{{.Server.Version}}"])
    if code != 0:
        return Check(
            name="Docker",
            state="note",
            found="installed, but no daemon answers",
            remedy="optional; start it, and see that you may use its socket",
        )
    code, image = _ask(["docker", "image", "inspect", "--format", "{{.Id}}", Settings().image])
    if code != 0:
        remedy = f"for --runner docker: docker build -f deploy/candidate.Dockerfile -t {Settings().image} ."
        return Check(name="Docker", state="good", found=f"Engine {answer}, without the image {Settings().image}", remedy=remedy)
    return Check(name="Docker", state="good", found=f"Engine {answer}, image {Settings().image} ({image.removeprefix('sha256:')[:12]})")


def check_prefect() -> Check:
    """The API that runs are recorded at: the environment's, else the active profile's; none: a temporary one for each run."""
    url, source = _prefect_api()
    if url is None:
        return Check(name="Prefect API", state="good", found="not set: every run has a temporary server of its own")
    import httpx

    try:
        answer = httpx.get(f"{url.rstrip('/')}/health", timeout=PATIENCE)
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Check(
            name="Prefect API",
            state="bad",
            found=f"{_without_password(url)} ({source}): {_without_password(_one_line(str(error))) or type(error).__name__}",
            remedy="start it with `prefect server start`, or take the setting away",
        )
    return Check(name="Prefect API", state="good", found=f"{_without_password(url)} ({source}) answers")


def check_keys() -> Check:
    """Names of the keys that are set; never their values."""
    there = [name for name in KEYS if os.environ.get(name)]
    if not there:
        return Check(name="keys", state="note", found="none set", remedy="not needed: without --model the built-in recipes write the code")
    return Check(name="keys", state="good", found=f"set: {', '.join(there)}")


def _prefect_api() -> tuple[str | None, str]:
    """(URL, where it is set), read without starting Prefect."""
    if url := os.environ.get("PREFECT_API_URL"):
        return url, "PREFECT_API_URL"
    path = Path(
        os.environ.get("PREFECT_PROFILES_PATH") or Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect") / "profiles.toml"
    )
    try:
        profiles = tomllib.loads(path.expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None, ""
    name = os.environ.get("PREFECT_PROFILE") or profiles.get("active", "")
    url = profiles.get("profiles", {}).get(name, {}).get("PREFECT_API_URL")
    return (str(url) if url else None), f"profile {name!r}"


def _ask(command: list[str]) -> tuple[int, str]:
    """(exit code, standard output) of a short program; -1 where it is not there or does not answer."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.SubprocessError):
        return -1, ""
    return done.returncode, done.stdout.strip()


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _without_password(text: str) -> str:
    return re.sub(r"://[^/@\s]*@", "://***@", text)
