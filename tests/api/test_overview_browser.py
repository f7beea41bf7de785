"""The overview in real Chromium: every language, width and theme; nothing broken, cut off, or left untranslated."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect
from tests.api.conftest import PASSWORD, Person
from tests.api.test_browser import SECONDS, SIZES, chromium
from tests.facts.builder import Conversation, save, save_names

from prosa.dashboards.i18n import catalogue
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.tenancy.model import UserRole

__all__ = ["chromium"]  # the fixture
pytestmark = pytest.mark.browser

NOW = datetime.now(UTC)
HEADINGS = {"pt_BR": ("Visão geral", "Empresas"), "en": ("Overview", "Companies")}
# One load of a page is looked at in both sizes and themes; loading it for each of them took most of the time.
LOOKS = [(*SIZES[0], "light"), (820, 1180, "light"), (*SIZES[1], "dark")]  # 820: a tablet, its menu open
LETTERS = {"light": "rgb(75, 95, 90)", "dark": "rgb(163, 184, 178)"}  # of charts: --quiet of the style sheet
PAGES = (
    "leads?lead=true&mark=analysed",
    "live",
    "conversation?id=3",
    "conversation?id=none",
    "remarketing",
    "nonsense",
)
MENU = ("live", "remarketing")  # opened by their links; the others by their addresses
OURS = (
    "overview", "kpi", "kpi_note", "filter", "agency", "leads", "talk", "live", "column", "state", "response", "mark",
    "segment", "media", "missing",
)  # fmt: skip
# What Streamlit itself would say in English (api/static/words.js).
FOREIGN = """[...document.querySelectorAll('[aria-label], [placeholder], [title]')]
  .filter(e => !e.closest('[data-testid=stHtml]'))
  .flatMap(e => ['aria-label', 'placeholder', 'title'].map(name => e.getAttribute(name)))
  .filter(text => /\\b(Open|Close|Choose|Select|Help|Remove|Sidebar|Decrement|Increment|Clear|start|end|Upload)\\b/.test(text))"""
# What is wider inside than outside is cut off; a value, a label and a button may never be.
CUT_OFF = """[...document.querySelectorAll('.prosa-value, .prosa-kpi h3, .prosa-under, .prosa-cell, .prosa-bar-line')]
  .filter(e => e.offsetParent && (e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight + 2))
  .map(e => e.textContent.trim())"""
# Of a card, all that stands in it lies within it.
SPILLT = """[...document.querySelectorAll('.prosa-kpi')].filter(card => card.offsetParent)
  .filter(card => [...card.querySelectorAll('.prosa-value, .prosa-under')].some(
    e => e.getBoundingClientRect().bottom > card.getBoundingClientRect().bottom + 1))
  .map(card => card.textContent.trim())"""
WIDTH = """Math.max(document.documentElement.scrollWidth - innerWidth,
  ...[...document.querySelectorAll('[data-testid=stMain]')].map(e => e.scrollWidth - e.clientWidth))"""


# The violations of level serious or worse. Nothing is loaded in advance: what that is for, videos, we have none of.
BARRIERS = """async within => (await axe.run(within, {resultTypes: ['violations'], preload: false})).violations
  .filter(rule => ['serious', 'critical'].includes(rule.impact))
  .map(rule => [rule.id, rule.nodes.map(node => node.html.slice(0, 200))])"""


@pytest.fixture
def busy(db: Database, make_tenant: Callable[..., TenantId]) -> TenantId:
    """A tenant with wide values: waiting times of days, and more of everything than fits into three digits."""
    tenant = make_tenant()
    with db.tenant(tenant) as conn:
        save_names(conn, tenant, inboxes=[1, 2], agents=[1])
        save(conn, tenant, [
            Conversation(
                i, NOW - timedelta(minutes=30 * i), contact_id=i, inbox_id=1 + i % 2, assignee_id=i % 2 or None,
                first_response_seconds=86_000.0 + i, resolution_seconds=2_000_000.0 + i, messages_agent=i % 2,
                is_lead=bool(i % 3), csat_rating=1 + i % 5, times_reopened=i % 2, outcomes=("visit",) if i % 7 else (),
            )
            for i in range(1, 1100)
        ])  # fmt: skip
    return tenant


def drawn(page: Page) -> None:
    """Wait until Streamlit has drawn all of the page."""
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=SECONDS)
    expect(page.locator("[data-testid=stSkeleton], [data-testid=stStatusWidget], [data-stale=true]")).to_have_count(
        0, timeout=SECONDS
    )


def turn_to(page: Page, path: str, title: str) -> None:
    """Go on to another page by its link in the menu, which loads nothing anew: a third of the time of its address.

    On a telephone the menu is folded away, with its links still in it.
    """
    page.locator(f'.st-key-menu a[href$="{path}"]').evaluate("link => link.click()")
    expect(page.locator("h1")).to_have_text([title], timeout=SECONDS)  # and no heading of the page before any more
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=SECONDS)


def barriers_of(page: Page, within: str = "html") -> list[tuple[str, list[str]]]:
    """Rules that are broken at level serious or worse, and by which elements. What was looked at before holds axe already."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[tuple[str, list[str]]] = page.evaluate(BARRIERS, within)
    return found


def check(page: Page, keys: list[str], *, barriers: bool) -> None:
    """Nothing broken or untranslated; in every look nothing cut off, wider than the screen, or (`barriers`) out of reach for
    those who do not see or point."""
    drawn(page)
    expect(page.locator("[data-testid=stException], .prosa-broken")).to_have_count(0)
    text = page.locator("body").inner_text()
    assert [key for key in keys if key in text] == []
    for width, height, theme in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)
        expect(page.locator(".stApp")).to_have_css("color-scheme", theme, timeout=SECONDS)
        if page.locator(".prosa-chart").count():
            expect(page.locator(".prosa-chart .legendtext").first).to_have_css("fill", LETTERS[theme], timeout=SECONDS)
        assert page.evaluate(CUT_OFF) == []
        assert page.evaluate(SPILLT) == []
        assert page.evaluate(WIDTH) <= 0
        if barriers:
            assert barriers_of(page) == []


def open_and_leave_by_keys(page: Page) -> None:
    """What a key opens has the focus next, and its button again afterwards."""
    button = page.get_by_test_id("stPopover").get_by_role("button").last
    button.focus()
    for key in ("Shift+Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_test_id("stPopoverBody").locator(":focus")).to_have_count(1, timeout=SECONDS)
    page.keyboard.press("Escape")
    expect(button).to_be_focused(timeout=SECONDS)


@pytest.mark.parametrize("lang", HEADINGS)
def test_every_screen_is_whole(
    chromium: Browser, site: str, make_person: Callable[..., Person], busy: TenantId, lang: str
) -> None:
    people = (make_person(busy), make_person(TenantId(0), role=UserRole.SUPER_ADMIN))
    keys = [key for key in catalogue(lang) if key.split(".")[0] in OURS]
    for person, title in zip(people, HEADINGS[lang], strict=True):
        context = chromium.new_context(base_url=site)
        context.set_default_timeout(SECONDS)
        context.add_cookies([{"name": "prosa_lang", "value": lang, "url": site}])
        page = context.new_page()
        page.request.post("/login", form={"email": person.email, "password": PASSWORD})
        for address in ("", *PAGES) if person is people[0] else ("",):
            if address in MENU:
                turn_to(page, address, catalogue(lang)[f"{address}.title"])
            else:
                page.goto(f"/app/{address}")
            drawn(page)
            if not address:
                expect(page.get_by_role("heading", level=1)).to_have_text(title)
                for company in page.locator(".prosa-company > summary").all()[:1]:
                    company.click()
            expect(
                page.locator(".prosa-value, .prosa-list, .prosa-pairs, .prosa-waiting, .prosa-empty").first
            ).to_be_attached()
            check(page, keys, barriers=lang == "pt_BR")
            if (address, lang) == ("leads", "en"):
                open_and_leave_by_keys(page)
            assert lang != "pt_BR" or page.evaluate(FOREIGN) == []
        context.close()


def test_the_period_survives_a_reload_and_a_change_of_language(
    chromium: Browser, site: str, make_person: Callable[..., Person], busy: TenantId
) -> None:
    context = chromium.new_context(base_url=site, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(SECONDS)
    page = context.new_page()
    page.request.post("/login", form={"email": make_person(busy).email, "password": PASSWORD})
    page.goto("/app/")
    page.get_by_role("radio", name="7 dias").click()
    page.wait_for_url("**/app/?period=7d", timeout=SECONDS)
    page.reload()
    expect(page.get_by_role("radio", name="7 dias")).to_have_attribute("aria-checked", "true", timeout=SECONDS)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("radio", name="7 days")).to_have_attribute("aria-checked", "true", timeout=SECONDS)
    context.close()
