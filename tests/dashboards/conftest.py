"""Pages run without a browser: Streamlit's AppTest, with a look-up of the test's own."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime import Runtime
from streamlit.testing.v1 import AppTest

from prosa.dashboards import gate
from prosa.dashboards.streamlit_app import SCRIPT
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.tenancy.model import Principal, UserId, UserRole


def principal(
    tenant: int = 1, role: UserRole = UserRole.CLIENT, *, locale: str = "pt_BR", session: int = 1
) -> Principal:
    """Somebody who is logged in."""
    return Principal(
        TenantId(tenant), f"empresa-{tenant}", f"Empresa {tenant} <b>", "America/Sao_Paulo", session, UserId(session),
        "ana@exemplo.com.br", "Ana Souza", role, locale,
    )  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def components_looked_for_once() -> Iterator[None]:
    """Each AppTest reads the metadata of every installed library, for components: nine tenths of its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True)
def nothing_cached() -> Iterator[None]:
    """No test sees another's answers, nor leaves its own behind: tests reuse the numbers of tenants."""
    st.cache_data.clear()
    yield
    st.cache_data.clear()


@pytest.fixture(autouse=True)
def site_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests and AppTest put in the place of a site's, which serves other tests in this process, is put back."""
    monkeypatch.setattr(gate, "_connection", gate._connection)
    monkeypatch.setattr(Runtime, "_instance", Runtime._instance)


@pytest.fixture
def open_app(db: Database) -> Callable[[Principal | None], AppTest]:
    """A function that runs the whole application as this person (None: nobody)."""

    def run(me: Principal | None) -> AppTest:
        gate.connect(gate.Connection(db, lambda _token, _touch: me, "prosa"))
        return AppTest.from_file(str(SCRIPT), default_timeout=30).run()

    return run
