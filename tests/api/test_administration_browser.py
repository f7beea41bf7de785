"""The pages of administrators and operators in real Chromium: whole, in the user's language, open to everybody."""

import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import psycopg
import pytest
from playwright.sync_api import Browser, Page, Route, expect
from tests.api.conftest import PASSWORD, Person
from tests.api.test_browser import SECONDS, chromium
from tests.api.test_overview_browser import FOREIGN, WIDTH, barriers_of, turn_to

from prosa.dashboards import gate, navigation
from prosa.dashboards.i18n import catalogue
from prosa.dashboards.pages.platform import readings
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.sources.store import lock_tenants
from prosa.tenancy.model import UserRole

__all__ = ["chromium"]  # the fixture
pytestmark = pytest.mark.browser
OURS = ("administration", "platform", "you")
SCREENS = [(UserRole.ADMIN, 390, 844, "dark", "pt_BR"), (UserRole.SUPER_ADMIN, 1280, 800, "light", "en")]


def open_page(page: Page, path: str) -> None:
    """Go there and wait until it is drawn."""
    page.goto(f"/app/{path}")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=SECONDS)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=SECONDS)


@pytest.mark.parametrize(("role", "width", "height", "theme", "lang"), SCREENS)
def test_every_page_is_whole_and_has_no_serious_barrier(
    chromium: Browser, site: str, make_person: Callable[..., Person], role: UserRole, width: int, height: int, theme: str,
    lang: str,
) -> None:  # fmt: skip
    person = make_person(TenantId(0) if role is UserRole.SUPER_ADMIN else None, role=role)
    context = chromium.new_context(base_url=site, color_scheme=theme, viewport={"width": width, "height": height})
    context.set_default_timeout(SECONDS)
    context.add_cookies([{"name": "prosa_lang", "value": lang, "url": site}])
    page = context.new_page()
    page.request.post("/login", form={"email": person.email, "password": PASSWORD})
    open_page(page, "account")
    looked_at = "html"
    entries = [entry for entry in navigation.ENTRIES if entry.role is role and entry.group in OURS]
    assert entries
    for entry in entries:
        turn_to(page, entry.path, catalogue(lang)[f"{entry.path}.title"])
        expect(page.get_by_role("heading", level=1)).to_have_text(catalogue(lang)[f"{entry.path}.title"])
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.locator(".prosa-broken")).to_have_count(0)
        assert page.evaluate(WIDTH) <= 0, entry.path
        assert lang == "en" or page.evaluate(FOREIGN) == [], entry.path
        assert barriers_of(page, looked_at) == [], entry.path
        looked_at = "[data-testid=stMain]"  # the menu beside it was looked at with the first page
    context.close()


def test_what_a_popover_opens_is_read_in_the_dark_too(
    chromium: Browser, site: str, make_person: Callable[..., Person]
) -> None:
    """It lies outside the application's own element, where neither the theme's colours nor the tenant's reached it."""
    context = chromium.new_context(base_url=site, color_scheme="dark")
    context.set_default_timeout(SECONDS)
    page = context.new_page()
    page.request.post("/login", form={"email": make_person(role=UserRole.ADMIN).email, "password": PASSWORD})
    open_page(page, "features")
    page.get_by_test_id("stPopoverButton").first.click()
    expect(page.get_by_test_id("stPopoverBody").get_by_role("button")).to_be_visible()
    assert barriers_of(page, "[data-testid=stPopoverBody]") == []
    context.close()


def test_what_was_done_is_in_sight_of_who_pressed_a_button_far_down_and_goes_again(
    chromium: Browser, site: str, make_person: Callable[..., Person]
) -> None:
    context = chromium.new_context(base_url=site, viewport={"width": 390, "height": 600})
    context.set_default_timeout(SECONDS)
    page = context.new_page()
    page.request.post("/login", form={"email": make_person(role=UserRole.ADMIN).email, "password": PASSWORD})
    open_page(page, "rules")
    page.get_by_role("button", name="Salvar").nth(1).click()
    said = page.locator(".st-key-done")
    expect(said).to_contain_text("Salvo.", timeout=SECONDS)
    expect(page.get_by_role("heading", level=1)).not_to_be_in_viewport()
    expect(said).to_be_in_viewport()
    page.evaluate("document.getAnimations().filter(a => a.animationName == 'prosa-done').forEach(a => a.finish())")
    expect(said).not_to_be_in_viewport()
    context.close()


def test_who_clicks_after_the_session_has_ended_is_led_to_the_login_and_to_the_same_page_again(
    chromium: Browser, site: str, superuser: psycopg.Connection, make_person: Callable[..., Person]
) -> None:
    """At once, by the page itself, before it looks whether its session still lives."""
    person = make_person()
    context = chromium.new_context(base_url=site, locale="pt-BR")
    context.set_default_timeout(SECONDS)
    page = context.new_page()
    page.route("**/auth/ping", lambda route: route.abort())
    page.request.post("/login", form={"email": person.email, "password": PASSWORD})
    open_page(page, "reports?report=last_month")
    superuser.execute("update sessions set expires_at = now() - interval '1 minute' where user_id = %s", [person.id])
    page.get_by_role("combobox").first.click()
    page.get_by_role("option").nth(1).click()
    expect(page.get_by_text("A sua sessão terminou.")).to_be_visible()
    page.get_by_role("link", name="Entrar").click()
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Senha", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Relatórios", timeout=SECONDS)
    assert len(context.pages) == 1, "in the same tab"
    context.close()


def test_a_menu_that_is_folded_away_is_not_walked_through_by_keyboard(
    chromium: Browser, site: str, make_person: Callable[..., Person]
) -> None:
    context = chromium.new_context(base_url=site, viewport={"width": 390, "height": 844}, locale="pt-BR")
    context.set_default_timeout(SECONDS)
    page = context.new_page()
    page.request.post("/login", form={"email": make_person(role=UserRole.ADMIN).email, "password": PASSWORD})
    open_page(page, "account")
    for _ in range(8):
        page.keyboard.press("Tab")
        assert not page.evaluate("document.activeElement.closest('[data-testid=stSidebar]')?.outerHTML.slice(0, 80)")
    page.get_by_role("button", name="Abrir o menu").click()
    expect(page.get_by_role("link", name="Auditoria")).to_be_in_viewport()
    context.close()


def test_a_report_takes_no_more_room_than_it_needs(
    chromium: Browser, site: str, make_person: Callable[..., Person]
) -> None:
    """A short one left a blank screen under it, before what comes next."""
    context = chromium.new_context(base_url=site, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(SECONDS)
    page = context.new_page()
    page.request.post("/login", form={"email": make_person().email, "password": PASSWORD})
    open_page(page, "reports")
    report = page.locator("iframe[src^='/reports?']")
    expect(report).to_have_css("height", re.compile(r"^[2-7]\d\dpx$"), timeout=SECONDS)
    left_over = report.evaluate("frame => frame.parentElement.offsetHeight - frame.offsetHeight")
    assert left_over < 20
    context.close()


def test_an_operator_enters_a_company_by_a_click_sees_whose_it_is_and_leaves(
    chromium: Browser, site: str, make_person: Callable[..., Person], make_tenant: Callable[..., TenantId]
) -> None:
    make_tenant("entered-company")
    operator = make_person(TenantId(0), role=UserRole.SUPER_ADMIN)
    context = chromium.new_context(base_url=site, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(SECONDS)
    page = context.new_page()
    page.request.post("/login", form={"email": operator.email, "password": PASSWORD})
    open_page(page, "agency")
    company = page.locator(".prosa-company", has_text="entered-company")
    company.locator("> summary").click()
    company.get_by_role("button", name="Entrar na empresa").click()
    expect(page.locator(".prosa-banner")).to_contain_text("entered-company", timeout=SECONDS)
    turn_to(page, "users", catalogue("pt_BR")["users.title"])
    expect(page.locator(".prosa-banner")).to_be_visible()
    page.get_by_role("button", name="Voltar à plataforma").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Empresas", timeout=SECONDS)
    page.goto("/app/users")
    expect(page.locator(".prosa-empty")).to_contain_text("de uma empresa", timeout=SECONDS)
    context.close()


@pytest.mark.parametrize(("form", "shown"), [("act", "Empresas"), ("logout", "Bem-vindo de volta")])
def test_a_form_that_changes_the_session_leads_where_its_answer_says_however_late_that_comes(
    chromium: Browser, site: str, make_person: Callable[..., Person], make_tenant: Callable[..., TenantId], form: str,
    shown: str,
) -> None:  # fmt: skip
    """The page's own look at its session, every few seconds, took the browser elsewhere before the answer was there."""
    operator = make_person(TenantId(0), role=UserRole.SUPER_ADMIN)
    context = chromium.new_context(base_url=site, locale="pt-BR")
    context.set_default_timeout(SECONDS)
    page = context.new_page()
    page.request.post("/login", form={"email": operator.email, "password": PASSWORD})
    page.request.post("/act", form={"tenant": str(make_tenant())}, headers={"Origin": site})
    open_page(page, "users")

    page.evaluate("setInterval(() => dispatchEvent(new Event('visibilitychange')), 100)")  # each time it looks at once

    def late(route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        page.wait_for_timeout(1_000)
        route.fulfill(response=answer)

    page.route(f"**/{form}", late)
    page.locator(f"form[action='/{form}'] button").click(no_wait_after=True)
    expect(page.get_by_role("heading", level=1)).to_have_text(shown, timeout=SECONDS)
    expect(page.get_by_text("sessão terminou")).to_have_count(0)
    context.close()


def test_the_readings_draw_themselves_while_one_is_under_way_and_keep_no_session_alive(
    chromium: Browser, site: str, db: Database, make_person: Callable[..., Person], make_tenant: Callable[..., TenantId],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The end of the run is seen without a click, and then nothing is asked any more; the session counts as unused."""
    monkeypatch.setattr(readings, "EVERY", 0.3)
    tenant = make_tenant()
    begin = """insert into etl_runs (tenant_id, source_id, mode, state, holder) values (%s, 1, 'incremental', 'running', 't')"""
    with db.operator() as conn:
        conn.execute(
            "insert into sources (tenant_id, id, kind, name) values (%s, 1, 'chatwoot', 'Conta Sol')", [tenant]
        )
        conn.execute(begin, [tenant])
    process = ExitStack()
    lock_tenants(process.enter_context(db.operator()), [tenant])
    operator = make_person(TenantId(0), role=UserRole.SUPER_ADMIN)
    context = chromium.new_context(base_url=site)
    page = context.new_page()
    page.request.post("/login", form={"email": operator.email, "password": PASSWORD})
    open_page(page, "readings")
    run = page.locator(f"[class*=st-key-run-{tenant}-]")
    expect(run).to_contain_text("Em andamento", timeout=SECONDS)
    asked: list[bool] = []
    find = gate._connected().find
    monkeypatch.setattr(gate, "_connection", replace(
        gate._connected(), find=lambda token, touch: (asked.append(touch), find(token, touch))[1]))  # fmt: skip
    page.wait_for_timeout(1_000)
    with db.operator() as conn:
        conn.execute("update etl_runs set state = 'done', seconds = 2 where tenant_id = %s", [tenant])
    process.close()
    expect(run).to_contain_text("Concluída", timeout=SECONDS)
    page.wait_for_timeout(1_000)
    assert len(asked) > 3 and not any(asked)
    asked.clear()
    page.wait_for_timeout(1_000)
    assert asked == []
    page.get_by_text("Só as que falharam").click()
    expect(run).to_have_count(0, timeout=SECONDS)
    assert True in asked
    context.close()
