"""The site in a real browser: headless Chromium opens every page, wide and narrow, light and dark.

These tests need Debian's packages chromium and chromium-driver, so you run them separately: `pytest -m browser`.
"""

import base64
import functools
import http.server
import io
import threading
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urldefrag, urljoin

import matplotlib.pyplot as plt
import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait
from typing_extensions import override

from tests.docs.test_site import DOCS, build

pytestmark = pytest.mark.browser

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars"
)
PHONE, DESK = (390, 844), (1300, 900)
THREE_COLUMNS = (1313, 1366, 1471, 1480, 1920)  # widths at which the contents stand on the right
LEAST_CONTRAST = 4.5  # of text, by the accessibility guidelines of the web (WCAG 2, AA)

COLOURS = """
const shade = text => text.match(/[\\d.]+/g).map(Number);
const linear = c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
const light = ([r, g, b]) => [r, g, b].map(c => linear(c / 255))
  .reduce((sum, c, k) => sum + c * [.2126, .7152, .0722][k], 0);
const ground = node => { for (; node; node = node.parentElement) {
  const found = shade(getComputedStyle(node).backgroundColor);
  if (found.length < 4 || found[3] === 1) return found; } return [255, 255, 255]; };
const poor = [];
for (const node of document.querySelectorAll('article *, .sidebar-tree a, .toc-tree a')) {
  if (![...node.childNodes].some(child => child.nodeType === 3 && child.data.trim())) continue;
  if (!(node instanceof HTMLElement) || !node.innerText.trim() || node.closest('.headerlink')) continue;
  const [a, b] = [light(shade(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x);
  if ((a + .05) / (b + .05) >= arguments[0]) continue;
  poor.push(`${node.tagName} ${getComputedStyle(node).color}: ${node.innerText.slice(0, 40)}`);
}
return poor;
"""


WIDER = """
const wider = [], content = document.querySelector('.content');
const all = document.documentElement;
if (all.scrollWidth > innerWidth) wider.push(`the page: ${all.scrollWidth}`);
if (content && content.scrollWidth > content.clientWidth + 1) wider.push(`the text: ${content.scrollWidth}`);
const contents = document.querySelector('.toc-drawer:not(.no-toc)');
if (contents && innerWidth > 1312 && contents.getBoundingClientRect().right > innerWidth + 1)
  wider.push(`the contents end at ${contents.getBoundingClientRect().right}`);
return wider;
"""

SQUEEZED = """
const squeezed = [];
for (const cell of document.querySelectorAll('.content table.docutils:not(.summary) td')) {
  const range = document.createRange();
  range.selectNodeContents(cell);
  const lines = Math.round(range.getBoundingClientRect().height / parseFloat(getComputedStyle(cell).lineHeight));
  const text = cell.innerText.trim();
  const numbers = cell.classList.contains('text-right');
  if (numbers ? lines > 1 : cell.previousElementSibling && text.length > 20 && cell.clientWidth < 80)
    squeezed.push(`${text}: ${lines} lines, ${cell.clientWidth} pixels`);
}
return squeezed;
"""

TINY = """
document.querySelectorAll('img').forEach(image => image.loading = 'eager');
return Promise.all([...document.images].map(image => image.decode())).then(() =>
  [...document.querySelectorAll('.content img[src$=".png"]:not(.toggler)')]
    .filter(image => image.getBoundingClientRect().height < 165).map(image => image.src));
"""

PLACE = """
const picture = [...document.images].find(image => image.src.includes(arguments[0]));
picture.scrollIntoView({block: 'center'});
const box = picture.getBoundingClientRect();
return [box.left + scrollX, box.top + scrollY, box.width, box.height];
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without logging."""

    @override
    def log_message(self, format: str, *args: Any) -> None:  # the base class calls it so
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    build("html", folder)
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Where the built site is served."""
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("localhost", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def pages(address: str, site: Path) -> list[str]:
    """The address of every page."""
    return [address + str(page.relative_to(site)) for page in sorted(site.rglob("*.html"))]


def errors_of(browser: webdriver.Chrome) -> list[dict[str, object]]:
    """What the console has reported since the last call."""
    log: Callable[[str], list[dict[str, object]]] = browser.get_log
    return [entry for entry in log("browser") if entry["level"] in ("SEVERE", "WARNING")]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    for flag in [*FLAGS.split(), f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(flag)
    options.binary_location = "/usr/bin/chromium"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    yield driver
    driver.quit()


def resize(browser: webdriver.Chrome, size: tuple[int, int]) -> None:
    command = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", command)


def visit(browser: webdriver.Chrome, page: str) -> None:
    """Open a page, and wait until it is complete, which may take a moment on a busy machine."""
    browser.get(page)
    wait: WebDriverWait[webdriver.Chrome] = WebDriverWait(browser, 20)
    script = "return location.href === arguments[0] && document.readyState === 'complete'"
    wait.until(lambda driver: driver.execute_script(script, page))


def test_pages_load_whole(browser: webdriver.Chrome, pages: list[str]) -> None:
    """There is no error on the console, and every picture loads."""
    resize(browser, DESK)
    errors_of(browser)
    n_pictures = 0
    for page in pages:
        visit(browser, page)
        sizes = browser.execute_script(
            "document.querySelectorAll('img').forEach(i => i.loading = 'eager');"
            "return Promise.all([...document.images].map(i => i.decode().then(() => [i.src, i.naturalWidth],"
            " () => [i.src, 0])))"
        )
        assert [source for source, width in sizes if not width] == [], page
        n_pictures += len(sizes)
        assert errors_of(browser) == [], page
    assert n_pictures >= 10


def test_links_and_anchors_lead_somewhere(
    browser: webdriver.Chrome, pages: list[str], address: str, site: Path
) -> None:
    known, wanted = dict[str, list[str]](), set[tuple[str, str, str]]()
    for page in pages:
        visit(browser, page)
        known[page], links = browser.execute_script(
            "return [[...document.querySelectorAll('[id]')].map(e => e.id),"
            " [...document.links].map(e => e.getAttribute('href'))]"
        )
        for link in links:
            target, anchor = urldefrag(urljoin(page, link))
            if target.startswith(address):
                wanted.add((page, target, anchor))
    assert len(wanted) > 100
    missing = [
        (page, target, anchor)
        for page, target, anchor in sorted(wanted)
        if not (site / target.removeprefix(address)).exists() or (anchor and anchor not in known[target])
    ]
    assert missing == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_readable_on_a_phone_and_at_a_desk(browser: webdriver.Chrome, pages: list[str], scheme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    for size in (PHONE, DESK):
        resize(browser, size)
        for page in pages:
            visit(browser, page)
            browser.execute_script("document.querySelectorAll('details').forEach(solution => solution.open = true)")
            assert browser.execute_script(WIDER) == [], f"{page}, {size[0]}"
            assert browser.execute_script(SQUEEZED) == [], f"{page}, {size[0]}"
            assert browser.execute_script(TINY) == [], f"{page}, {size[0]}"
            assert browser.execute_script(COLOURS, LEAST_CONTRAST) == [], f"{page}, {scheme}"
    background = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    shades = [int(part) for part in background[background.index("(") + 1 : -1].split(",")[:3]]
    assert (sum(shades) < 200) == (scheme == "dark")


@pytest.mark.parametrize("width", THREE_COLUMNS)
def test_contents_are_not_cut_off(browser: webdriver.Chrome, pages: list[str], width: int) -> None:
    resize(browser, (width, 900))
    for page in pages:
        visit(browser, page)
        assert browser.execute_script(WIDER) == [], f"{page}, {width}"


@pytest.mark.parametrize("system", ["light", "dark"])
@pytest.mark.parametrize("chosen", ["light", "dark", "auto"])
def test_diagrams_follow_the_switch_of_the_site(
    browser: webdriver.Chrome, address: str, system: str, chosen: str
) -> None:
    """The text of a diagram is far from its background, whatever the system is set to."""
    features = [{"name": "prefers-color-scheme", "value": system}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    resize(browser, DESK)
    visit(browser, f"{address}pictures.html")
    browser.execute_script("document.body.dataset.theme = arguments[0]", chosen)
    x, y, width, height = browser.execute_script(PLACE, "network.svg")
    clip = {"x": x, "y": y, "width": width, "height": height, "scale": 1}
    taken = browser.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})
    picture = plt.imread(io.BytesIO(base64.b64decode(taken["data"])))[..., :3].mean(axis=-1)
    ground = float(np.median(picture))
    assert (ground < 0.3) == ((system if chosen == "auto" else chosen) == "dark")
    assert np.abs(picture - ground).max() > 0.7


def test_code_is_copied_without_hovering(browser: webdriver.Chrome, address: str) -> None:
    resize(browser, PHONE)
    browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    features = [{"name": "hover", "value": "none"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    visit(browser, f"{address}start.html")
    browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})
    opacity = "return getComputedStyle(document.querySelector('button.copybtn')).opacity"
    assert browser.execute_script(opacity) == "1"


def search(browser: webdriver.Chrome, address: str, words: str) -> list[WebElement]:
    """The links that the site's search finds, best first."""
    visit(browser, f"{address}search.html?q={quote(words)}")
    wait: WebDriverWait[webdriver.Chrome] = WebDriverWait(browser, 20, poll_frequency=0.05)
    wait.until(lambda driver: driver.find_element(By.CSS_SELECTOR, "#search-results h2").text == "Search Results")
    found: list[WebElement] = browser.find_elements(By.CSS_SELECTOR, "#search-results li > a")
    return found


def places(links: list[WebElement], address: str) -> list[str]:
    """The pages that links lead to, with the headings on them."""
    return [str(link.get_attribute("href")).removeprefix(address).replace(".html", "") for link in links]


def test_search_finds_neurons(browser: webdriver.Chrome, address: str) -> None:
    resize(browser, DESK)
    assert "minigrid.Neuron" in [link.text for link in search(browser, address, "Neuron")[:3]]


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("time limit", "long_searches#set-a-time-limit"),
        ("csv", "your_data#read-a-csv-file"),
        ("heatmap", "pictures#draw-a-score-landscape-heatmap"),
        ("cancel", "long_searches#cancel-a-search"),
        ("plot", "pictures#draw-pictures"),
        ("iris", "scikit_learn#fit-a-classifier"),
        ("save", "results#save-and-load"),
        ("checkpoint", "long_searches#resume-an-interrupted-search"),
        ("accuracy", "scorings#choose-a-scoring"),
    ],
)
def test_search_finds_what_a_new_user_looks_for(
    browser: webdriver.Chrome, address: str, words: str, place: str
) -> None:
    assert place in places(search(browser, address, words)[:3], address)


def test_search_finds_every_listed_word(browser: webdriver.Chrome, address: str) -> None:
    listed = tomllib.loads((DOCS / "search_words.toml").read_text(encoding="utf-8"))
    wanted = [(word, place) for place, words in listed.items() for word in words]
    found = {word: places(search(browser, address, word)[:3], address) for word in {word for word, _ in wanted}}
    assert [(word, place) for word, place in wanted if place not in found[word]] == []


def test_search_lists_guides_before_pages_for_contributors(browser: webdriver.Chrome, address: str) -> None:
    found = places(search(browser, address, "resume"), address)
    assert found.index("cheat_sheet") < found.index("architecture")
