"""Prefect's own pages in a real browser: a run from the form, its page, its ablation report; and a run from before there was a server.

`MLESTAR_SCREENSHOTS=docs/images` keeps pictures of them for the documentation.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from journal import find_runs
from tests.flows.processes import wait_until
from tests.flows.site import SMALL, FlowRun, Site, program

pytestmark = pytest.mark.slow
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
PICTURES = os.environ.get("MLESTAR_SCREENSHOTS")
PATIENCE = 120
EARLIER = ("--tracks", "1", "--models", "1", "--evaluations", "2", "--folds", "2")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Before its server is started for the first time, a run is made without one."""
    made = Site(tmp_path_factory.mktemp("mlestar"), ui=True)
    try:
        program("mlestar", "run", "wine-recognition", *EARLIER, "--runs-dir", str(made.runs), env=made.environment)
        assert not made.left_over()
        made.set_up()
        yield made
    finally:
        made.stop_all()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs the extra `test`")
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("needs chromium and chromedriver: apt install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        f"--user-data-dir={tmp_path / 'profile'}",
    ):
        options.add_argument(argument)
    options.add_argument("--window-size=1400,1300")
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


def text_of(browser: Any) -> str:
    return str(browser.execute_script("return document.body.innerText"))


def await_text(browser: Any, *wanted: str) -> None:
    """The pages are one program, which fills them in when the server has answered."""
    wait_until(lambda: all(words in text_of(browser) for words in wanted), PATIENCE, f"{wanted} on {browser.current_url}")


def submit(button: Any, made: Callable[[], list[Any]]) -> Any:
    """The one run that the form makes; its server may have been busy, then a person presses the button once more."""
    for _ in range(4):
        button.click()
        with suppress(AssertionError):
            wait_until(made, PATIENCE / 4)
            break
    (run,) = made()
    return run


def keep(browser: Any, name: str) -> None:
    if PICTURES:
        browser.save_screenshot(str(Path(PICTURES) / f"prefect-{name}.png"))


def test_a_run_without_a_server_is_seen_when_one_is_started(site: Site) -> None:
    (run,) = find_runs(site.runs)
    (flow_run,) = site.post("flow_runs/filter", {})
    assert run.finished is not None and run.finished.chosen is not None
    assert (flow_run["name"], flow_run["state"]["type"]) == (f"wine-recognition · {run.info.id}", "COMPLETED")
    assert f"Candidates of {run.info.id}" == site.artifact(flow_run["id"], "scores-wine-recognition")["description"]
    tasks = {each["name"] for each in FlowRun(site, flow_run["id"]).task_runs() if each["state"]["type"] == "COMPLETED"}
    assert {int(name.split()[0]) for name in tasks} == {node.number for node in run.tree().nodes}


def test_a_run_is_triggered_from_the_form_and_its_report_read(site: Site, browser: Any) -> None:
    deployment = site.get("deployments/name/solve/gpu")["id"]
    site.patch(f"deployments/{deployment}", {"parameters": {"settings": SMALL}})
    base = site.api.removesuffix("/api")

    browser.get(f"{base}/deployments/deployment/{deployment}/run")
    await_text(browser, "A competition's folder as the worker sees it", "wall-clock of the run", "LangChain chat model")
    browser.find_element("css selector", "textarea").send_keys("wine-recognition")
    keep(browser, "form")
    button = browser.find_element("xpath", "//button[normalize-space()='Submit']")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    made = submit(button, lambda: [each for each in site.post("flow_runs/filter", {}) if each["deployment_id"]])
    assert made["parameters"]["competition"] == "wine-recognition"
    assert {name: made["parameters"]["settings"][name] for name in SMALL} == SMALL
    run = FlowRun(site, made["id"])
    assert run.wait_end(300) == "COMPLETED"

    browser.get(f"{base}/runs")
    await_text(browser, *(f"wine-recognition · {each.info.id}" for each in find_runs(site.runs)))
    browser.get(f"{base}/runs/flow-run/{run.id}")
    await_text(browser, run.finished().info.id, "Completed", "draft · ")
    keep(browser, "run")
    browser.get(f"{base}/artifacts/key/ablation-wine-recognition")
    await_text(browser, "ablation-wine-recognition")
    browser.get(f"{base}/artifacts/artifact/{site.artifact(run.id, 'ablation-wine-recognition')['id']}")
    await_text(browser, "Ablation study 1", "delta ± standard error", "Chosen block", "What was refined")
    keep(browser, "ablation")
