"""The own account: what the page does is what the login then asks for."""

from collections.abc import Callable
from dataclasses import replace

import pyotp
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput
from tests.dashboards.conftest import principal
from tests.dashboards.rendered import shown

from prosa.dashboards import gate
from prosa.dashboards.pages.account import device
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.settings import Settings
from prosa.tenancy import audit, second_factor, sessions, users
from prosa.tenancy.model import Principal, UserRole

PASSWORD, NEW = "uma senha bem longa", "outra senha bem longa"
KEYS = Settings(secret_key="test-secret-key")
CLIENT = {"address": "192.0.2.33", "user_agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537.36"}


@pytest.fixture
def me(db: Database, tenant: TenantId, quick_passwords: None) -> Principal:
    """A client who is logged in twice."""
    email = f"ana-{tenant}@exemplo.com.br"
    with db.tenant(tenant) as conn:
        users.add_user(conn, tenant, email=email, password=PASSWORD, role=UserRole.CLIENT, actor="test")
    logged_in = [sessions.log_in(db, email, PASSWORD, **CLIENT) for _ in range(2)]
    return logged_in[1].principal


@pytest.fixture
def open_page(db: Database) -> Callable[[Principal], AppTest]:
    """A function that runs the page as this person."""

    def run(me: Principal) -> AppTest:
        gate.connect(gate.Connection(db, lambda _token, _touch: me, "prosa", KEYS, lambda: "192.0.2.33"))

        def script() -> None:
            from prosa.dashboards.pages import account

            account.page()

        return AppTest.from_function(script, default_timeout=30).run()

    return run


def press(app: AppTest, label: str) -> AppTest:
    """Press the button of this label."""
    return next(button for button in app.button if button.label == label).click().run()


def fill(app: AppTest, *values: str) -> None:
    """Fill the first text inputs."""
    for field, value in zip(app.text_input, values, strict=False):
        field.input(value)


def code_field(app: AppTest) -> TextInput:
    """Where the code of the app is typed."""
    return next(field for field in app.text_input if field.label == "Código")


def test_the_own_password_is_changed_and_other_sessions_end(db: Database, me: Principal, open_page) -> None:
    app = open_page(me)
    fill(app, "a wrong password", NEW, NEW)
    assert "não está correta" in press(app, "Trocar a senha").error[0].value
    fill(app, PASSWORD, NEW, "another one")
    assert "não são iguais" in press(app, "Trocar a senha").error[0].value
    fill(app, PASSWORD, NEW, NEW)
    assert "Senha trocada" in press(app, "Trocar a senha").success[0].value
    with db.tenant(me.tenant_id) as conn:
        assert [s.id for s in sessions.live_sessions(conn, me.tenant_id, me.user_id)] == [me.session_id]
    assert sessions.log_in(db, me.email, NEW, **CLIENT)


def test_the_second_factor_is_switched_on_by_its_code_and_off_by_the_password(
    db: Database, me: Principal, open_page
) -> None:
    app = press(open_page(me), "Ativar")
    assert "data:image/svg+xml" in shown(app)
    secret = app.session_state["_factor_secret"]
    code_field(app).input("12")
    assert "não confere" in press(app, "Confirmar o código").error[0].value
    code_field(app).input(pyotp.TOTP(secret).now())
    app = press(app, "Confirmar o código")
    assert len(app.code[0].value.split("\n")) == second_factor.RECOVERY_CODES
    with db.anonymous() as conn:
        assert second_factor.is_on(conn, me.tenant_id, me.user_id)
    app = press(app, "Guardei os códigos")
    assert not app.code
    [*_, field] = app.text_input
    field.input(PASSWORD)
    press(app, "Desativar")
    with db.anonymous() as conn:
        assert not second_factor.is_on(conn, me.tenant_id, me.user_id)
    with db.tenant(me.tenant_id) as conn:
        acts = audit.list_entries(conn, me.tenant_id, where=audit.AuditFilter("user."), limit=3)
    assert [(act.action, act.address) for act in acts] == [
        (f"user.{name}", CLIENT["address"]) for name in ("second_factor_off", "recovery_codes", "second_factor_on")
    ]


def test_one_ends_the_own_sessions_and_nobody_elses(db: Database, me: Principal, open_page) -> None:
    app = open_page(me)
    assert "Chrome · Windows" in shown(app)
    assert "Sessões encerradas" in press(app, "Encerrar").success[0].value
    with db.tenant(me.tenant_id) as conn:
        assert [s.id for s in sessions.live_sessions(conn, me.tenant_id, me.user_id)] == [me.session_id]


def test_the_account_of_an_operator_is_not_shown_within_a_tenant(open_app) -> None:
    html = shown(open_app(replace(principal(role=UserRole.ADMIN), acting=True)))
    assert "Voltar à plataforma" in html
    assert "Empresa 1 &lt;b&gt;" in html


def test_a_device_is_named_as_people_know_it() -> None:
    assert (
        device("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604.1", "?")
        == "Safari · iPhone"
    )
    assert device("curl/8", "?") == "?"
