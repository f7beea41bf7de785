"""The dashboards in real Chromium: what no HTTP client sees."""

import os
import shutil
from collections.abc import Callable, Iterator

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.api.conftest import PASSWORD, Person

from missing import not_tested
from prosa.tenancy.model import UserRole

pytestmark = pytest.mark.browser
SECONDS = 120_000  # Playwright counts milliseconds; a loaded machine needs patience
SIZES = [(1280, 800), (390, 844)]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium of the machine; PROSA_CHROMIUM names another one."""
    path = os.environ.get("PROSA_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        not_tested("the screens in a browser: install chromium or set PROSA_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def problems() -> list[str]:
    """What the browser complained about: errors on the console, answers of 400 and more."""
    return []


@pytest.fixture
def browser(chromium: Browser, site: str, problems: list[str]) -> Iterator[BrowserContext]:
    """A browser of nobody's yet, which speaks English where it is asked."""
    context = chromium.new_context(base_url=site, locale="en-US", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(SECONDS)
    context.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    context.on("weberror", lambda e: problems.append(str(e.error)))
    context.on("response", lambda r: problems.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    yield context
    context.close()


def enter(page: Page, person: Person, *, at: str = "/login") -> None:
    """Fill in the form as a person does."""
    page.goto(at)
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def test_a_person_logs_in_sees_the_page_and_logging_out_ends_every_tab_but_loses_nothing_typed(
    browser: BrowserContext, make_person: Callable[..., Person], problems: list[str]
) -> None:
    person = make_person(role=UserRole.ADMIN)
    first = browser.new_page()
    enter(first, person, at="/app/")
    expect(first.get_by_role("heading", level=1)).to_have_text("Visão geral", timeout=SECONDS)
    expect(first.get_by_text("Ana Souza")).to_be_visible()
    expect(first.get_by_test_id("stException")).to_have_count(0)
    assert first.evaluate("navigator.language") == "pt-BR"
    assert problems == []

    second = browser.new_page()
    second.goto("/app/users")
    second.get_by_label("Nome", exact=True).press_sequentially("Mar")

    first.get_by_role("button", name="Sair").click()
    first.wait_for_url("**/login")
    second.bring_to_front()
    expect(second.get_by_role("status")).to_contain_text("session has ended", timeout=SECONDS)
    second.get_by_label("E-mail").fill(person.email)
    second.get_by_label("Password").fill(PASSWORD)
    second.get_by_role("button", name="Log in").click()
    expect(second.get_by_label("Nome", exact=True)).to_have_value("Mar", timeout=SECONDS)


def test_the_language_is_switched_from_the_page(browser: BrowserContext, person: Person) -> None:
    page = browser.new_page()
    enter(page, person)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview", timeout=SECONDS)
    assert page.evaluate("navigator.language") == "en"


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_is_wider_than_the_screen(browser: BrowserContext, person: Person, width: int, height: int) -> None:
    page = browser.new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.goto("/login")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    enter(page, person)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=SECONDS)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_another_login_in_the_same_browser_reloads_the_old_tab(
    browser: BrowserContext,
    make_person,
    superuser: psycopg.Connection,  # type: ignore[no-untyped-def]
) -> None:
    ana, rui = make_person(), make_person(role=UserRole.ADMIN)
    old = browser.new_page()
    enter(old, ana)
    expect(old.get_by_text("Leitura", exact=True)).to_be_visible(timeout=SECONDS)
    new = browser.new_page()
    new.request.post("/login", form={"email": rui.email, "password": PASSWORD})
    old.bring_to_front()
    expect(old.get_by_text("Administração", exact=True).last).to_be_visible(timeout=SECONDS)
