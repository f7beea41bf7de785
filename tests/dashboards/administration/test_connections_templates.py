"""Connections are tested and given up, wording is kept with a preview: what was read or sent stays."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest
from tests.dashboards.administration.conftest import SETTINGS
from tests.dashboards.test_pages import shown

from prosa.crypto import encrypt
from prosa.dashboards.pages.administration.sources import connections
from prosa.db import Database
from prosa.remarketing import message_templates
from prosa.tenancy import audit
from prosa.tenancy.model import Principal

OpenPage = Callable[[Principal, str], AppTest]
Press = Callable[[AppTest, str], AppTest]


def test_a_disconnected_chatwoot_is_read_no_more_and_its_password_is_gone(
    db: Database, admin: Principal, open_page: OpenPage, press: Press
) -> None:
    with db.operator() as conn:
        conn.execute(
            """insert into sources (tenant_id, id, kind, name, server_fingerprint, account_id, dsn_encrypted)
               values (%s, 1, 'chatwoot', 'Conta', %s, 1, %s)""",
            [admin.tenant_id, b"\x0b" * 32, encrypt(SETTINGS.secret_keys, "postgresql://a:b@127.0.0.1:1/x")],
        )
    app = press(open_page(admin, "administration.connections"), "Testar")
    assert "Não foi possível conectar" in app.error[0].value
    press(app, "Sim, confirmar")
    with db.tenant(admin.tenant_id) as conn:
        assert connections(conn, admin.tenant_id) == []
        [(enabled, dsn)] = conn.execute("select enabled, dsn_encrypted from sources where tenant_id = %s",
                                        [admin.tenant_id]).fetchall()  # fmt: skip
        assert (enabled, dsn) == (False, None)
        assert audit.list_entries(conn, admin.tenant_id)[0].action == "chatwoot.disconnect"


def test_a_text_is_shown_as_a_contact_gets_it_before_it_is_kept(
    db: Database, admin: Principal, open_page: OpenPage, press: Press, fill: Callable[[AppTest, str, str], None]
) -> None:
    app = open_page(admin, "administration.templates")
    fill(app, "Texto", "Oi, {{ nome }}! <b>{{ preco }}</b>")
    app = app.run()
    assert "veja a linha 1" in shown(app)
    assert next(button for button in app.button if button.label == "Salvar").disabled
    fill(app, "Texto", "Oi, {{ nome }}! <b>")
    fill(app, "Nome", "Volta")
    assert "Oi, Ana! &lt;b&gt;" in shown(app.run())
    press(app, "Salvar")
    with db.tenant(admin.tenant_id) as conn:
        [kept] = message_templates.list_templates(conn, admin.tenant_id)
    assert (kept.name, kept.body) == ("Volta", "Oi, {{ nome }}! <b>")
