"""The remarketing page: what is approved is what was read, by those who may."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import streamlit as st
from psycopg.types.json import Jsonb
from streamlit.testing.v1 import AppTest
from tests.dashboards.conftest import principal
from tests.dashboards.rendered import html
from tests.facts.builder import Conversation, save, save_names

from prosa.dashboards import gate
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.remarketing import campaigns, message_templates, policy, segments, store, whatsapp_templates
from prosa.remarketing.campaign_model import CampaignState
from prosa.remarketing.definition import Definition, Recency
from prosa.remarketing.model import DraftState
from prosa.remarketing.whatsapp_templates import FoundTemplate
from prosa.tenancy.model import Principal, UserRole

NOW = datetime.now(UTC)
Open = Callable[..., AppTest]


@pytest.fixture
def open_page(db: Database) -> Open:
    """A function that opens the page as this person, with this group of drafts."""

    def run(me: Principal, show: str = "review", **query: str) -> AppTest:
        gate.connect(gate.Connection(db, lambda _token, _touch: me, "prosa"))
        app = AppTest.from_string(
            "from prosa.dashboards.pages import remarketing\nremarketing.page()", default_timeout=60
        )
        for name, value in {"show": show, **query}.items():
            app.query_params[name] = value
        return app.run()

    return run


def write(db: Database, tenant: TenantId, count: int = 2) -> list[int]:
    """So many drafts to as many leads of a segment; returns their ids."""
    with db.tenant(tenant) as conn:
        save_names(conn, tenant, inboxes=[1])
        save(conn, tenant, [
            Conversation(i, NOW - timedelta(hours=2 + i), contact_id=i, is_lead=True) for i in range(1, count + 1)
        ])  # fmt: skip
        segments.save(conn, tenant, "Leads parados", Definition(), actor="user:1")
        drafts = [
            store.insert(conn, tenant, {
                "conversation_id": i, "contact_id": i, "contact_key": f"+551198888000{i}", "inbox_id": 1, "via": "twilio",
                "contact_address": f"whatsapp:+551198888000{i}", "channel": "whatsapp", "body": f"Oi <b>{i}",
                "author": "person", "created_by": "user:1",
            }, now=NOW)
            for i in range(1, count + 1)
        ]  # fmt: skip
    return [draft.id for draft in drafts if draft]


def states(db: Database, tenant: TenantId, ids: list[int]) -> list[DraftState]:
    with db.tenant(tenant) as conn:
        return [store.get(conn, tenant, draft).state for draft in ids]


def test_the_segments_have_their_sizes_and_the_window_counts_down(
    db: Database, tenant: TenantId, open_page: Open
) -> None:
    write(db, tenant)
    shown = html(open_page(principal(tenant)))
    assert "Leads parados" in shown
    assert shown.count('data-open="Janela aberta: faltam {left}"') == 2, "what countdown.js goes on writing"
    assert shown.count(">Janela aberta: faltam") == 2
    assert "Oi &lt;b&gt;1" in shown


def test_a_draft_to_a_contact_whose_name_says_nothing_shows_the_number(
    db: Database, tenant: TenantId, open_page: Open
) -> None:
    write(db, tenant)
    with db.tenant(tenant) as conn:
        conn.execute(
            "insert into contacts (tenant_id, id, name) values (%(t)s, 1, '-'), (%(t)s, 2, 'Bia')", {"t": tenant}
        )
        conn.execute("update conversations set contact_id = id where tenant_id = %s", [tenant])
    shown = html(open_page(principal(tenant)))
    assert ">+55 11 98888-0001</a>" in shown and ">Bia</a>" in shown


def test_drafts_that_wait_are_said_on_top_to_who_decides_on_them(
    db: Database, tenant: TenantId, open_page: Open
) -> None:
    write(db, tenant)
    said = '<a href="#prosa-messages" target="_self">Rascunhos para decidir: 2 →</a>'
    assert said in html(open_page(principal(tenant, UserRole.ADMIN)))
    assert said not in html(open_page(principal(tenant)))


def test_a_marked_draft_is_approved_alone(db: Database, tenant: TenantId, open_page: Open) -> None:
    first, second = write(db, tenant)
    app = open_page(principal(tenant, UserRole.ADMIN))
    app.checkbox(key=f"mark-{first}").check().run()
    app.button(key="approve-many").click().run()
    assert not app.exception
    assert app.success[0].value.startswith("Aprovados: 1. Eles só saem depois de agendados")
    assert states(db, tenant, [first, second]) == [DraftState.APPROVED, DraftState.DRAFTED]


def test_approving_many_asks_with_their_number(db: Database, tenant: TenantId, open_page: Open) -> None:
    write(db, tenant, 3)
    app = open_page(principal(tenant, UserRole.ADMIN))
    assert any(text.value.startswith("Aprovar estes rascunhos (3)?") for text in app.markdown)
    assert app.button(key="approve-many").label == "Sim, confirmar", "the button behind the question"


@pytest.mark.parametrize("button", ["take-back", "take-back-{first}"])
def test_an_approved_draft_is_taken_back(db: Database, tenant: TenantId, open_page: Open, button: str) -> None:
    first, second = write(db, tenant)
    open_page(principal(tenant, UserRole.ADMIN)).button(key="approve-many").click().run()
    app = open_page(principal(tenant, UserRole.ADMIN), "approved")
    app.checkbox(key=f"mark-{first}").check().run()
    app.button(key=button.format(first=first)).click().run()
    assert not app.exception
    assert app.success[0].value.startswith("De volta aos rascunhos: 1.")
    assert states(db, tenant, [first, second]) == [DraftState.DRAFTED, DraftState.APPROVED]


def test_what_is_approved_is_what_stands_on_the_screen_saved_or_not(
    db: Database, tenant: TenantId, open_page: Open
) -> None:
    first, second = write(db, tenant)
    app = open_page(principal(tenant, UserRole.ADMIN))
    [text] = [area for area in app.text_area if area.key.startswith(f"body-{first}-")]
    text.set_value("Nem salvo")
    app.button(key=f"approve-{first}").click().run()
    assert not app.exception
    with db.tenant(tenant) as conn:
        draft = store.get(conn, tenant, first)
    assert (draft.body, draft.state) == ("Nem salvo", DraftState.APPROVED)
    assert states(db, tenant, [second]) == [DraftState.DRAFTED]


def test_a_segments_number_leads_to_its_conversations(db: Database, tenant: TenantId, open_page: Open) -> None:
    write(db, tenant, 3)
    with db.tenant(tenant) as conn:
        [segment] = segments.list_segments(conn, tenant)
    app = open_page(principal(tenant))
    assert f"/app/remarketing?segment={segment.id}" in html(app)
    app.query_params["segment"] = str(segment.id)
    shown = html(app.run())
    assert "Conversas agora: 3 · contatos: 3" in shown
    assert shown.count("/app/conversation?id=") == 3
    app.query_params["segment"] = "0"
    assert "Este segmento não existe mais" in html(app.run())


def test_an_edit_is_kept_and_takes_an_approval_back(db: Database, tenant: TenantId, open_page: Open) -> None:
    first, _ = write(db, tenant)
    app = open_page(principal(tenant, UserRole.ADMIN))
    app.button(key="approve-many").click().run()
    app = open_page(principal(tenant, UserRole.ADMIN), "approved")
    [text] = [area for area in app.text_area if area.key.startswith(f"body-{first}-")]
    text.set_value("Outro texto").run()
    app.button(key=f"save-{first}").click().run()
    assert not app.exception
    with db.tenant(tenant) as conn:
        draft = store.get(conn, tenant, first)
    assert (draft.body, draft.state) == ("Outro texto", DraftState.DRAFTED)


def test_what_changed_since_it_was_read_is_not_approved(db: Database, tenant: TenantId, open_page: Open) -> None:
    first, second = write(db, tenant)
    app = open_page(principal(tenant, UserRole.ADMIN))
    with db.tenant(tenant) as conn:
        store.set_columns(conn, tenant, first, {"body": "trocado"}, now=NOW)
    app.button(key="approve-many").click().run()
    assert states(db, tenant, [first, second]) == [DraftState.DRAFTED, DraftState.APPROVED]


def test_a_segment_is_made_changed_and_removed_with_its_size(db: Database, tenant: TenantId, open_page: Open) -> None:
    write(db, tenant, 3)
    with db.tenant(tenant) as conn:
        conn.execute("""insert into suppressions (tenant_id, our_key, contact_key, reason, actor, at)
                        values (%s, 'o', 'c3', 'person', 'user:1', now())""", [tenant])  # fmt: skip
    app = open_page(principal(tenant, UserRole.ADMIN))
    assert "Conversas agora: 3 · contatos: 3" in html(app)
    app.button(key="segment-new-who").click().run()
    assert "Podem receber mensagem: 2" in html(app)
    app.text_input(key="segment-new-name").set_value("Frios")
    app.multiselect(key="segment-new-recencies").set_value(["cold"])
    app.button(key="segment-new-save").click().run()
    assert "Frios" in html(app)
    with db.tenant(tenant) as conn:
        [cold] = [s for s in segments.list_segments(conn, tenant) if s.name == "Frios"]
    assert cold.definition == Definition(recencies=(Recency.COLD,))
    app.selectbox(key="segment-which").set_value(cold.id).run()
    key = f"segment-{cold.id}-{cold.updated_at}"
    app.text_input(key=f"{key}-name").set_value("Leads parados").run()
    app.button(key=f"{key}-save").click().run()
    assert "Já existe um segmento" in app.error[0].value
    app.button(key=f"{key}-delete-yes").click().run()
    with db.tenant(tenant) as conn:
        assert [s.name for s in segments.list_segments(conn, tenant)] == ["Leads parados"]


def test_a_templates_variables_are_changed_and_shown_as_the_contact_reads_them(
    db: Database, tenant: TenantId, open_page: Open
) -> None:
    first, _ = write(db, tenant)
    body = "Oi {{1}}, volta {{2}}?"
    with db.tenant(tenant) as conn:
        whatsapp_templates.sync(conn, tenant, provider="twilio", account="AC1", found=[
            FoundTemplate("HX1", "volta", "pt_BR", "marketing", body, "approved")], now=NOW)  # fmt: skip
        [template] = whatsapp_templates.list_templates(conn, tenant)
        filled = {
            "whatsapp_template_id": template.id,
            "variables": Jsonb({"1": "Ana", "2": "hoje"}),
            "body": "Oi Ana, volta hoje?",
        }
        draft = store.set_columns(conn, tenant, first, filled, now=NOW)
    app = open_page(principal(tenant, UserRole.ADMIN))
    assert "Modelo aprovado do WhatsApp" in html(app)
    field = app.text_input(key=f"variable-{first}-{draft.version}-2")
    field.set_value("").run()
    assert "Nenhuma variável pode ficar vazia" in app.warning[0].value
    app.text_input(key=f"variable-{first}-{draft.version}-2").set_value("<b>amanhã").run()
    assert "Oi Ana, volta &lt;b&gt;amanhã?" in html(app)
    app.button(key=f"save-{first}").click().run()
    with db.tenant(tenant) as conn:
        assert store.get(conn, tenant, first).body == "Oi Ana, volta <b>amanhã?"
        conn.execute("update whatsapp_templates set status = 'paused' where tenant_id = %s", [tenant])
    app.run()
    assert "não está aprovado" in app.warning[0].value
    assert "Modelo aprovado do WhatsApp" not in html(app)


def test_who_only_reads_decides_nothing(db: Database, tenant: TenantId, open_page: Open) -> None:
    write(db, tenant)
    app = open_page(principal(tenant))
    assert len(app.button) == 0
    assert len(app.text_area) == 0


def test_another_tenants_drafts_are_not_there(
    db: Database, make_tenant: Callable[..., TenantId], open_page: Open
) -> None:
    ours, theirs = make_tenant(), make_tenant()
    write(db, theirs)
    assert "Nada por aqui" in html(open_page(principal(ours)))


def test_a_campaign_is_made_changed_started_and_ended_on_the_screen(
    db: Database, tenant: TenantId, open_page: Open
) -> None:
    write(db, tenant)
    with db.tenant(tenant) as conn:
        message_templates.save(
            conn, tenant, "Volta", "Oi {{ nome }}!", policy=policy.read(conn, tenant), actor="user:1"
        )
    app = open_page(principal(tenant, UserRole.ADMIN))
    app.text_input(key="campaign-new-name").set_value("Março").run()
    app.button(key="campaign-new-save").click().run()
    assert "um modelo em cada versão" in app.error[0].value
    box = app.selectbox(key="campaign-new-0-own")
    box.select(box.options[1]).run()
    app.number_input(key="campaign-new-variants").set_value(2).run()
    app.radio(key="campaign-new-1-author").set_value("ai").run()
    app.button(key="campaign-new-save").click().run()
    assert "Campanha salva" in app.success[0].value
    with db.tenant(tenant) as conn:
        [made] = campaigns.list_campaigns(conn, tenant)
    assert (made.state, made.holdout_percent, [v.name for v in made.variants]) == (CampaignState.PAUSED, 10, ["A", "B"])

    app.number_input(key=f"campaign-{made.id}-holdout").set_value(20).run()
    app.button(key=f"campaign-{made.id}-save").click().run()
    next(button for button in app.button if button.label == "Iniciar").click().run()
    assert "está ativa" in app.success[0].value
    with db.tenant(tenant) as conn:
        found = campaigns.get(conn, tenant, made.id)
        assert (found.state, found.holdout_percent) == (CampaignState.ACTIVE, 20)
        conn.execute("""insert into campaign_members (tenant_id, campaign_id, contact_key, conversation_id, variant)
                        select %s, %s, 'k' || n, 1, case when n %% 2 = 0 then 'A' end from generate_series(1, 80) n""",
                     [tenant, made.id])  # fmt: skip
    st.cache_data.clear()  # what a campaign caused is shown as of a minute ago
    app.run()
    assert "Pode ser acaso" in html(app), "what it caused is said in plain words"
    assert f'campaign={made.id}&amp;figure=people&amp;variant=A" target="_self">40</a>' in html(app), (
        "leads to its rows"
    )
    assert not [box for box in app.number_input if box.key == f"campaign-{made.id}-holdout"], "the arms are fixed"
    app.button(key=f"campaign-end-{made.id}-yes").click().run()
    with db.tenant(tenant) as conn:
        assert campaigns.get(conn, tenant, made.id).state is CampaignState.ENDED
    people = open_page(principal(tenant), campaign=str(made.id), figure="people", variant="A")
    assert "Grupo: A · Pessoas" in html(people) and "/app/conversation?id=1" in html(people)
    assert "não existe mais" in html(open_page(principal(tenant), campaign=str(made.id), variant="\0"))


def test_a_client_reads_campaigns_and_changes_none(db: Database, tenant: TenantId, open_page: Open) -> None:
    write(db, tenant)
    with db.tenant(tenant) as conn:
        [segment] = segments.list_segments(conn, tenant)
        campaigns.create(conn, tenant, {"name": "Abril <b>", "segment_id": segment.id, "variants": [
            {"name": "A", "author": "ai"}]}, tenant_variables={}, actor="user:1")  # fmt: skip
    app = open_page(principal(tenant))
    assert "Abril &lt;b&gt;" in html(app)
    assert "desligado" in app.warning[0].value, "nothing would happen, and that is said"
    assert "Nenhum contato entrou ainda" in "".join(element.value for element in [*app.caption, *app.markdown]) + html(
        app
    )
    labels = {button.label for button in app.button}
    assert labels.isdisjoint({"Iniciar", "Salvar campanha", "Encerrar", "Sim"})


@pytest.mark.parametrize("now", ["a client", "logged out", "in another company"])
def test_a_button_of_a_page_drawn_before_the_rights_were_taken_does_nothing(
    db: Database, tenant: TenantId, make_tenant: Callable[..., TenantId], open_page: Open, now: str
) -> None:
    """A button's callback runs before the page asks who is logged in."""
    [draft] = write(db, tenant, 1)
    page = open_page(principal(tenant, UserRole.ADMIN))
    found = {
        "a client": principal(tenant, UserRole.CLIENT),
        "logged out": None,
        "in another company": principal(make_tenant(), UserRole.ADMIN),
    }[now]
    gate.connect(gate.Connection(db, lambda _token, _touch: found, "prosa"))
    page.button(key=f"approve-{draft}").click().run()
    assert not page.exception
    assert states(db, tenant, [draft]) == [DraftState.DRAFTED]
