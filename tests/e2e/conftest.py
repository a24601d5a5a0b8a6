"""A real browser on real dashboards: one with the demo history, one that is empty."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.app.dashboard import COOKIES, running_dashboard

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENSHOTS_VARIABLE = "STOKER_SCREENSHOTS"
WITHIN_MS = 30_000

# Streamlit asks below the page's own path first, to find out where it is mounted
PROBE = re.compile(r"/[a-z-]+/_stcore/(health|host-config)$")

expect.set_options(timeout=WITHIN_MS)

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@dataclass
class Visit:
    """One browser window on one dashboard, and what it did that it should not."""

    page: Page
    address: str
    scheme: Scheme
    foreign_requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str, heading: str | None = None) -> None:
        """Open a page and wait until it is complete."""
        self.page.goto(f"{self.address}/{path}")
        self.settle()
        if heading is not None:
            self.page.get_by_role("heading", name=heading, level=1, exact=True).wait_for()

    def settle(self) -> None:
        """Wait until the page's script has run and everything it gave is drawn."""
        self.page.get_by_role("heading", level=1).first.wait_for()
        self.page.wait_for_function(
            """() => {
                const app = document.querySelector('[data-testid="stApp"]');
                return app?.dataset.testScriptState === 'notRunning'
                    && !document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]')
                    && [...document.querySelectorAll('[data-testid="stPlotlyChart"]')]
                        .every(chart => chart.querySelector('.main-svg'));
            }"""
        )
        self.page.evaluate("document.fonts.ready.then(() => null)")

    def photograph(self, name: str) -> None:
        """Keep a screenshot in test-results, if STOKER_SCREENSHOTS is set."""
        if os.environ.get(SCREENSHOTS_VARIABLE):
            folder = ROOT / "test-results"
            folder.mkdir(exist_ok=True)
            main = self.page.locator('[data-testid="stMain"]')
            # the page scrolls inside the window: make the window as high as the page
            height = main.evaluate("element => element.scrollHeight")
            size = self.page.viewport_size or {"width": 1280, "height": 900}
            self.page.set_viewport_size({"width": size["width"], "height": int(height) + 20})
            self.page.wait_for_timeout(500)
            self.page.screenshot(path=folder / f"{name}-{self.scheme}.png")
            self.page.set_viewport_size(size)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("NO CHROMIUM ON THIS MACHINE: the browser tests do not run")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def demo(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard on the demo history."""
    folder = tmp_path_factory.mktemp("demo")
    if made := os.environ.get("STOKER_TESTS_DEMO"):
        shutil.copytree(made, folder / "demo")
    with running_dashboard(folder, "--demo") as running:
        yield running.address


@pytest.fixture(scope="session")
def empty(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard that has no jobs."""
    with running_dashboard(tmp_path_factory.mktemp("empty")) as running:
        yield running.address


@pytest.fixture
def fresh(browser: Browser, tmp_path: Path) -> Iterator[str]:
    """The address of an empty dashboard that the test may fill."""
    with running_dashboard(tmp_path / "home") as running:
        yield running.address


Visiting = Callable[..., AbstractContextManager[Visit]]


@pytest.fixture(scope="session")
def visiting(browser: Browser) -> Visiting:
    """Open windows; at the end of each: no request left the machine, no error in the console."""

    @contextmanager
    def opening(address: str, scheme: Scheme = "light") -> Iterator[Visit]:
        context = browser.new_context(
            color_scheme=scheme, viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
        )
        context.set_default_timeout(WITHIN_MS)
        name, _, value = COOKIES[address].partition("=")
        context.add_cookies([{"name": name, "value": value, "url": address, "sameSite": "Strict"}])
        visit = Visit(context.new_page(), address, scheme)

        def note_request(request: Request) -> None:
            own = (address, address.replace("http", "ws", 1), "data:", "blob:")
            if not request.url.startswith(own):
                visit.foreign_requests.append(request.url)

        def note_complaint(message: ConsoleMessage) -> None:
            if message.type == "error" and not PROBE.search(message.location.get("url", "")):
                visit.complaints.append(message.text)

        visit.page.on("request", note_request)
        visit.page.on("console", note_complaint)
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        yield visit
        context.close()
        assert visit.foreign_requests == [], "a request left the machine"
        assert visit.complaints == [], "the browser complained"

    return opening
