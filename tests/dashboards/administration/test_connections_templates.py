"""Connections are tested and given up, wording is kept with a preview: what was read or sent stays."""

from collections.abc import Callable
from dataclasses import replace

from streamlit.testing.v1 import AppTest
from tests.dashboards.administration.conftest import SETTINGS
from tests.dashboards.rendered import shown

from prosa.crypto import encrypt
from prosa.dashboards.pages.administration.connection_queries import connections
from prosa.db import Database
from prosa.gateways.twilio.model import Account
from prosa.remarketing import message_templates
from prosa.sources.twilio import accounts
from prosa.tenancy import audit
from prosa.tenancy.model import Principal
from prosa.tenancy.tenants import set_segment
from twilio_world import new_number, new_sid

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


def test_a_disconnected_twilio_receives_nothing_and_is_the_same_inbox_once_it_is_back(
    db: Database, admin: Principal, open_page: OpenPage, press: Press
) -> None:
    sid, number = new_sid("AC"), new_number()

    def connect() -> list[int]:
        with db.operator() as conn:
            accounts.connect(conn, admin.tenant_id, account=Account(sid, "token"), secret_keys=SETTINGS.secret_keys,
                             numbers=[number], actor="test")  # fmt: skip
            return [found.inbox_id for found in accounts.list_numbers(conn, admin.tenant_id)]

    before = connect()
    press(open_page(admin, "administration.connections"), "Sim, confirmar")
    with db.tenant(admin.tenant_id) as conn:
        assert accounts.list_numbers(conn, admin.tenant_id) == []
        assert audit.list_entries(conn, admin.tenant_id)[0].action == "twilio.disconnect"
        assert conn.execute("select id from inboxes where tenant_id = %s", [admin.tenant_id]).fetchall() == [
            tuple(before)
        ]
    with db.anonymous() as conn:
        assert accounts.find_for_webhook(conn, sid, number) is None, "its token is forgotten"
    assert connect() == before


def test_a_company_names_public_servers_alone_and_the_operator_any(
    admin: Principal, open_page: OpenPage, press: Press, fill: Callable[[AppTest, str, str], None]
) -> None:
    def answer(me: Principal, host: str) -> str:
        app = open_page(me, "administration.connections")
        for label, text in (("Servidor do banco", host), ("Usuário", "leitor"), ("Senha", "segredo")):
            fill(app, label, text)
        app.number_input[0].set_value(1)
        return press(app, "Testar a conexão").error[0].value

    for inside in ("127.0.0.1", "localhost", "[::1]", "169.254.169.254", "::ffff:10.0.0.1", "2130706433"):
        assert "só quem opera a plataforma" in answer(admin, inside)
    assert "Não foi possível conectar" in answer(admin, "CHATWOOT.localhost"), "CHATWOOT_HOSTS lists it"
    assert "Não foi possível conectar" in answer(replace(admin, acting=True), "127.0.0.1")


def test_a_text_is_shown_as_a_contact_gets_it_before_it_is_kept(
    db: Database, admin: Principal, open_page: OpenPage, press: Press, fill: Callable[[AppTest, str, str], None]
) -> None:
    app = open_page(admin, "administration.templates")
    assert f"Aqui é da {admin.tenant_name}." in shown(app), "the example is sent by the company itself"
    assert "campos.product" in shown(app), "no segment yet: an example"
    with db.tenant(admin.tenant_id) as conn:
        set_segment(conn, admin.tenant_id, "gym", actor="test")
    app = app.run()
    assert "{{ campos.modality }}</code> modalidade" in shown(app)
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


def test_a_name_in_a_message_brings_no_link_picture_or_formula_along(
    db: Database, admin: Principal, open_page: OpenPage, press: Press
) -> None:
    """Streamlit's messages are Markdown; a Chatwoot account's name is somebody else's text."""
    with db.operator() as conn:
        conn.execute(
            """insert into sources (tenant_id, id, kind, name, server_fingerprint, account_id, dsn_encrypted)
               values (%s, 1, 'chatwoot', %s, %s, 1, %s)""",
            [admin.tenant_id, "![x](https://evil.example) $c$ <b>", b"\x0c" * 32,
             encrypt(SETTINGS.secret_keys, "postgresql://a:b@127.0.0.1:1/x")],
        )  # fmt: skip
    app = press(open_page(admin, "administration.connections"), "Sim, confirmar")
    assert app.success[0].value.startswith(r"!\[x\](https://evil.example) \$c\$ \<b\> foi desconectada")
