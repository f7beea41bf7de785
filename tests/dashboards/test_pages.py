"""The pages as each person sees them."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest
from tests.dashboards.conftest import principal
from tests.dashboards.rendered import shown

from prosa.dashboards import gate, widgets
from prosa.db import Database
from prosa.tenancy.model import Principal, UserRole

NOBODY = 10**12  # a tenant that no test fills
OpenApp = Callable[[Principal | None], AppTest]


def test_without_a_session_a_page_shows_the_way_to_log_in_and_nothing_else(open_app: OpenApp) -> None:
    app = open_app(None)
    assert "A sua sessão terminou" in app.warning[0].value
    way = '<p class="prosa-more"><a href="/login?done=ended&amp;next=%2Fapp%2F" target="_self">Entrar</a></p>'
    assert shown(app) == way


def test_an_empty_overview_says_what_to_do_next(open_app: OpenApp) -> None:
    html = shown(open_app(principal(NOBODY)))
    assert "Visão geral" in html
    assert "Quem administra a empresa" in html
    assert "/app/setup" not in html
    assert '<a href="/app/setup"' in shown(open_app(principal(NOBODY, UserRole.ADMIN)))


def test_a_page_speaks_the_users_language(open_app: OpenApp) -> None:
    assert "Overview" in shown(open_app(principal(locale="en")))


def test_what_comes_from_data_is_no_markup(open_app: OpenApp) -> None:
    html = shown(open_app(principal()))
    assert "Empresa 1 &lt;b&gt;" in html
    assert "Empresa 1 <b>" not in html


def test_a_role_below_the_pages_is_turned_away(db: Database) -> None:
    def page() -> None:
        import streamlit as st

        from prosa.dashboards.gate import require
        from prosa.tenancy.model import UserRole

        require(UserRole.ADMIN)
        st.text("for admins")

    for role, allowed in ((UserRole.CLIENT, 0), (UserRole.ADMIN, 1), (UserRole.SUPER_ADMIN, 1)):
        me = principal(role=role)
        gate.connect(gate.Connection(db, lambda _token, _touch, me=me: me, "prosa"))  # type: ignore[misc]
        assert len(AppTest.from_function(page).run(timeout=30).text) == allowed


def test_a_page_never_keeps_another_logins_state(db: Database) -> None:
    def page() -> None:
        import streamlit as st

        from prosa.dashboards.gate import require
        from prosa.tenancy.model import UserRole

        me = require(UserRole.CLIENT)
        st.text(st.session_state.setdefault("mine", me.tenant_name))

    people = [principal(1, session=1), principal(2, session=2)]
    app = AppTest.from_function(page, default_timeout=30)
    for me in people:
        gate.connect(gate.Connection(db, lambda _token, _touch, me=me: me, "prosa"))  # type: ignore[misc]
        assert app.run().text[0].value == me.tenant_name


def test_a_broken_part_leaves_the_rest_of_the_page(db: Database) -> None:
    def page() -> None:
        import streamlit as st

        from prosa.dashboards.widgets import error_boundary

        with error_boundary("the chart"):
            raise ValueError("inner detail")
        with error_boundary("a stop"):
            st.text("still here")
            st.stop()
        st.text("never")

    app = AppTest.from_function(page).run(timeout=30)
    html = shown(app)
    assert "Não foi possível mostrar" in html
    assert "inner detail" not in html
    assert [text.value for text in app.text] == ["still here"]


def test_a_card_escapes_and_carries_its_definition() -> None:
    html = widgets.kpi_html(widgets.Kpi("Conversas <novas>", "12,3 mil", "+3,0%", "Criadas no período", "good"))
    assert "Conversas &lt;novas&gt;" in html
    assert "Definição de Conversas" in html
    assert "prosa-good" in html


def test_a_card_without_change_or_definition_shows_neither() -> None:
    html = widgets.kpi_html(widgets.Kpi("Conversas", "1"))
    assert "prosa-delta" not in html
    assert "<details" not in html
