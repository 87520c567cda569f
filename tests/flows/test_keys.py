"""Keys: where a deployment gets them from, and that nothing that a run leaves behind holds one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.keys import block_name, needed_keys
from journal import Settings, find_runs
from tests.flows.conftest import ROOT

PLANTED = {
    "OPENAI_API_KEY": "sk-proj-PLANTED0openai0123456789",
    "ANTHROPIC_API_KEY": "sk-ant-PLANTED0anthropic0123456789",
    "GOOGLE_API_KEY": "AIzaPLANTED0google0123456789",
    "TAVILY_API_KEY": "tvly-PLANTED0tavily0123456789",
    "SOME_TOKEN": "PLANTED0other0123456789",
}
NOSY = """# %% look around
import glob, os
for name in ["/proc/self/environ", *glob.glob("/proc/[0-9]*/environ"), *glob.glob("/proc/[0-9]*/cmdline")]:
    try:
        print(name, open(name, "rb").read())
    except OSError as error:
        print(name, error)
print(dict(os.environ), os.listdir(os.path.expanduser("~")) if os.path.isdir(os.path.expanduser("~")) else "")

# %% predict
import pandas as pd
pd.read_csv("input/sample_submission.csv").merge(pd.read_csv("input/test.csv")[["id"]], on="id").to_csv("submission.csv", index=False)
"""
FROM_BLOCKS = """
import asyncio, os
from prefect.blocks.system import Secret
from flows.keys import keys_from_blocks
from journal import Settings

async def main():
    await Secret(value="sk-from-block").save("openai-api-key")
    await Secret(value="12345678").save("anthropic-api-key")
    settings = Settings(model="openai:m", search="none")
    async with keys_from_blocks(settings) as found:
        assert found == ("OPENAI_API_KEY",) and os.environ["OPENAI_API_KEY"] == "sk-from-block", found
    assert "OPENAI_API_KEY" not in os.environ
    async with keys_from_blocks(Settings(model="anthropic:m")) as found:
        assert os.environ["ANTHROPIC_API_KEY"] == "12345678" and "TAVILY_API_KEY" not in os.environ
    os.environ["OPENAI_API_KEY"] = "sk-from-environment"
    async with keys_from_blocks(settings) as found:
        assert found == () and os.environ["OPENAI_API_KEY"] == "sk-from-environment"
    assert os.environ["OPENAI_API_KEY"] == "sk-from-environment"
    print("good")

asyncio.run(main())
"""


def holding(folder: Path, words: list[str]) -> list[str]:
    """Files below the folder that hold one of the words."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [f"{path}: {word}" for path in files for word in words if word.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    ("settings", "variables"),
    [
        ({}, ()),
        ({"model": "openai:m"}, ("OPENAI_API_KEY", "TAVILY_API_KEY")),
        ({"model": "google_genai:m", "search": "none"}, ("GOOGLE_API_KEY", "GEMINI_API_KEY")),
        ({"model": "ollama:m", "search": "arxiv"}, ()),
        ({"model": "groq:m", "search": "tavily,arxiv"}, ("GROQ_API_KEY", "TAVILY_API_KEY")),
        ({"model": "nothing to parse", "search": "none"}, ()),
    ],
)
def test_only_the_keys_that_a_run_needs_are_looked_for(settings: dict[str, str], variables: tuple[str, ...]) -> None:
    assert needed_keys(Settings.model_validate(settings)) == variables


def test_blocks_are_named_after_the_variable() -> None:
    assert block_name("OPENAI_API_KEY") == "openai-api-key"


@pytest.mark.slow
def test_keys_come_from_secret_blocks_where_the_environment_has_none_and_go_with_the_flow(
    tmp_path: Path, environment: dict[str, str], server: str
) -> None:
    mine = {name: value for name, value in environment.items() if not name.endswith("_API_KEY")}
    done = subprocess.run([sys.executable, "-c", FROM_BLOCKS], cwd=ROOT, env=mine, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip().endswith("good"), done.stdout + done.stderr
    assert not holding(tmp_path, ["sk-from-block"]), "blocks are encrypted"


@pytest.mark.slow
def test_no_key_is_in_anything_that_a_run_leaves_behind(tmp_path: Path, environment: dict[str, str]) -> None:
    """Journal, reports, logs of scripts that look around, caches, Prefect's database, and what was printed."""
    script = tmp_path / "nosy.py"
    script.write_text(NOSY)
    small = ["--tracks", "1", "--models", "2", "--evaluations", "3", "--folds", "2"]
    command = [
        sys.executable,
        "-m",
        "mlestar",
        "run",
        "wine-recognition",
        *small,
        "--start",
        str(script),
        "--runs-dir",
        str(tmp_path / "runs"),
    ]
    done = subprocess.run(command, cwd=ROOT, env={**environment, **PLANTED}, capture_output=True, text=True, timeout=200, check=False)
    (run,) = find_runs(tmp_path / "runs")
    assert run.finished is not None, done.stdout + done.stderr
    logs = "".join(path.read_text() for path in run.folder.glob("candidates/*/**/log.txt"))
    assert "/proc/self/environ" in logs and "OMP_NUM_THREADS" in logs, "the script that looks around was run"
    planted = list(PLANTED.values())
    assert not holding(tmp_path, planted)
    assert not any(key in done.stdout + done.stderr for key in planted)
    assert (Path(environment["PREFECT_HOME"]) / "prefect.db").is_file(), "the database was searched too"
    assert not [name for name in PLANTED if name in logs and os.environ.get(name) is None]
