"""Every page in a browser: it opens, says where it is, looks right to axe, and phones nobody."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from pages.kit.catalog import page_named, pages
from tests.e2e.clipping import clipped
from tests.e2e.conftest import SCHEMES, Scheme, Visiting

ENTRIES = pages()
# the first page is that of the bare address
PAGES = {"" if entry is ENTRIES[0] else entry.url_path: entry.page.title for entry in ENTRIES}
WARM_POOLS = page_named("warm_pools").page.title
WIDTHS = (1440, 1024, 700)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HOMES = [*(("demo", scheme) for scheme in SCHEMES), ("empty", "dark")]
# each page once, in one scheme or the other by turns; the rest takes longer than CI has
VISITS = [
    pytest.param(
        path,
        home,
        scheme,
        marks=[]
        if (home, scheme) == ("demo", SCHEMES[number % len(SCHEMES)])
        else [pytest.mark.thorough],
    )
    for number, path in enumerate(PAGES)
    for home, scheme in HOMES
]


@pytest.mark.parametrize(("path", "home", "scheme"), VISITS)
def test_page_opens_and_everyone_can_use_it(
    visiting: Visiting, request: pytest.FixtureRequest, path: str, home: str, scheme: Scheme
) -> None:
    with visiting(request.getfixturevalue(home), scheme) as visit:
        visit.open(path, PAGES[path])
        expect(visit.page).to_have_title(f"{PAGES[path]} · Stoker")
        badge = visit.page.get_by_text("Demo: made-up jobs")
        assert badge.count() == (1 if home == "demo" else 0)
        assert visit.page.locator('[data-testid="stException"]').count() == 0
        visit.photograph(f"{home}-{path or 'overview'}")
        assert violations(visit.page) == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_cut_off_on_a_narrow_or_a_wide_screen(
    visiting: Visiting, demo: str, path: str
) -> None:
    with visiting(demo) as visit:
        visit.open(path, PAGES[path])
        for width in WIDTHS:
            visit.page.set_viewport_size({"width": width, "height": 900})
            visit.page.wait_for_timeout(700)  # until the charts have their new size
            assert clipped(visit.page) == [], f"at {width} px"
            main = visit.page.locator('[data-testid="stMain"]')
            assert main.evaluate("e => e.scrollWidth - e.clientWidth") == 0, f"at {width} px"


def test_open_filters_are_usable_by_everyone(visiting: Visiting, demo: str) -> None:
    with visiting(demo) as visit:
        visit.open("warm-pools")
        visit.page.get_by_role("button", name="Filters").click()
        visit.page.get_by_role("combobox", name="Instance type").wait_for()
        assert violations(visit.page) == []


def test_navigation_is_reached_and_used_with_the_keyboard(visiting: Visiting, demo: str) -> None:
    with visiting(demo) as visit:
        visit.open("", PAGES[""])
        seen = []
        while len(seen) < 30:
            visit.page.keyboard.press("Tab")
            seen.append(visit.page.evaluate("document.activeElement.innerText").strip())
            if seen[-1].endswith(WARM_POOLS):
                break
        assert seen[-1].endswith(WARM_POOLS), seen
        visit.page.keyboard.press("Enter")
        visit.page.get_by_role("heading", name=WARM_POOLS, level=1).wait_for()
        visit.settle()
        assert visit.page.url.endswith("/warm-pools")


def test_a_phone_shows_the_page_without_scrolling_sideways(visiting: Visiting, demo: str) -> None:
    with visiting(demo) as visit:
        visit.page.set_viewport_size({"width": 390, "height": 844})
        visit.open("", PAGES[""])
        width = visit.page.locator('[data-testid="stMain"]').evaluate("e => e.scrollWidth")
        assert width <= 390


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong, with the elements."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]
