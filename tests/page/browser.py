"""A real browser, a phone or a computer, driven through the page; and what it shows."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.integration.mosquitto import until
from tests.needs import needed

CURE = "sudo apt-get install chromium chromium-driver"
PHONE = {"width": 390, "height": 844, "pixelRatio": 2, "mobile": True, "touch": True}
DESK = {"width": 1280, "height": 800, "pixelRatio": 1, "mobile": False, "touch": False}

# Each change of the number on the screen, with the time at which a frame has shown it.
_WATCH = """
window.watched = [];
const note = () => {
  const shown = document.querySelector('[data-testid="rep-count"]');
  if (!shown) return;
  const one = [Number(shown.textContent), shown.dataset.certain === 'true'];
  const last = window.watched.at(-1);
  if (last && last[0] === one[0] && last[1] === one[1]) return;
  const entry = [...one, Date.now() / 1000];
  window.watched.push(entry);
  requestAnimationFrame(() => setTimeout(() => (entry[2] = Date.now() / 1000)));
};
window.banners = [];
const banner = document.getElementById('banner');
new MutationObserver(() => banner.hidden || banners.push(banner.textContent))
  .observe(banner, { childList: true, characterData: true, subtree: true });
const look = { subtree: true, childList: true, characterData: true, attributes: true,
               attributeFilter: ['data-certain'] };
new MutationObserver(note).observe(document.getElementById('view'), look);
note();
"""

Counted = tuple[int, bool, float]


class Browser:
    """One browser with one tab. dark: what its system asks for."""

    def __init__(self, screen: Mapping[str, Any], *, dark: bool = False) -> None:
        options = ChromeOptions()
        options.binary_location = needed(CURE, "chromium", "chromium-browser", "google-chrome")
        for argument in (
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--mute-audio",
            # A page that is not in front is given little of a busy computer, for as long as it is.
            "--disable-renderer-backgrounding",
            "--disable-backgrounding-occluded-windows",
            "--disable-background-timer-throttling",
            f"--window-size={screen['width']},{screen['height']}",
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = Service(needed(CURE, "chromedriver"), log_output=os.devnull)
        self.driver = Chrome(options, driver)
        self.driver.set_page_load_timeout(60)
        self.driver.set_script_timeout(60)
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            width=screen["width"],
            height=screen["height"],
            deviceScaleFactor=screen["pixelRatio"],
            mobile=screen["mobile"],
        )
        self.cdp("Emulation.setTouchEmulationEnabled", enabled=screen["touch"])
        self.dark(on=dark)

    def close(self) -> None:
        self.driver.quit()

    # -- to do ------------------------------------------------------------------------------

    def open(self, url: str, route: str = "lift") -> None:
        """The page anew; what the browser said of it before is forgotten."""
        self.leave()
        self.complaints()
        self.driver.get(f"{url}#/{route}")
        until(lambda: self.text("h1") or self.text("#nav"), "the page is there")

    def leave(self) -> None:
        self.driver.get("about:blank")

    def go(self, route: str) -> None:
        """To another view of it."""
        self.run("location.hash = arguments[0]", f"#/{route}")
        until(lambda: self.run("return document.body.dataset.route") == route, route)

    def tap(self, selector: str, text: str | None = None) -> None:
        """Once it is there and says so."""
        until(lambda: self._tapped(selector, text), f"{selector} {text or ''} can be tapped")

    def write(self, selector: str, text: str) -> None:
        field = self.driver.find_element(By.CSS_SELECTOR, selector)
        field.clear()
        field.send_keys(text)

    def watch(self) -> None:
        """Note each number that is shown from now on, and what is said above the page."""
        self.run(_WATCH)

    def dark(self, *, on: bool) -> None:
        value = "dark" if on else "light"
        self.cdp(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": value}],
        )

    @contextmanager
    def asleep(self) -> Iterator[None]:
        """As a phone in a pocket: nothing runs, and what is open is cut off."""
        self.cdp("Page.enable")
        self.cdp("Page.setWebLifecycleState", state="frozen")
        try:
            yield
        finally:
            self.cdp("Page.setWebLifecycleState", state="active")

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """What it asks for comes from another computer."""
        self.cdp("Network.enable")
        self.cdp("Network.setExtraHTTPHeaders", headers={"X-Forwarded-For": "10.0.0.9"})
        try:
            yield
        finally:
            self.cdp("Network.setExtraHTTPHeaders", headers={})
            self.driver.delete_all_cookies()

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def cdp(self, name: str, **arguments: object) -> Any:
        return self.driver.execute_cdp_cmd(name, arguments)

    def picture(self) -> bytes:
        return self.driver.get_screenshot_as_png()

    # -- to see -----------------------------------------------------------------------------

    def text(self, selector: str) -> str:
        """What it says; "" where it is not, or is hidden."""
        try:
            return self.driver.find_element(By.CSS_SELECTOR, selector).text.strip()
        except (NoSuchElementException, StaleElementReferenceException):
            return ""

    def texts(self, selector: str) -> list[str]:
        """All that match, in one look: the page may be drawn anew at any time."""
        script = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)"
        return [str(one) for one in self.run(script, selector)]

    def data(self, selector: str, name: str) -> list[str]:
        """A data attribute of all that match."""
        script = (
            "return [...document.querySelectorAll(arguments[0])].map(e => e.dataset[arguments[1]])"
        )
        return [str(one) for one in self.run(script, selector, name)]

    @property
    def count(self) -> int:
        """The number that fills the screen; -1 where there is none."""
        shown = self.texts("[data-testid=rep-count]")
        return int(shown[0]) if shown else -1

    @property
    def banner(self) -> str:
        return self.text("#banner")

    @property
    def link(self) -> str:
        """How sensor and connection are said to be."""
        return "".join(self.data("#link", "state"))

    def counted(self) -> list[Counted]:
        """What `watch` has noted: number, whether it is certain, when (seconds since 1970)."""
        return [(count, certain, at_s) for count, certain, at_s in self.run("return watched")]

    def banners(self) -> list[str]:
        """What was said above the page since `watch`."""
        return list(self.run("return banners"))

    def rows(self) -> list[Mapping[str, str]]:
        """The reps in the list after a set: id, rep, speed and words."""
        script = (
            "return [...document.querySelectorAll('[data-testid=rep-row]')].map(e => ({"
            "id: e.dataset.id, rep: e.dataset.rep,"
            "speed: e.querySelector('.speed').textContent,"
            "words: e.querySelector('.words').textContent}))"
        )
        return list(self.run(script))

    def complaints(self) -> Sequence[str]:
        """Errors that the browser had with the page since it was opened."""
        log = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [one["message"] for one in log if one["level"] == "SEVERE"]

    def _tapped(self, selector: str, text: str | None) -> bool:
        def fits(one: WebElement) -> bool:
            return one.is_displayed() and (text is None or text in one.text)

        try:
            found = self.driver.find_elements(By.CSS_SELECTOR, selector)
            chosen = next(filter(fits, found), None)
            if chosen is None or not chosen.is_enabled():
                return False
            self.run("arguments[0].scrollIntoView({block: 'center'})", chosen)
            chosen.click()
        except StaleElementReferenceException:
            return False
        return True


@contextmanager
def browser(screen: Mapping[str, Any] = PHONE, *, dark: bool = False) -> Iterator[Browser]:
    one = Browser(screen, dark=dark)
    try:
        yield one
    finally:
        one.close()


def eventually(look: Callable[[], object], wanted: object) -> None:
    """It is so in the end; else it says what is there instead."""
    seen: list[object] = [None]

    def holds() -> bool:
        seen[0] = look()
        return seen[0] == wanted

    try:
        until(holds)
    except AssertionError:
        assert seen[0] == wanted  # says both
        raise
