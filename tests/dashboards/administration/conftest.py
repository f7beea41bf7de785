"""An administrator in front of one page."""

import importlib
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from prosa.dashboards import gate
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.settings import Settings
from prosa.tenancy import sessions, users
from prosa.tenancy.model import Principal, UserRole

PASSWORD = "uma senha bem longa"
SETTINGS = Settings(
    secret_key="test-secret-key", public_url="https://prosa.example.com", chatwoot_hosts=("chatwoot.localhost",)
)


@pytest.fixture
def admin(db: Database, tenant: TenantId, quick_passwords: None) -> Principal:
    """Who runs the tenant, logged in."""
    email = f"gestao-{tenant}@exemplo.com.br"
    with db.tenant(tenant) as conn:
        users.add_user(conn, tenant, email=email, password=PASSWORD, role=UserRole.ADMIN, actor="test", name="Ana Lima")
    return sessions.log_in(db, email, PASSWORD, address="192.0.2.40", user_agent="test").principal


@pytest.fixture
def open_page(db: Database) -> Callable[..., AppTest]:
    """A function that runs one page, by its module under prosa.dashboards.pages, as this person, at this address."""

    def run(me: Principal, page: str, **parameters: str) -> AppTest:
        connection = gate.Connection(db, lambda _token, _touch: me, "prosa", SETTINGS, lambda: "192.0.2.40")
        gate.connect(connection)
        importlib.import_module(f"prosa.dashboards.pages.{page}")

        def script(page: str) -> None:
            import importlib

            importlib.import_module(f"prosa.dashboards.pages.{page}").page()

        app = AppTest.from_function(script, default_timeout=30, kwargs={"page": page})
        for name, value in parameters.items():
            app.query_params[name] = value
        return app.run()

    return run


@pytest.fixture
def press() -> Callable[[AppTest, str], AppTest]:
    """A function that presses the first button of this label."""

    def run(app: AppTest, label: str) -> AppTest:
        app = next(button for button in app.button if button.label == label).click().run()
        assert not app.exception
        return app

    return run


@pytest.fixture
def fill() -> Callable[[AppTest, str, str], None]:
    """A function that fills the first field of this label."""

    def run(app: AppTest, label: str, text: str) -> None:
        fields = [*app.text_input, *app.text_area]
        next(field for field in fields if field.label == label).input(text)

    return run
