"""The overview in real Chromium: every language, width and theme; nothing broken, cut off, or left untranslated."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
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
WIDE, NARROW = SIZES
# Each pair of language, width and theme; every combination of the three would take twice as long and find no more.
SCREENS = [("pt_BR", *WIDE, "light"), ("pt_BR", *NARROW, "dark"), ("en", *WIDE, "dark"), ("en", *NARROW, "light")]
PAGES = ("leads?lead=true&mark=analysed", "live", "conversation?id=3", "conversation?id=none", "remarketing")
OURS = (
    "overview",
    "kpi",
    "kpi_note",
    "filter",
    "agency",
    "leads",
    "talk",
    "live",
    "column",
    "state",
    "response",
    "mark",
)
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


@pytest.fixture
def busy(db: Database, make_tenant: Callable[..., TenantId]) -> TenantId:
    """A tenant with wide values: more than 10,000 times what a card shows without thinking, waiting times of hours."""
    tenant = make_tenant()
    with db.tenant(tenant) as conn:
        save_names(conn, tenant, inboxes=[1, 2], agents=[1])
        save(conn, tenant, [
            Conversation(
                i, NOW - timedelta(hours=i), contact_id=i, inbox_id=1 + i % 2, assignee_id=i % 2 or None,
                first_response_seconds=86_000.0 + i, resolution_seconds=2_000_000.0 + i, messages_agent=i % 2,
                is_lead=bool(i % 3), csat_rating=1 + i % 5, times_reopened=i % 2, outcomes=("visit",) if i % 7 else (),
            )
            for i in range(1, 1500)
        ])  # fmt: skip
    return tenant


def check(page: Page, keys: list[str]) -> None:
    """Nothing broken, cut off, wider than the screen, untranslated or out of reach for those who do not see or point."""
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=SECONDS)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.locator(".prosa-broken")).to_have_count(0)
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(SPILLT) == []
    assert page.evaluate(WIDTH) <= 0
    text = page.locator("body").inner_text()
    assert [key for key in keys if key in text] == []
    found = Axe().run(page).response["violations"]
    serious = [
        (rule["id"], [node["html"][:200] for node in rule["nodes"]])
        for rule in found if rule["impact"] in ("serious", "critical")
    ]  # fmt: skip
    assert serious == []


@pytest.mark.parametrize(("lang", "width", "height", "theme"), SCREENS)
def test_every_screen_is_whole(
    chromium: Browser, site: str, make_person: Callable[..., Person], busy: TenantId,
    lang: str, width: int, height: int, theme: str,
) -> None:  # fmt: skip
    people = (make_person(busy), make_person(TenantId(0), role=UserRole.SUPER_ADMIN))
    keys = [key for key in catalogue(lang) if key.split(".")[0] in OURS]
    for person, title in zip(people, HEADINGS[lang], strict=True):
        context = chromium.new_context(base_url=site, color_scheme=theme, viewport={"width": width, "height": height})
        context.set_default_timeout(SECONDS)
        context.add_cookies([{"name": "prosa_lang", "value": lang, "url": site}])
        page = context.new_page()
        page.request.post("/login", form={"email": person.email, "password": PASSWORD})
        page.goto("/app/")
        expect(page.get_by_role("heading", level=1)).to_have_text(title, timeout=SECONDS)
        expect(page.locator(".prosa-value").first).to_be_attached(timeout=SECONDS)
        expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=SECONDS)
        for company in page.locator(".prosa-company > summary").all()[:1]:
            company.click()
        check(page, keys)
        for address in PAGES if person is people[0] else ():
            page.goto(f"/app/{address}")
            expect(page.get_by_role("heading", level=1)).not_to_have_text(title, timeout=SECONDS)
            expect(page.locator(".prosa-list, .prosa-pairs, .prosa-waiting, .prosa-empty").first).to_be_visible()
            check(page, keys)
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
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("radio", name="7 days")).to_have_attribute("aria-checked", "true", timeout=SECONDS)
    context.close()
