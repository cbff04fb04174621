"""`make pictures`: takes the site's pictures anew, of a shop that somebody has ordered in.

They are WebP of a few dozen kB each, in light and, where there is one, dark. `SHOTS` says what they show; a page names
them as `pictures/<name>-light.webp#only-light`.
"""

import base64
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Literal

import httpx
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from shop.runner.demo import play
from shop.runner.home import home_of
from shop.runner.ports import free_ports
from shop.runner.visitor import Visitor

FOLDER = Path("docs/pictures")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic")

Scheme = Literal["light", "dark"]

_SIZE: ViewportSize = {"width": 1280, "height": 800}
_QUALITY = 70
PASSWORD = "shop-demo-password"  # noqa: S105 - known to everybody

_START = 120.0  # seconds


def _mailbox(page: Page) -> None:
    page.goto("/dev/mailbox")


def _api_docs(page: Page) -> None:
    page.goto("/api/docs")
    page.get_by_text("Place an order").first.wait_for()


def _dashboard(page: Page) -> None:
    _log_in(page)


def _order(page: Page) -> None:
    """The first that was placed: it was confirmed, and cancelled by its customer."""
    _log_in(page)
    page.goto("/admin/orders/order/")
    page.get_by_role("link", name="10001").first.click()
    page.wait_for_load_state()


def _log_in(page: Page) -> None:
    page.goto("/admin/")
    page.locator("#login-form [name=username]").fill("admin@example.com")
    page.locator("#login-form [name=password]").fill(PASSWORD)
    page.locator("#login-form [type=submit]").click()
    page.wait_for_url("**/admin/")


SHOTS: dict[str, tuple[Callable[[Page], None], tuple[Scheme, ...]]] = {
    "mailbox": (_mailbox, ("light", "dark")),
    "api-docs": (_api_docs, ("light",)),
    "dashboard": (_dashboard, ("light", "dark")),
    "order": (_order, ("light", "dark")),
}
"""How to come to what is shown, and how it may look."""


def main() -> None:
    with _shop() as url, sync_playwright() as playwright:
        play(url, print, lambda: None)
        _buy(url)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *QUIET])
        for name, (show, schemes) in SHOTS.items():
            for scheme in schemes:
                _take(browser, url, show, scheme, FOLDER / f"{name}-{scheme}.webp")
        browser.close()


def _buy(url: str) -> None:
    """The orders of the demo are cancelled in the end; these are kept."""
    visitor = Visitor(url, print)
    visitor.sign_up()
    visitor.log_in()
    for sku in ("MUG-BLUE", "MUG-RED", "MUG-SAND"):
        order = visitor.place(sku, "pm_card_visa")
        visitor.until("it is paid and its receipt is there", partial(_has_its_receipt, visitor, order["number"]))


def _has_its_receipt(visitor: Visitor, number: str) -> bool:
    return any("Receipt" in mail["subject"] for mail in visitor.mails_about(number))


def _take(browser: Browser, url: str, show: Callable[[Page], None], scheme: Scheme, file: Path) -> None:
    """Playwright writes PNG or JPEG only; Chromium itself knows WebP, at a fifth of the size."""
    page = browser.new_page(base_url=url, viewport=_SIZE, color_scheme=scheme)
    show(page)
    devtools = page.context.new_cdp_session(page)
    taken = devtools.send("Page.captureScreenshot", {"format": "webp", "quality": _QUALITY})
    file.write_bytes(base64.b64decode(taken["data"]))
    page.close()


@contextmanager
def _shop() -> Iterator[str]:
    """A whole stack in a folder that is gone afterwards."""
    home = home_of(Path.cwd(), Path(tempfile.mkdtemp(prefix="shop-pictures-")))
    url = f"http://127.0.0.1:{(port := free_ports(1)[0])}"
    command = [sys.executable, "manage.py", "up", "--home", str(home.folder), "--port", str(port)]
    stack = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _await(f"{url}/dev/mailbox")
        yield url
    finally:
        stack.terminate()
        stack.wait(60)
        home.discard()


def _await(url: str) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    sys.exit("The stack did not come up.")


if __name__ == "__main__":
    main()
