"""The user who looks at a page. Every run asks the database, by the HttpOnly cookie of the page's websocket."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import NoReturn
from urllib.parse import urlencode, urlsplit

import streamlit as st
import structlog

from prosa.dashboards.format import Format
from prosa.dashboards.i18n import Translate, choose_locale, translator
from prosa.db import Conn, Database
from prosa.settings import Settings
from prosa.tenancy import audit
from prosa.tenancy.model import PLATFORM, Principal, UserRole

RANK = {UserRole.CLIENT: 0, UserRole.ADMIN: 1, UserRole.SUPER_ADMIN: 2}
Find = Callable[[str | None, bool], Principal | None]
UNASKED = "_unasked"  # the page is drawn by itself, not because somebody asked


def _peer() -> str:
    """The browser's address as the guard vouches for it, whatever the browser claimed (prosa.api.guard)."""
    return st.context.headers.get("X-Prosa-Address", "unknown")


@dataclass(frozen=True)
class Connection:
    """What the pages of this process need. `find(token, touch)` looks a session up."""

    database: Database
    find: Find
    cookie: str
    settings: Settings = field(default_factory=Settings)
    address: Callable[[], str] = _peer


_connection: Connection | None = None


def connect(connection: Connection) -> None:
    """Give the pages their connection, once in a process, before the first page. Tests pass their own `find`."""
    global _connection  # noqa: PLW0603  (Streamlit runs scripts: there is nothing else to hand this through)
    _connection = connection


def require(minimum: UserRole, *, touch: bool = True) -> Principal:
    """The first line of every page and fragment: who is logged in, with at least this role. Otherwise the page ends here.

    A fragment that runs by itself passes `touch=False`, or an abandoned screen would keep its session alive.
    """
    connection = _connected()
    me = connection.find(st.context.cookies.get(connection.cookie), touch and UNASKED not in st.session_state)
    if me is None:
        st.session_state.clear()
        t = translator(locale(None))
        st.warning(f"**{t('gate.ended')}** {t('gate.ended_hint')}")
        st.html(
            f'<p class="prosa-more"><a href="{escape(_login_and_back())}" target="_self">{t("gate.log_in")}</a></p>'
        )
        st.stop()
    owner = (me.tenant_id, me.user_id, me.session_id)
    if st.session_state.setdefault("_owner", owner) != owner:  # never another login's state, whatever was resumed
        st.session_state.clear()
        st.session_state["_owner"] = owner
    structlog.contextvars.bind_contextvars(tenant_id=me.tenant_id, user_id=me.user_id)
    audit.come_from(address())
    if RANK[me.role] < RANK[minimum]:
        t = texts(me)
        st.error(f"**{t('gate.forbidden')}** {t('gate.forbidden_hint')}")
        st.stop()
    return me


def recheck(me: Principal) -> None:
    """First line of every callback that does something, with the person for whom its button was drawn.

    A callback runs before its page asks who is logged in. It ends here if the rights were taken since, or are another company's.
    """
    if require(me.role).tenant_id != me.tenant_id:
        st.stop()


def _login_and_back() -> str:
    """The login that leads to this page again, filters included."""
    path = urlsplit(st.context.url or "").path or "/app/"
    query = urlencode([(name, value) for name in st.query_params for value in st.query_params.get_all(name)])
    return "/login?" + urlencode({"done": "ended", "next": f"{path}?{query}" if query else path})


def draw_anew() -> NoReturn:
    """Draw the whole page again, from a fragment that runs by itself. This does not count as a use of the session either."""
    st.session_state[UNASKED] = True
    st.rerun()


def locale(me: Principal | None) -> str:
    """The language of this page: this browser's choice, else the user's, else Portuguese."""
    return choose_locale(st.context.cookies.get("prosa_lang"), me.locale if me else None)


def texts(me: Principal | None) -> Translate:
    """The texts of this page: `t = texts(me)`, then `t("overview.title")`."""
    return translator(locale(me))


def formats(me: Principal) -> Format:
    """Number and date formats of this page, in the tenant's time zone."""
    return Format(locale(me), me.timezone)


@contextmanager
def transaction(me: Principal) -> Iterator[Conn]:
    """A transaction with the rights of the person who is looking: in their tenant, or in every tenant for the operator."""
    db = _connected().database
    operator = me.role is UserRole.SUPER_ADMIN
    with db.operator() if operator else db.tenant(me.tenant_id, role=me.role.database_role) as conn:
        yield conn


@contextmanager
def own_transaction(me: Principal) -> Iterator[Conn]:
    """A transaction in which people look after their own account, whatever their role: pass `me.home` and `me.user_id`."""
    db = _connected().database
    with db.operator() if me.home == PLATFORM else db.tenant(me.home) as conn:
        yield conn


def database() -> Database:
    """The database that the pages are served from, for services that open transactions of their own."""
    return _connected().database


def settings() -> Settings:
    """The settings that the pages are served with."""
    return _connected().settings


def address() -> str:
    """The address from which this page is looked at, for the audit log and the brake."""
    return _connected().address()


def base_url() -> str:
    """The address under which the world reaches this installation, as far as it is known."""
    parts = urlsplit(st.context.url or "http://localhost")
    return (settings().public_url or f"{parts.scheme}://{parts.netloc}").rstrip("/")


def _connected() -> Connection:
    if _connection is None:
        raise RuntimeError("gate.connect was not called")
    return _connection
