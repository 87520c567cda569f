"""The page in a real browser: Debian's or any other Chromium, driven through chromedriver."""

import importlib
import json
import shutil
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from competitions import load_competition, make_example
from journal import Operator, Run, Solution
from reports import write_data_profile, write_report

pytestmark = pytest.mark.slow
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module", params=["light", "dark"])
def browser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A headless browser without a network, in both colour schemes."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs the extra `test`")
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("needs chromium and chromedriver: apt install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    profile = tmp_path_factory.mktemp("profile")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.add_argument("--window-size=1280,1000")
    options.add_argument("--proxy-server=http://127.0.0.1:9")  # nothing can leave, even if it tried
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": request.param}]})
    driver.scheme = request.param
    yield driver
    driver.quit()


@pytest.fixture
def opened(browser: Any, whole_run: Run, tmp_path: Path) -> Any:
    """The report of a whole run, with every section."""
    write_data_profile(whole_run, load_competition(make_example("breast-cancer", tmp_path)))
    path = whole_run.folder / "report.html"
    write_report(whole_run, path)
    browser.get_log("performance"), browser.get_log("browser")
    browser.get(path.as_uri())
    return browser


def requests(browser: Any) -> list[str]:
    """What the page asked for, itself left out."""
    messages = (json.loads(entry["message"])["message"] for entry in browser.get_log("performance"))
    urls = (message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent")
    return [url for url in urls if not url.startswith("file:")]


def await_open(browser: Any, identifier: str) -> None:
    """The page opens the candidate that a link leads to when the browser tells it of the new address: soon, not at once."""
    wait = importlib.import_module("selenium.webdriver.support.wait").WebDriverWait(browser, 5)
    wait.until(lambda _: browser.find_element("id", identifier).get_attribute("open") is not None)


def test_no_error_and_no_request(opened: Any) -> None:
    sections = [section.get_attribute("id") for section in opened.find_elements("css selector", "section")]
    assert sections == ["progress", "path", "matters", "plans", "ensemble", "candidates", "errors", "data", "script", "setup"]
    assert opened.get_log("browser") == []
    assert requests(opened) == []


def test_a_click_on_a_point_leads_to_the_candidates_difference(opened: Any) -> None:
    point = opened.find_element("css selector", '#progress a[href="#c1009"]')
    section = opened.find_element("id", "c1009")
    assert section.get_attribute("open") is None
    opened.execute_script("arguments[0].scrollIntoView({block: 'center'})", point)
    point.click()
    await_open(opened, "c1009")
    changed = section.find_element("css selector", "details:has(.diff)")
    assert section.rect["y"] - opened.execute_script("return scrollY") < 1000
    changed.find_element("css selector", "summary").click()
    assert "moment.dt.dayofweek" in changed.find_element("css selector", "ins").text


def test_the_keyboard_opens_a_candidate_and_shows_what_a_point_is(opened: Any) -> None:
    opened.execute_script("document.querySelector('#progress a[href=\"#c1009\"]').focus()")
    hint = opened.find_element("id", "hint")
    assert "day of the week" in hint.text
    opened.switch_to.active_element.send_keys("\ue007")
    await_open(opened, "c1009")
    assert opened.switch_to.active_element.tag_name == "summary"


def test_axe_finds_no_serious_fault(opened: Any) -> None:
    """In light and in dark: contrast of colours, names of controls, tables, headings."""
    assert serious_faults(opened) == []


def test_axe_finds_no_serious_fault_in_a_young_run_in_which_nothing_failed(browser: Any, new_run: Callable, tmp_path: Path) -> None:
    maker = new_run()
    maker.candidate(Operator.DRAFT, "first", 0.5)
    maker.candidate(Operator.DRAFT, "second", 0.4)
    write_report(maker.run, tmp_path / "report.html")
    browser.get((tmp_path / "report.html").as_uri())
    assert serious_faults(browser) == []


def serious_faults(browser: Any) -> list[tuple[str, str]]:
    """What axe-core finds in the page, every part of it opened."""
    axe = pytest.importorskip("axe_core_python", reason="needs the extra `test`")
    browser.execute_script("for (const part of document.querySelectorAll('details')) part.open = true")
    browser.execute_script((files(axe) / "axe.min.js").read_text())
    result = browser.execute_async_script("const done = arguments[0]; axe.run().then(done)")
    assert len(result["passes"]) > 20
    return [(fault["id"], fault["nodes"][0]["html"][:300]) for fault in result["violations"] if fault["impact"] in SERIOUS]


def test_the_page_follows_the_colour_scheme(opened: Any) -> None:
    page = opened.execute_script("return getComputedStyle(document.documentElement).backgroundColor")
    lightness = sum(map(int, page.removeprefix("rgb(").removesuffix(")").split(","))) / 3
    assert lightness > 200 if opened.scheme == "light" else lightness < 60


def test_two_hundred_candidates_open_in_two_seconds(browser: Any, new_run: Callable, tmp_path: Path) -> None:
    maker = new_run()
    parents: tuple[int, ...] = ()
    for number in range(200):
        cells = "\n".join(
            f"# %% block {block}\n" + "\n".join(f"value_{block}_{line} = {number + line}" for line in range(30)) for block in range(6)
        )
        score = 1 - number / 1000
        made = maker.candidate(
            Operator.IMPROVE, f"step {number}", score, parents=parents, plan="More. " * 60, solution=Solution.parse(cells)
        )
        parents = (made,) if number % 7 else ()
    path = tmp_path / "report.html"
    write_report(maker.run, path)
    assert path.stat().st_size < 3_000_000
    began = perf_counter()
    browser.get(path.as_uri())
    browser.execute_script("document.querySelector('#progress a').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    browser.execute_async_script("const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))")
    assert perf_counter() - began < 2.0
