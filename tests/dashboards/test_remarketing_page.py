"""The remarketing page: what is approved is what was read, by those who may."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from psycopg.types.json import Jsonb
from streamlit.testing.v1 import AppTest
from tests.dashboards.conftest import principal
from tests.facts.builder import Conversation, save, save_names

from prosa.dashboards import gate
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.remarketing import segments, store, whatsapp_templates
from prosa.remarketing.model import DraftState
from prosa.remarketing.segments import Definition, Recency
from prosa.remarketing.whatsapp_templates import FoundTemplate
from prosa.tenancy.model import Principal, UserRole

NOW = datetime.now(UTC)
Open = Callable[..., AppTest]


@pytest.fixture
def open_page(db: Database) -> Open:
    """A function that opens the page as this person, with this group of drafts."""

    def run(me: Principal, show: str = "review") -> AppTest:
        gate.connect(gate.Connection(db, lambda _token, _touch: me, "prosa"))
        app = AppTest.from_string(
            "from prosa.dashboards.pages import remarketing\nremarketing.page()", default_timeout=60
        )
        app.query_params["show"] = show
        return app.run()

    return run


def html(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(element.proto.body for element in app.main.get("html"))


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
    assert shown.count("Janela aberta: faltam") == 2
    assert "Oi &lt;b&gt;1" in shown


def test_a_marked_draft_is_approved_alone(db: Database, tenant: TenantId, open_page: Open) -> None:
    first, second = write(db, tenant)
    app = open_page(principal(tenant, UserRole.ADMIN))
    app.checkbox(key=f"mark-{first}").check().run()
    next(button for button in app.button if button.label == "Aprovar").click().run()
    assert not app.exception
    assert states(db, tenant, [first, second]) == [DraftState.APPROVED, DraftState.DRAFTED]


def test_an_edit_is_kept_and_takes_an_approval_back(db: Database, tenant: TenantId, open_page: Open) -> None:
    first, _ = write(db, tenant)
    app = open_page(principal(tenant, UserRole.ADMIN))
    next(button for button in app.button if button.label == "Aprovar").click().run()
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
    next(button for button in app.button if button.label == "Aprovar").click().run()
    assert states(db, tenant, [first, second]) == [DraftState.DRAFTED, DraftState.APPROVED]


def test_a_segment_is_made_changed_and_removed_with_its_size(db: Database, tenant: TenantId, open_page: Open) -> None:
    write(db, tenant, 3)
    app = open_page(principal(tenant, UserRole.ADMIN))
    assert "Agora: 3 conversas de 3 contatos" in html(app)
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
    field = app.text_input(key=f"variable-{first}-{draft.version}-2")
    field.set_value("").run()
    assert "Nenhuma variável pode ficar vazia" in app.warning[0].value
    app.text_input(key=f"variable-{first}-{draft.version}-2").set_value("<b>amanhã").run()
    assert "Oi Ana, volta &lt;b&gt;amanhã?" in html(app)
    app.button(key=f"save-{first}").click().run()
    with db.tenant(tenant) as conn:
        assert store.get(conn, tenant, first).body == "Oi Ana, volta <b>amanhã?"


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
