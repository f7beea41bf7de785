"""The overview: what it shows is what the facts say, for each tenant his own."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from tests.dashboards import rendered
from tests.dashboards.conftest import principal
from tests.facts.builder import Conversation, save, save_names

from prosa.dashboards import gate
from prosa.dashboards.cards import change, direction
from prosa.dashboards.format import Format
from prosa.dashboards.pages import queries
from prosa.dashboards.pages.platform import queries as platform
from prosa.dashboards.streamlit_app import SCRIPT
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.facts import filter_query, kpis, listing, periods
from prosa.facts.model import Filter
from prosa.tenancy.model import Principal, UserRole

OpenApp = Callable[..., AppTest]
NOW = datetime.now(UTC)
TODAY = NOW.astimezone(ZoneInfo("America/Sao_Paulo")).date()


@pytest.fixture
def open_page(db: Database) -> OpenApp:
    """A function that opens the dashboards as this person at this query (period="7d", …)."""

    def run(me: Principal, **query: str) -> AppTest:
        gate.connect(gate.Connection(db, lambda _token, _touch: me, "prosa"))
        app = AppTest.from_file(str(SCRIPT), default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    return run


def html(app: AppTest) -> str:
    """All HTML of the page, without the links of its numbers."""
    return re.sub(r'<a class="prosa-rows"[^>]*>([^<]*)</a>', r"\1", rendered.html(app))


def rows(app: AppTest) -> list[str]:
    """The lines of the table of conversations."""
    [table] = re.findall(r'<table class="prosa-list"><thead>.*?</table>', html(app), re.DOTALL)
    return re.findall(r"<tr><th scope=\"row\">.*?</tr>", table)


def fill(db: Database, tenant: TenantId, count: int, *, days_ago: int = 3, analysed: bool = True) -> None:
    """So many conversations, one a minute; every third a lead, every second never answered."""
    began = NOW - timedelta(days=days_ago)
    with db.tenant(tenant) as conn:
        save_names(conn, tenant, inboxes=[1, 2])
        save(conn, tenant, [
            Conversation(
                i, began - timedelta(minutes=i), inbox_id=1 + i % 2, contact_id=i, messages_agent=i % 2,
                first_response_seconds=60.0 * i if i % 2 else None, is_lead=i % 3 == 0 if analysed else None,
            )
            for i in range(1, count + 1)
        ])  # fmt: skip


def test_the_cards_show_what_the_facts_say(db: Database, tenant: TenantId, open_page: OpenApp) -> None:
    fill(db, tenant, 40)
    fill_before = [Conversation(100 + i, NOW - timedelta(days=33), contact_id=i) for i in range(10)]
    with db.tenant(tenant) as conn:
        save(conn, tenant, fill_before)
        period = periods.preset("30d", TODAY)
        expected = kpis.kpis(conn, tenant, period=period)
        before = kpis.kpis(conn, tenant, period=period.before)
        waiting = kpis.awaiting_reply(conn, tenant)
    shown, form = html(open_page(principal(tenant))), Format("pt_BR", "America/Sao_Paulo")
    assert (expected.conversations, before.conversations) == (40, 10)
    for label, value in {
        "Conversas": form.compact(expected.conversations),
        "Leads": form.compact(expected.leads),
        "Nunca respondidas": form.compact(expected.never_answered),
        "Taxa de leads": form.percent(expected.lead_rate),
        "1ª resposta (mediana)": form.duration(expected.first_response_median),
        "1ª resposta (p90)": form.duration(expected.first_response_p90),
        "Aguardando resposta": form.compact(waiting),
    }.items():
        card = shown.split(f'aria-label="{label}"', 1)[1].split("</section>", 1)[0]
        assert f'<p class="prosa-value">{value}</p>' in card, label
    assert "+300,0%" in shown.split('aria-label="Conversas"', 1)[1].split("</section>", 1)[0]


@pytest.mark.parametrize(
    ("now", "before", "tone"),
    [(99_999, 100_000, "neutral"), (99_000, 100_000, "good"), (5, 5, "neutral"), (5, None, "neutral")],
)
def test_a_change_that_reads_as_nothing_is_no_news(now: int, before: int | None, tone: str) -> None:
    delta = change("duration", now, before, Format("pt_BR", "America/Sao_Paulo"))
    assert direction(delta, now, before, better=-1) == tone


def test_what_ai_cost_is_shown_where_it_cost_something(db: Database, tenant: TenantId, open_page: OpenApp) -> None:
    fill(db, tenant, 3)
    assert "Custo da IA" not in html(open_page(principal(tenant)))
    with db.tenant(tenant) as conn:
        save(conn, tenant, [Conversation(50, NOW - timedelta(days=1), charged=("3.20", "0.004"))])
    st.cache_data.clear()
    card = html(open_page(principal(tenant))).split('aria-label="Custo da IA"', 1)[1].split("</section>", 1)[0]
    assert "R$\xa03,20" in card


def test_more_unanswered_is_bad_news_and_fewer_good(db: Database, make_tenant: Callable[..., TenantId],
                                                    open_page: OpenApp) -> None:  # fmt: skip
    for now, before, tone in ((5, 2, "prosa-bad"), (2, 5, "prosa-good")):
        tenant = make_tenant()
        with db.tenant(tenant) as conn:
            save(conn, tenant, [Conversation(i, NOW - timedelta(days=1)) for i in range(now)])
            save(conn, tenant, [Conversation(50 + i, NOW - timedelta(days=40)) for i in range(before)])
        card = html(open_page(principal(tenant))).split('aria-label="Nunca respondidas"', 1)[1].split("</section>")[0]
        assert tone in card


def test_today_stands_beside_all_of_yesterday_and_fewer_by_now_are_no_bad_news(
    db: Database, tenant: TenantId, open_page: OpenApp
) -> None:
    noon = datetime.combine(TODAY, time(12), ZoneInfo("America/Sao_Paulo"))
    with db.tenant(tenant) as conn:
        save(conn, tenant, [Conversation(i, noon - timedelta(days=i > 1), is_lead=True) for i in range(1, 4)])
    shown = html(open_page(principal(tenant), period="today"))
    card = shown.split('aria-label="Leads"', 1)[1].split("</section>", 1)[0]
    assert "-50,0%" in card and "vs. ontem inteiro" in card and "prosa-neutral" in card
    assert "até agora; comparado com" in shown


def test_the_charts_add_up_to_the_card(db: Database, tenant: TenantId, open_page: OpenApp) -> None:
    fill(db, tenant, 30)
    app = open_page(principal(tenant))
    [evolution] = re.findall(r'data-figure="(.*?)"', html(app))
    found = queries.overview(principal(tenant), periods.preset("30d", TODAY), Filter())
    for dimension in ("day", "hour"):
        assert sum(v.conversations for v in found.volumes if v.dimension == dimension) == 30
    assert html(app).count(' title="Média das notas de satisfação') == 2, "by inbox and by agent, with what it means"
    for compared in (found.inboxes, found.agents):
        assert sum(group.conversations for group in compared) == 30
    assert sum(json.loads(unescape(evolution))["data"][0]["y"]) == 30
    cells = re.findall(r"· conversas: (\d+)\"></a>", html(app))
    assert sum(map(int, cells)) == 30
    days = re.search(r'<details class="prosa-days">(.*?)</details>', html(app), re.DOTALL)
    assert days and sum(map(int, re.findall(r"</a> (\d+)</li>", days[1]))) == 30


def test_the_table_holds_the_newest_with_words_for_people(db: Database, tenant: TenantId, open_page: OpenApp) -> None:
    fill(db, tenant, 13)
    shown = rows(open_page(principal(tenant)))
    assert len(shown) == 10
    assert all("Em andamento" in row for row in shown)
    assert "1 min" in shown[0]
    assert "Sim" in shown[2]


@pytest.mark.parametrize(("period", "count"), [("today", 0), ("7d", 6), ("90d", 11), ("nonsense", 6)])
def test_the_period_of_the_address_counts(
    db: Database, tenant: TenantId, open_page: OpenApp, period: str, count: int
) -> None:
    fill(db, tenant, 6)
    with db.tenant(tenant) as conn:
        save(conn, tenant, [Conversation(200 + i, NOW - timedelta(days=60)) for i in range(5)])
    shown = html(open_page(principal(tenant), period=period))
    if count:
        card = shown.split('aria-label="Conversas"', 1)[1].split("</section>", 1)[0]
        assert f'<p class="prosa-value">{count}</p>' in card
    else:
        assert "Nenhuma conversa com estes filtros" in shown


def test_a_period_of_ones_own_and_inboxes_stand_in_the_address(
    db: Database, tenant: TenantId, open_page: OpenApp
) -> None:
    fill(db, tenant, 7)
    day = (TODAY - timedelta(days=5)).isoformat()
    shown = html(open_page(principal(tenant), period="custom", **{"from": day, "to": TODAY.isoformat()}, inbox="2"))
    assert '<p class="prosa-value">4</p>' in shown.split('aria-label="Conversas"', 1)[1].split("</section>", 1)[0]
    assert f"from={day}&amp;to={TODAY}&amp;inbox=2" in shown


@pytest.mark.parametrize(("locale", "order"), [("pt_BR", "DD/MM/YYYY"), ("en", "MM/DD/YYYY")])
def test_dates_are_picked_in_the_order_that_the_language_writes(
    db: Database, tenant: TenantId, open_page: OpenApp, locale: str, order: str
) -> None:
    fill(db, tenant, 1)
    [picker] = open_page(principal(tenant, locale=locale), period="custom").date_input
    assert picker.proto.format == order


@pytest.mark.parametrize("first", ["0001-01-01", "2026-13-45", "9999-12-31", "", "1999-12-31"])
def test_an_impossible_period_of_the_address_is_the_usual_one(
    db: Database, tenant: TenantId, open_page: OpenApp, first: str
) -> None:
    fill(db, tenant, 3)
    shown = html(open_page(principal(tenant), period="custom", **{"from": first, "to": "2026-02-01"}))
    assert '<p class="prosa-value">3</p>' in shown


def test_choosing_a_period_writes_it_into_the_address(db: Database, tenant: TenantId, open_page: OpenApp) -> None:
    fill(db, tenant, 3)
    app = open_page(principal(tenant))
    app.button_group(key="period").set_value("90d").run()
    assert not app.exception
    assert app.query_params["period"] == "90d"


def test_who_waits_is_said_where_nothing_began_in_the_period(
    db: Database, tenant: TenantId, open_page: OpenApp
) -> None:
    fill(db, tenant, 3, days_ago=3)
    app = open_page(principal(tenant), period="today")
    assert "Nenhuma conversa com estes filtros" in html(app)
    assert "Aguardando resposta agora: 3" in html(app)


def test_what_was_not_analysed_says_how_to(db: Database, tenant: TenantId, open_page: OpenApp) -> None:
    fill(db, tenant, 3, analysed=False)
    assert f"prosa analyze --tenant empresa-{tenant}" in html(open_page(principal(tenant)))


def test_a_source_that_was_not_read_yet_says_so(db: Database, tenant: TenantId, open_page: OpenApp) -> None:
    with db.tenant(tenant) as conn:
        conn.execute("insert into sources (tenant_id, id, kind, name) values (%s, 1, 'chatwoot', 'Chat')", [tenant])
    assert "as conversas ainda não foram lidas" in html(open_page(principal(tenant)))


def test_two_tenants_never_mix_whoever_asks_first(
    db: Database, make_tenant: Callable[..., TenantId], open_page: OpenApp
) -> None:
    ours, theirs = make_tenant(), make_tenant()
    fill(db, ours, 5)
    fill(db, theirs, 9)
    for tenant, count in ((ours, 5), (theirs, 9), (ours, 5)):
        app = open_page(principal(tenant))
        assert f'<p class="prosa-value">{count}</p>' in html(app)
        assert len(rows(app)) == count


def test_an_answer_is_kept_for_its_tenant_only(db: Database, make_tenant: Callable[..., TenantId]) -> None:
    ours, theirs = make_tenant(), make_tenant()
    fill(db, ours, 2)
    gate.connect(gate.Connection(db, lambda _token, _touch: None, "prosa"))
    period = periods.preset("30d", TODAY)
    first = queries.overview(principal(ours), period, Filter())
    fill(db, theirs, 4)
    with db.tenant(ours) as conn:
        save(conn, ours, [Conversation(77, NOW - timedelta(hours=1))])
    assert queries.overview(principal(ours), period, Filter()) == first
    assert queries.overview(principal(theirs), period, Filter()).numbers.now.conversations == 4


def test_the_operator_sees_every_company_and_nobody_else_does(
    db: Database, make_tenant: Callable[..., TenantId], open_page: OpenApp
) -> None:
    busy, idle = make_tenant("busy-company"), make_tenant("idle-company")
    fill(db, busy, 4)
    page = open_page(principal(0, UserRole.SUPER_ADMIN))
    for search in page.text_input:  # only where there are many companies
        page = search.set_value("-company").run()
    shown = html(page)
    assert shown.index("busy-company") < shown.index("idle-company")
    assert "Nenhuma fonte conectada" in shown.split("idle-company", 1)[1]
    asked = platform.companies(principal(idle), periods.preset("30d", TODAY)).companies
    assert [company.state.slug for company in asked] == ["idle-company"]


def test_the_page_in_english_has_english_numbers(db: Database, tenant: TenantId, open_page: OpenApp) -> None:
    fill(db, tenant, 12)
    shown = html(open_page(principal(tenant, locale="en")))
    assert "Conversations" in shown
    assert "33.3%" in shown
    assert Format("en", "America/Sao_Paulo").span(date(2025, 12, 31), date(2026, 1, 2)) == "Dec 31, 2025 – Jan 2, 2026"


def test_a_number_of_a_table_leads_to_as_many_rows(db: Database, tenant: TenantId, open_page: OpenApp) -> None:
    fill(db, tenant, 30)
    whole = rendered.html(open_page(principal(tenant)))
    cells = re.findall(r'<td data-label="[^"]*"><span><a class="prosa-rows" href="([^"]*)"[^>]*>(\d+)</a>', whole)
    assert len(cells) > 10
    period = periods.preset("30d", TODAY)
    with db.tenant(tenant) as conn:
        for href, number in cells:
            where = filter_query.read(parse_qs(urlsplit(unescape(href)).query))
            assert listing.page(conn, tenant, period=period, where=where).total == int(number), href
