"""A real browser before the real programs. It fails the test on whatever a page complains of or asks of strangers."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from inventory.models import StockLevel
from orders.models import Order
from shop.users.models import User
from tests.flows import programs
from tests.flows.programs import Program, Web, running
from tests.processes import eventually
from tests.shopping import place
from tests.staff import staff

PASSWORD = "open sesame, said the warehouse"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

_FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where there is no browser, say so once and clearly."""
    if CHROMIUM is None:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="there is no chromium here: apt-get install chromium"))


@pytest.fixture(scope="session")
def url(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory, workers: Mapping[str, Program]
) -> Iterator[str]:
    web = Web(tmp_path_factory.mktemp("web"), programs.environment())
    with running(web):
        yield web.url


@pytest.fixture(scope="session")
def workers(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Program]]:
    with programs.workers(tmp_path_factory.mktemp("workers"), programs.environment()) as started:
        yield started


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright runs a loop in this thread; nothing here is async
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield chromium
        chromium.close()


class Open(Protocol):
    """Opens a window of its own, signed in as somebody unless they are nobody."""

    def __call__(self, user: User | None = None, *, width: int = 1280, dark: bool = False) -> Page: ...


@pytest.fixture
def open_window(browser: Browser, url: str, transactional_db: None) -> Iterator[Open]:
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_window(user: User | None = None, *, width: int = 1280, dark: bool = False) -> Page:
        context = browser.new_context(
            base_url=url, viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        _listen(page, url, complaints)
        if user:
            sign_in(page, user)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert complaints == []


def _listen(page: Page, url: str, complaints: list[str]) -> None:
    ours = urlsplit(url).netloc
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("console", lambda said: complaints.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    page.on("request", lambda asked: complaints.append(asked.url) if _is_strange(asked.url, ours) else None)


def _is_strange(address: str, ours: str) -> bool:
    return urlsplit(address).scheme in {"http", "https", "ws", "wss"} and urlsplit(address).netloc != ours


def sign_in(page: Page, user: User) -> None:
    user.set_password(PASSWORD)
    user.save()
    page.goto("/admin/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/")


def press(page: Page, name: str) -> None:
    """Follow the button of a row's page that leads to the page of this name."""
    _button(page, name).first.click()


def offers(page: Page, name: str) -> bool:
    return _button(page, name).count() > 0


def _button(page: Page, name: str) -> Locator:
    return page.locator(f'a[href$="/{name}"], a[href$="/{name}/"]')


def lists_of(page: Page) -> set[str]:
    """What the menu leads to, such as `orders/order`."""
    found = (link.get_attribute("href") or "" for link in page.locator("#nav-sidebar a, nav a").all())
    return {href.removeprefix("/admin/").strip("/") for href in found if href.count("/") == 4}


@pytest.fixture
def boss(open_window: Open) -> Page:
    """The window of somebody with the role admin."""
    return open_window(staff("boss", "admin"))


@pytest.fixture
def order(ada: User, mugs: StockLevel, url: str) -> Order:
    """Two mugs for Ada, paid for and ready to leave."""
    return until(place(ada, {"MUG-BLUE": 2}), payment_status="captured")


def until(order: Order, **state: str) -> Order:
    """The order, once the workers have made it so."""

    def found() -> Order | None:
        return Order.objects.filter(pk=order.pk, **state).first()

    settled = eventually(found, f"{order} is {state}", seconds=30)
    assert settled is not None
    return settled


def picture(page: Page, name: str) -> None:
    """Keep how the page looks, where BROWSER_SCREENSHOTS names a folder."""
    if folder := os.environ.get("BROWSER_SCREENSHOTS"):
        page.screenshot(path=Path(folder, f"{name}.png"), full_page=True)
