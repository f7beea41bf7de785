"""The list, the conversation and the live page: what they show is the tenant's own, and what the facts say."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import escape, unescape
from urllib.parse import parse_qs, parse_qsl

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from tests.dashboards.conftest import principal
from tests.dashboards.rendered import html
from tests.facts.builder import Conversation, save, save_names

from prosa.dashboards import gate, links
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.facts import outcomes
from prosa.tenancy.model import Principal, UserRole

NOW = datetime.now(UTC)
Open = Callable[..., AppTest]


@pytest.fixture
def open_page(db: Database) -> Open:
    """A function that opens one page (leads, conversation, live) as this person at this query."""

    def run(me: Principal, page: str, **query: str | list[str]) -> AppTest:
        gate.connect(gate.Connection(db, lambda _token, _touch: me, "prosa"))
        app = AppTest.from_string(f"from prosa.dashboards.pages import {page}\n{page}.page()", default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    return run


def names(app: AppTest) -> list[str]:
    return re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', html(app))


def fill(db: Database, tenant: TenantId, count: int = 6) -> None:
    """So many conversations, one an hour back, of contacts named Ana 1, Ana 2, …; every second is a lead."""
    with db.tenant(tenant) as conn:
        save_names(conn, tenant, inboxes=[1])
        save(conn, tenant, [
            Conversation(i, NOW - timedelta(hours=i), contact_id=i, is_lead=i % 2 == 0) for i in range(1, count + 1)
        ])  # fmt: skip
        for i in range(1, count + 1):
            conn.execute(
                """insert into contacts (tenant_id, id, name, phone) values (%(t)s, %(i)s, %(n)s, %(p)s)
                   on conflict (tenant_id, id) do update set name = excluded.name, phone = excluded.phone""",
                {"t": tenant, "i": i, "n": f"Ana {i} <b>", "p": f"+551198888000{i}"},
            )


def test_the_address_filters_and_the_files_follow(db: Database, tenant: TenantId, open_page: Open) -> None:
    fill(db, tenant)
    app = open_page(principal(tenant), "leads", period="7d", lead="true")
    assert names(app) == [f"Ana {i} &lt;b&gt;" for i in (2, 4, 6)]
    assert re.search(r'href="/exports/conversations\?format=csv&amp;from=[^"]*&amp;lead=true"', html(app))
    assert names(open_page(principal(tenant), "leads", period="7d", phone="80003")) == ["Ana 3 &lt;b&gt;"]


def test_a_filter_goes_into_the_address_and_clearing_takes_all_out(
    db: Database, tenant: TenantId, open_page: Open
) -> None:
    fill(db, tenant)
    app = open_page(principal(tenant), "leads", period="7d", weekday=["1", "2"], mark="answered")
    app.text_input(key="q-name").set_value("ana 5").run()
    assert app.query_params["name"] == "ana 5"
    assert "Limpar filtros (3)" in app.button(key="clear").label
    app.button(key="clear").click().run()
    assert not {"name", "weekday", "mark"} & set(app.query_params)
    assert app.text_input(key="q-name").value == ""
    assert len(names(app)) == 6


def test_every_filter_has_a_chip_and_those_without_a_field_show_theirs_beside_the_fields(
    db: Database, tenant: TenantId, open_page: Open
) -> None:
    fill(db, tenant)
    given = {"lead": "true", "min_score": "40", "state": "progress", "inbox": "0", "label": "vip"}
    shown = html(open_page(principal(tenant), "leads", **given))
    [chips] = re.findall(r'<nav class="prosa-chips".*?</nav>', shown)
    assert re.findall(r'target="_self">([^<]*) <', chips) == [
        "Sem caixa", "vip", "Em andamento", "Só leads", "Pontuação mínima: 40"
    ]  # fmt: skip
    assert chips.count("prosa-quick") == 3


def test_the_columns_and_the_order_are_chosen(db: Database, tenant: TenantId, open_page: Open) -> None:
    fill(db, tenant)
    app = open_page(principal(tenant), "leads", period="7d", sort="oldest", col=["category"])
    assert names(app)[0] == "Ana 6 &lt;b&gt;"
    assert 'data-label="Assunto"' in html(app)
    assert 'data-label="Telefone"' not in html(app)
    head = re.search(
        r'<th scope="col" class="prosa-c-created_at"[^>]*aria-sort="ascending"><a href="([^"]*)"', html(app)
    )
    assert head, "what the list is ordered by stands in it"
    assert head[1] == "?period=7d&amp;col=category&amp;sort=newest"


def test_the_list_of_a_company_without_conversations_says_what_comes_first(tenant: TenantId, open_page: Open) -> None:
    shown = html(open_page(principal(tenant, UserRole.ADMIN), "leads"))
    assert "Nenhuma conversa por aqui ainda" in shown
    assert "/app/setup" in shown


def test_a_list_without_rows_says_why(db: Database, tenant: TenantId, open_page: Open) -> None:
    fill(db, tenant)
    assert "Nenhuma conversa com estes filtros" in html(open_page(principal(tenant), "leads", name="ninguém"))


def test_a_conversation_shows_its_talk_with_the_evidence_marked(
    db: Database, tenant: TenantId, open_page: Open
) -> None:
    fill(db, tenant)
    with db.tenant(tenant) as conn:
        for i, sender, private, body in (
            (1, "contact", False, "Quanto custa <b>?"), (2, "agent", False, "R$ 99"), (3, "agent", True, "ligar amanhã"),
            (4, "agent", True, "de manhã"),
        ):  # fmt: skip
            conn.execute(
                """insert into messages (tenant_id, conversation_id, id, sender, private, body, status)
                   values (%s, 2, %s, %s, %s, %s, 'read')""",
                [tenant, i, sender, private, body],
            )
        conn.execute("update insights set evidence = '{1}' where tenant_id = %s and conversation_id = 2", [tenant])
    shown = html(open_page(principal(tenant), "conversation", id="2"))
    assert "Quanto custa &lt;b&gt;?" in shown
    assert shown.count("prosa-from-contact prosa-evidence") == 1
    assert "ligar amanhã" in shown
    assert shown.count("prosa-from-note prosa-goes-on") == 1  # the second of two by the same person
    assert shown.count("· lida") == 1, "a note was never sent, so nobody has read it"
    with db.tenant(tenant) as conn:
        conn.execute(
            """insert into messages (tenant_id, conversation_id, id, sender, body)
               select %s, 2, n, 'contact', 'oi' from generate_series(10, 509) n""",
            [tenant],
        )
        conn.execute("update conversations set contact_id = 2 where tenant_id = %s and id in (2, 4)", [tenant])
        conn.execute("update insights set summary = 'Reclamação.' where tenant_id = %s", [tenant])
    later = html(open_page(principal(tenant), "conversation", id="2"))
    assert "Só as 500 mensagens mais recentes" in later
    assert later.count("Reclamação.") == 2, "what was understood of this one and of the contact's other one"
    assert html(open_page(principal(tenant, locale="en"), "conversation", id="2")).count("Complaint.") == 2


def test_from_a_conversation_a_link_leads_back_to_the_list_with_its_filters(
    db: Database, tenant: TenantId, open_page: Open
) -> None:
    fill(db, tenant)
    query = {"period": "7d", "lead": "true", "name": "ana 2 <b"}
    shown = html(open_page(principal(tenant), "leads", **query))
    [link] = re.findall(r'scope="row"><a href="/app/conversation\?([^"]*)"', shown)
    asked = parse_qs(unescape(link))
    assert dict(parse_qsl(asked["back"][0].removeprefix("leads?"))) == query
    shown = html(open_page(principal(tenant), "conversation", id=asked["id"][0], back=asked["back"][0]))
    assert f'<a href="/app/{escape(asked["back"][0])}" target="_self">← Leads e conversas</a>' in shown


@pytest.mark.parametrize(
    "asked", ["", "//evil.example", "https://evil.example", "javascript:alert(1)", "live/../x", "[?"]
)
def test_the_way_back_leads_to_lists_of_ours_alone(asked: str) -> None:
    assert links.back_to(asked) == ("leads", "/app/leads")


def test_files_stand_in_the_talk_and_those_that_are_not_kept_are_named(
    db: Database, tenant: TenantId, open_page: Open
) -> None:
    fill(db, tenant)
    with db.tenant(tenant) as conn:
        conn.execute(
            "insert into messages (tenant_id, conversation_id, id, sender) values (%s, 2, 7, 'contact')", [tenant]
        )
        for position, (kind, state) in enumerate((
            ("image/jpeg", "kept"), ("audio/ogg", "kept"), ("application/pdf", "kept"), ("video/mp4", "refused"),
            ("image/png", "erased"),
        )):  # fmt: skip
            conn.execute(
                """insert into message_media (tenant_id, conversation_id, message_id, position, url, content_type, state, bytes)
                   values (%s, 2, 7, %s, 'https://twilio.example/x', %s, %s::media_state, 2048)""",
                [tenant, position, kind, state],
            )
    shown = html(open_page(principal(tenant), "conversation", id="2"))
    assert '<img src="/conversations/2/messages/7/media/0" alt="Imagem" loading="lazy">' in shown
    assert '<audio src="/conversations/2/messages/7/media/1" controls preload="none"' in shown
    assert "Arquivo (pdf, 2,0 kB)" in shown
    assert "Vídeo: não foi guardado" in shown
    assert "Imagem: eliminado com os dados do contato" in shown
    assert "twilio.example" not in shown


@pytest.mark.parametrize("asked", ["1", "999999", "-1", "x", "9" * 30, "1; drop table x"])
def test_another_tenants_conversation_is_not_found(
    db: Database, make_tenant: Callable[..., TenantId], open_page: Open, asked: str
) -> None:
    ours, theirs = make_tenant(), make_tenant()
    fill(db, theirs)
    shown = html(open_page(principal(ours), "conversation", id=asked))
    assert "Conversa não encontrada" in shown
    assert "Ana" not in shown.replace("Ana Souza", "")


def test_an_administrator_states_a_conversion_and_takes_it_back(
    db: Database, tenant: TenantId, open_page: Open
) -> None:
    fill(db, tenant)
    app = open_page(principal(tenant, UserRole.ADMIN), "conversation", id="2")
    app.text_input(key="amount").set_value("1.234,50")
    app.button(key="mark-conversion").click().run()
    assert "R$\xa01.234,50" in html(app)
    with db.tenant(tenant) as conn:
        [stated] = outcomes.of_conversation(conn, tenant, 2)
    assert (stated.kind, stated.origin, stated.actor) == ("conversion", "person", "user:1")
    assert (stated.amount, stated.currency) == (Decimal("1234.50"), "BRL")
    app.button(key=f"undo-{stated.id}").click().run()
    assert not app.exception
    with db.tenant(tenant) as conn:
        assert outcomes.of_conversation(conn, tenant, 2) == []


def test_an_administrators_word_wins_over_the_analysis(db: Database, tenant: TenantId, open_page: Open) -> None:
    fill(db, tenant)
    app = open_page(principal(tenant, UserRole.ADMIN), "conversation", id="2")
    app.selectbox[0].set_value("complaint")
    next(button for button in app.button if button.label == "Salvar correção").click().run()
    assert "corrigido por uma pessoa" in html(app)
    with db.tenant(tenant) as conn:
        rows = conn.execute(
            "select category::text from insights where tenant_id = %s and conversation_id = 2", [tenant]
        )
        assert rows.fetchone() == ("complaint",)


def test_a_note_is_written_shown_and_counted_in_the_list(db: Database, tenant: TenantId, open_page: Open) -> None:
    fill(db, tenant)
    app = open_page(principal(tenant, UserRole.ADMIN), "conversation", id="2")
    app.text_area[0].set_value("prefere <b> manhã")
    next(button for button in app.button if button.label == "Anotar").click().run()
    assert re.search(r"prosa-memo.*Ana Souza.*prefere &lt;b&gt; manhã", html(app))
    assert [field.value for field in app.text_area if field.placeholder] == [""], "a second click has nothing to send"
    st.cache_data.clear()
    listed = html(open_page(principal(tenant), "leads", period="7d", mark="noted"))
    assert listed.count("Notas: 1") == 1
    reader = open_page(principal(tenant), "conversation", id="2")
    assert "prefere &lt;b&gt; manhã" in html(reader)
    assert [button for button in reader.button if button.label in ("Anotar", "Salvar")] == []


def test_who_only_reads_states_nothing(db: Database, tenant: TenantId, open_page: Open) -> None:
    fill(db, tenant)
    assert [b for b in open_page(principal(tenant), "conversation", id="2").button if "mark" in (b.key or "")] == []


def test_the_live_page_shows_the_longest_waiting_first_and_keeps_no_session(
    db: Database, tenant: TenantId, open_page: Open
) -> None:
    fill(db, tenant)
    me, touched = principal(tenant), []
    gate_find = lambda _token, touch: touched.append(touch) or me  # noqa: E731
    app = open_page(me, "live")
    found = re.findall(r"<li><a [^>]*>Ana (\d)", html(app))
    assert found == ["6", "5", "4", "3", "2", "1"]
    assert "mesmo um “obrigado”" in html(app), "the number is METRICS' own, and the page says what it counts"
    gate.connect(gate.Connection(db, gate_find, "prosa"))
    app.run()
    assert touched == [True, False]  # the page itself, and the part that draws itself anew


def test_nobody_waiting_is_said(db: Database, tenant: TenantId, open_page: Open) -> None:
    with db.tenant(tenant) as conn:
        save_names(conn, tenant, inboxes=[1])
        save(conn, tenant, [Conversation(1, NOW, contact_id=1, state="agent_closed")])
    assert "Ninguém está esperando" in html(open_page(principal(tenant), "live"))


def test_before_the_first_conversation_the_live_page_does_not_say_that_all_were_answered(
    tenant: TenantId, open_page: Open
) -> None:
    said = html(open_page(principal(tenant), "live"))
    assert "Nenhuma conversa por aqui ainda" in said
    assert "Ninguém está esperando" not in said
