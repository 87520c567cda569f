"""Keys of a chat model and of Tavily in a whole run, against servers on loopback: nothing that it leaves behind holds one."""

import subprocess
import sys
from pathlib import Path

import pytest

from competitions import load_competition, make_brief
from journal import Asked, find_runs
from tests.engineers.competent import Competent
from tests.engineers.endpoint import endpoint
from tests.flows.processes import ROOT, fresh_environment
from tests.flows.test_keys import NOSY, holding
from tests.nodes.toy import make_toy
from tests.retrieval.web_servers import TAVILY, web_server

CHAT, WEB = "sk-proj-PLANTED0chat0123456789abc", "tvly-PLANTED0web0123456789abc"


@pytest.mark.slow
def test_no_key_of_model_or_search_is_in_anything_that_a_run_leaves_behind(tmp_path: Path) -> None:
    """Run folder, journal, report, logs, caches, artifacts in Prefect's database, what scripts saw, and what was printed."""
    toy = make_toy(tmp_path / "toy", 80)
    script = tmp_path / "nosy.py"
    script.write_text(NOSY)
    page = ("Boosting", "https://example.org/a", f"The service repeats what it was sent: {WEB}")
    options = ["--tracks", "1", "--models", "3", "--outer-steps", "1", "--inner-steps", "1", "--ensemble-rounds", "0", "--folds", "2"]
    environment = fresh_environment(tmp_path)
    with endpoint(Competent(make_brief(load_competition(toy)))) as served, web_server(TAVILY, [page]) as web:
        keys = {"OPENAI_API_KEY": CHAT, "TAVILY_API_KEY": WEB, "TAVILY_API_URL": web.url}
        model = ["--model", "openai:test", "--base-url", served.url, "--search", "tavily", "--start", str(script)]
        command = [sys.executable, "-m", "mlestar", "run", str(toy), *model, *options, "--runs-dir", str(tmp_path / "runs")]
        done = subprocess.run(command, cwd=ROOT, env={**environment, **keys}, capture_output=True, text=True, timeout=300, check=False)
    (run,) = find_runs(tmp_path / "runs")
    assert run.finished is not None and run.finished.chosen is not None, done.stdout + done.stderr
    assert list(run.entries(Asked)) and web.asked, "both keys were used"
    assert all(WEB in str(headers.values()) for headers in web.headers)
    logs = "".join(path.read_text() for path in run.folder.glob("candidates/*/**/log.txt"))
    assert "/proc/self/environ" in logs, "the script that looks around was run"
    assert not holding(tmp_path, [CHAT, WEB])
    assert CHAT not in done.stdout + done.stderr and WEB not in done.stdout + done.stderr
    assert (Path(environment["PREFECT_HOME"]) / "prefect.db").is_file()
