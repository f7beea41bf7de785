"""The operator's pages: companies side by side, readings, the queue, inboxes that nobody has."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import psycopg
import pytest
from streamlit.testing.v1 import AppTest
from tests.dashboards.administration.conftest import fill, open_page, press
from tests.dashboards.conftest import principal
from tests.dashboards.rendered import html, shown, skipped
from tests.facts.builder import Conversation, save

from prosa.crypto import encrypt
from prosa.dashboards import gate, lists, navigation
from prosa.dashboards.pages.agency import alerts
from prosa.dashboards.pages.platform import ai_cost_queries, queries
from prosa.dashboards.pages.platform.ai_costs import projected
from prosa.dashboards.pages.platform.inbox_queries import lost_inboxes
from prosa.dashboards.pages.platform.queries import Company
from prosa.db import Conn, Database
from prosa.db.connection import TenantId
from prosa.db.embedded import EmbeddedServer
from prosa.facts import agency, kpis, periods
from prosa.facts.agency import NOTHING, TenantState
from prosa.settings import Settings
from prosa.sources.store import INTERRUPTED, lock_tenants
from prosa.tenancy import audit, tenants, users
from prosa.tenancy.model import UserRole

__all__ = ["fill", "open_page", "press"]  # fixtures
NOW = datetime.now(UTC)
OPERATOR = principal(0, UserRole.SUPER_ADMIN)
PLATFORM_PAGES = ("tenants", "readings", "jobs", "inboxes", "ai_costs")


def conversations(count: int, days: int = 0) -> list[Conversation]:
    return [
        Conversation(i, NOW - timedelta(days=days, minutes=i), first_response_seconds=60.0 * i, is_lead=i % 2 == 0)
        for i in range(1 + 1000 * days, count + 1 + 1000 * days)
    ]


@pytest.mark.parametrize("page", PLATFORM_PAGES)
def test_the_platforms_pages_are_the_operators_alone(
    open_page: Callable[..., AppTest], tenant: TenantId, page: str
) -> None:
    drawn = open_page(OPERATOR, f"platform.{page}")
    assert "prosa-broken" not in shown(drawn)
    assert skipped(html(drawn)) == []
    for role in (UserRole.ADMIN, UserRole.CLIENT):
        refused = open_page(principal(tenant, role), f"platform.{page}")
        assert len(refused.error) == 1
        assert shown(refused) == ""


def test_an_operator_invites_and_closes_another_and_both_stand_in_the_platforms_log(
    db: Database, tenant: TenantId, open_page: Callable[..., AppTest], press: Callable[[AppTest, str], AppTest],
    fill: Callable[[AppTest, str, str], None], quick_passwords: None,
) -> None:  # fmt: skip
    email = f"operadora-{tenant}@exemplo.com.br"
    with db.operator() as conn:
        inviting = users.add_user(
            conn, 0, email=f"agencia-{tenant}@exemplo.com.br", password="uma senha bem longa",
            role=UserRole.SUPER_ADMIN, actor="test",
        )  # fmt: skip
    me = replace(OPERATOR, user_id=inviting.id)
    app = open_page(me, "administration.users")
    fill(app, "E-mail", email)
    assert "/password?token=" in press(app, "Convidar").code[0].value
    fill(app, "E-mail", email)
    assert "Já existe um operador" in press(app, "Convidar").error[0].value
    with db.operator() as conn:
        invited = next(user for user in users.list_users(conn, 0) if user.email == email)
    assert invited.role is UserRole.SUPER_ADMIN
    app = press(app, "Já copiei")
    for search in (field for field in app.text_input if field.key == "users-search"):
        search.input(email).run()
    app.session_state[f"user-{invited.id}-options"] = True
    app.run().checkbox(f"user-{invited.id}-sure").check().run()
    press(app, "Desativar a conta")
    with db.operator() as conn:
        assert not users.find_user(conn, 0, invited.id).active
        told = [entry.action for entry in audit.list_entries(conn, 0) if entry.object == f"user:{invited.id}"]
    assert {"user.create", "user.invite", "user.deactivate"} <= set(told)
    assert email in shown(open_page(me, "administration.audit_log"))


@pytest.mark.parametrize("role", list(UserRole))
def test_an_address_of_another_roles_page_is_refused_in_words(db: Database, role: UserRole) -> None:
    me = principal(0 if role is UserRole.SUPER_ADMIN else 1, role)
    mine = {entry.path for entry in navigation.entries(me)}
    assert mine | {entry.path for entry in navigation.others(me)} == {entry.path for entry in navigation.ENTRIES}
    assert not mine & {"users", "tenants"} or role is not UserRole.CLIENT
    gate.connect(gate.Connection(db, lambda _token, _touch: me, "prosa"))

    def script() -> None:
        from prosa.dashboards import navigation

        navigation.refuse()

    html = shown(AppTest.from_function(script).run(timeout=30))
    said, way = ("de uma empresa", "/app/tenants") if role is UserRole.SUPER_ADMIN else ("não está disponível", "/app/")
    assert "<h1>" in html and said in html and f'href="{way}"' in html


def test_side_by_side_shows_what_each_tenant_sees_itself(db: Database, make_tenant: Callable[..., TenantId]) -> None:
    period = periods.preset("30d", NOW.date())
    filled = [make_tenant(timezone=zone) for zone in ("America/Sao_Paulo", "America/Rio_Branco")]
    for tenant, count in zip(filled, (12, 5), strict=True):
        with db.tenant(tenant) as conn:
            save(conn, tenant, [*conversations(count, days=2), *conversations(3, days=40)])
    with db.operator() as conn:
        found = agency.numbers(conn, period)
        for tenant in filled:
            assert found[tenant].now == kpis.kpis(conn, tenant, period=period)
            assert found[tenant].before == kpis.kpis(conn, tenant, period=period.before)
            assert sum(found[tenant].days.values()) == found[tenant].now.conversations


def begin_run(db: Database, tenant: TenantId) -> None:
    """A run of the tenant's only source has been under way for two hours and five minutes, by its record."""
    with db.operator() as conn:
        conn.execute("insert into sources (tenant_id, id, kind, name) values (%s, 1, 'chatwoot', 'Conta')", [tenant])
        conn.execute("""insert into etl_runs (tenant_id, source_id, mode, state, holder, started_at)
                        values (%s, 1, 'incremental', 'running', 't', now() - interval '125 min')""",
                     [tenant])  # fmt: skip


def test_a_run_under_way_says_for_how_long_and_has_no_phases_to_open(
    db: Database, tenant: TenantId, open_page: Callable[..., AppTest]
) -> None:
    begin_run(db, tenant)
    with db.operator() as process:
        lock_tenants(process, [tenant])
        app = open_page(OPERATOR, "platform.readings")
        app.selectbox[0].select(tenant).run()
        assert "Em andamento" in html(app)
        assert "<bdi>há 2 h 5 min</bdi>" in html(app)
        assert not app.expander


def test_a_run_whose_process_was_killed_has_failed(
    db: Database, tenant: TenantId, open_page: Callable[..., AppTest]
) -> None:
    begin_run(db, tenant)
    app = open_page(OPERATOR, "platform.readings")
    app.selectbox[0].select(tenant).run()
    assert "Em andamento" not in html(app)
    assert "Falhou" in html(app)
    assert INTERRUPTED in html(app) + "".join(word.value for word in app.error)


def test_the_headings_under_a_company_skip_no_level(
    db: Database, tenant: TenantId, open_page: Callable[..., AppTest]
) -> None:
    with db.tenant(tenant) as conn:
        save(conn, tenant, conversations(3))
    page = html(open_page(OPERATOR, "agency"))
    assert "<h3>Conversas</h3>" in page
    assert skipped(page) == []


def test_what_is_wrong_with_a_tenant_is_said() -> None:
    def found(**state: object) -> list[str]:
        usual = {"suspended_at": None, "delete_after": None, "sources": 1, "newest": NOW, "awaiting": 0,
                 "read_at": NOW, "read_error": None}  # fmt: skip
        tenant = TenantState(TenantId(1), "a", "A", **{**usual, **state})  # type: ignore[arg-type]
        return [alert.key for alert in alerts(Company(tenant, NOTHING), NOW)]

    assert found() == []
    assert found(sources=0) == ["no_source"]
    assert found(read_error="no route") == ["failed"]
    assert found(read_at=NOW - timedelta(hours=3)) == ["late"]
    assert found(suspended_at=NOW, read_at=NOW - timedelta(hours=3)) == ["suspended"]
    assert found(suspended_at=NOW, delete_after=NOW) == ["deleting"]


def test_a_company_is_created_with_somebody_to_run_it(
    db: Database, open_page: Callable[..., AppTest], press: Callable[[AppTest, str], AppTest], tenant: TenantId
) -> None:
    app = open_page(OPERATOR, "platform.tenants")
    name, slug, _ = app.text_input[:3]
    name.input("Padaria Sol")
    slug.input("Padaria Sol!")
    app = press(app, "Criar empresa")
    assert "minúsculas" in app.error[0].value
    assert app.text_input[0].value == "Padaria Sol"
    app.text_input[1].input(f"padaria-{tenant}")
    app.text_input[2].input(f"dona-{tenant}@exemplo.com.br")
    app = press(app, "Criar empresa")
    assert "/password?token=" in app.code[0].value
    with db.operator() as conn:
        created = tenants.find_tenant(conn, f"padaria-{tenant}")
        assert created.name == "Padaria Sol"


def test_a_company_without_a_slug_gets_one_from_its_name(
    db: Database, open_page: Callable[..., AppTest], press: Callable[[AppTest, str], AppTest], tenant: TenantId
) -> None:
    app = open_page(OPERATOR, "platform.tenants")
    app.text_input[0].input(f"Pão & Café {tenant}")
    press(app, "Criar empresa")
    with db.operator() as conn:
        assert tenants.find_tenant(conn, f"pao-cafe-{tenant}").name == f"Pão & Café {tenant}"


def test_a_job_that_was_given_up_is_tried_again(db: Database, server: EmbeddedServer) -> None:
    with psycopg.connect(server.dsn("prosa"), autocommit=True) as conn:
        [(job,)] = conn.execute(
            """insert into procrastinate_jobs (queue_name, task_name, priority, status, args)
               values ('test', 'a.task', 0, 'failed', '{}') returning id"""
        ).fetchall()
        with db.queue() as queue:
            assert job in [failed.id for failed in queries.failed_jobs(queue, limit=50)]
            assert queries.retry(queue, job)
            assert not queries.retry(queue, job)
            assert next(q for q in queries.queues(queue) if q.name == "test").todo == 1
        conn.execute("delete from procrastinate_jobs where id = %s", [job])


def test_costs_stand_by_company_and_day_with_where_the_month_is_heading(
    db: Database, make_tenant: Callable[..., TenantId], open_page: Callable[..., AppTest]
) -> None:
    def today(conn: Conn) -> tuple[Decimal, int]:
        first = NOW.astimezone(ZoneInfo("America/Sao_Paulo")).date()  # after 21:00 there it is tomorrow in UTC
        days = ai_cost_queries.by_day(conn, first=first, timezone="America/Sao_Paulo")
        return (days[-1].usd, days[-1].calls) if days else (Decimal(0), 0)

    tenant = make_tenant("costly-company")
    with db.operator() as conn:
        before = today(conn)
        conn.execute("insert into llm_budgets (tenant_id, month_usd) values (%s, 10)", [tenant])
        conn.execute(
            """insert into llm_spending (tenant_id, period, starts_on, usd)
               select %s, 'month', date_trunc('month', now() at time zone 'America/Sao_Paulo')::date, 9""",
            [tenant],
        )
        for cost in ("1.5", None):
            conn.execute(
                """insert into llm_calls (tenant_id, purpose, recipient, model, prompt_version, estimated_usd, cost_usd)
                   values (%s, 'insight', 'api.example.com', 'm', 'v1', 0.25, %s)""",
                [tenant, cost],
            )
        usd, calls = today(conn)
    assert (usd - before[0], calls - before[1]) == (Decimal("1.75"), 2)
    app = open_page(OPERATOR, "platform.ai_costs")
    html = shown(app).split("costly-company", 1)[1]
    assert "US$\xa09,00" in html
    assert "Perto do limite" in html.split("</tr>", 1)[0]
    assert projected(Decimal(9), date(2026, 11, 10)) == Decimal(27)
    next(box for box in app.selectbox if box.key != "cost-of").set_value(tenant).run()
    assert [field.value for field in app.number_input[:2]] == [None, 10.0]
    app.number_input[1].set_value(50.0)
    next(button for button in app.button if button.label == "Salvar").click().run()
    assert "30/06/2025" in shown(app) and "mais de 30 dias" in app.warning[0].value
    with db.operator() as conn:
        assert conn.execute("select day_usd, month_usd from llm_budgets where tenant_id = %s", [tenant]).fetchone() == (
            None, Decimal(50),
        )  # fmt: skip


def test_an_inbox_that_nobody_reads_is_given_to_a_company(
    db: Database, settings: Settings, make_tenant: Callable[..., TenantId], open_page: Callable[..., AppTest],
    press: Callable[[AppTest, str], AppTest],
) -> None:  # fmt: skip
    one, other, elsewhere = (make_tenant(f"inboxes-{name}") for name in ("one", "two", "elsewhere"))
    base, keys = 10**11, settings.secret_keys
    here, there = "db.inboxes.example:5432/chatwoot", "db2.inboxes.example:5432/chatwoot"
    with db.operator() as conn:
        for tenant, login, chosen, place in (
            (one, "a", [7], here),
            (other, "b", [8], here),
            (elsewhere, "a", [7, 8], there),
        ):
            conn.execute(
                """insert into sources (tenant_id, id, kind, name, server_fingerprint, dsn_encrypted, account_id, chosen_inboxes)
                   values (%s, 1, 'chatwoot', 'Conta', %s, %s, 1, %s)""",
                [tenant, (login + place).encode(), encrypt(keys, f"postgresql://{login}:x@{place}"), chosen],
            )
            for inbox, name in ((7, "Loja"), (8, "Vendas"), (9, "Nova")):
                conn.execute(
                    """insert into inboxes (tenant_id, source_id, id, name, channel, assigned)
                       values (%s, 1, %s, %s, 'whatsapp', %s)""",
                    [tenant, base + inbox, name, inbox in chosen],
                )
        lost = [inbox for inbox in lost_inboxes(conn, secret_keys=keys) if inbox.place in (here, there)]
    assert [(inbox.name, [c["tenant"] for c in inbox.candidates]) for inbox in lost] == [
        ("Nova", ["inboxes-one", "inboxes-two"]), ("Nova", ["inboxes-elsewhere"])
    ]  # fmt: skip
    press(open_page(OPERATOR, "platform.inboxes"), "Dar a inboxes-two")
    with db.operator() as conn:
        [(chosen,)] = conn.execute("select chosen_inboxes from sources where tenant_id = %s", [other]).fetchall()
        assert chosen == [8, 9]
        assert audit.list_entries(conn, other)[0].action == "inbox.map"
        assert all(inbox.place != here for inbox in lost_inboxes(conn, secret_keys=keys))


def test_companies_of_one_name_are_told_apart_and_sorted_as_people_expect() -> None:
    names = [(1, "Padaria", "a"), (2, "padária", "b"), (3, "Ótica", "c"), (4, "Oficina", "d")]
    assert lists.told_apart(names) == {1: "Padaria (a)", 2: "padária (b)", 3: "Ótica", 4: "Oficina"}
    assert sorted(["Pizzaria", "Ótica", "Oficina"], key=lists.folded) == ["Oficina", "Ótica", "Pizzaria"]


def test_what_is_put_aside_stands_with_the_newest_run_of_its_source(
    db: Database, make_tenant: Callable[..., TenantId], open_page: Callable[..., AppTest]
) -> None:
    """Of each source its own rows, with what is wrong and since when; nothing of what is in them."""
    tenant = make_tenant("aside-company")
    with db.operator() as conn:
        for source, rows in ((1, 2), (2, 0), (3, 1)):
            conn.execute("insert into sources (tenant_id, id, kind, name) values (%s, %s, 'chatwoot', %s)",
                         [tenant, source, f"Conta {source}"])  # fmt: skip
            for minutes in (30, 60):
                conn.execute(
                    """insert into etl_runs (tenant_id, source_id, mode, state, holder, started_at, phases)
                       values (%s, %s, 'incremental', 'done', 'test', now() - %s * interval '1 minute',
                               '[{"name": "messages"}]')""",
                    [tenant, source, minutes],
                )
            for row in range(rows):
                conn.execute(
                    """insert into etl_rejects (tenant_id, source_id, stream, external_id, reason, source_row)
                       values (%s, %s, 'messages', %s, 'created_at is missing or impossible', '{"content": "segredo"}')""",
                    [tenant, source, 4700 + 10 * source + row],
                )
    app = open_page(OPERATOR, "platform.readings")
    app.selectbox[0].set_value(tenant).run()
    folded = [part for part in app.expander if "deixadas de lado" in part.label]
    assert sorted(part.label for part in folded) == [f"Linhas deixadas de lado agora: {count}" for count in (1, 2)]
    html = shown(app)
    assert [html.count(f">{row}<") for row in (4710, 4711, 4730)] == [1, 1, 1]
    assert html.count("A data falta ou é impossível (created_at)") == 3 and "segredo" not in html
    assert "prosa etl rejects --tenant aside-company --rows" in html
    assert len([part for part in app.expander if part.label == "Fases"]) == 3  # the newest of each source
    [everything] = [toggle for toggle in app.toggle if toggle.label == "Também as sem novidade"]
    everything.set_value(True).run()
    assert len([part for part in app.expander if part.label == "Fases"]) == 6
