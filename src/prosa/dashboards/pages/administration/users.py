"""The tenant's people, and the platform's operators: inviting, roles, links, sessions, closing accounts."""

from dataclasses import dataclass

import streamlit as st

from prosa.dashboards import account_mails, actions, gate, lists, tables, widgets
from prosa.dashboards.gate import require, texts
from prosa.errors import Conflict, Invalid, Unavailable
from prosa.gateways import mail
from prosa.gateways.mail import Mail
from prosa.tenancy import links, second_factor, sessions, users
from prosa.tenancy.model import PLATFORM, Principal, User, UserRole

LINK = "_link"  # in the session's state: a link that is shown once
SENT = "_sent"  # and how many invitations have been sent


@dataclass(frozen=True)
class People:
    """Users, those who have not set a password yet, and those with a second factor."""

    users: list[User]
    invited: set[int]
    guarded: set[int]


def page() -> None:
    """Draw the page: the company's people, or the platform's operators for those who run the platform."""
    me = require(UserRole.ADMIN)
    t = texts(me)
    widgets.page_title(t(f"{_whose(me)}.title"), t(f"{_whose(me)}.intro", company=me.tenant_name))
    actions.show_done()
    show_link(me)
    with widgets.panel(t("users.invite"), "invite"):
        _invite(me)
    with gate.transaction(me) as conn:
        people = People(
            users.list_users(conn, me.tenant_id),
            links.invited(conn, me.tenant_id),
            set(second_factor.owners(conn, me.tenant_id)),
        )
    with widgets.panel(t("users.list", count=len(people.users)), "people"):
        for user in lists.narrowed(me, people.users, lambda user: f"{user.name} {user.email}", key="users"):
            _user(me, user, people)


def _whose(me: Principal) -> str:
    """The table of texts: a company's people have roles, the platform's are operators."""
    return "operators" if me.tenant_id == PLATFORM else "users"


def _roles(me: Principal) -> tuple[UserRole, ...]:
    return (UserRole.SUPER_ADMIN,) if me.tenant_id == PLATFORM else (UserRole.CLIENT, UserRole.ADMIN)


def _invite(me: Principal) -> None:
    t, roles = texts(me), _roles(me)
    with st.form(f"invite-{st.session_state.get(SENT, 0)}", border=False):  # once sent, an empty one
        name_at, email_at, role_at = st.columns(3, gap="small", vertical_alignment="bottom")
        name = name_at.text_input(t("users.name"), max_chars=100)
        email = email_at.text_input(t("login.email"), max_chars=254)
        role = roles[0]
        if len(roles) > 1:
            role = role_at.selectbox(t("users.role"), roles, format_func=lambda role: t(f"app.role_{role}"))
        if not st.form_submit_button(t("users.send_invite"), type="primary"):
            return
    with actions.explaining_errors(me, {Invalid: "users.bad_email", Conflict: f"{_whose(me)}.taken"}):
        with gate.transaction(me) as conn:
            user, token = users.invite(conn, me.tenant_id, email=email, role=role, name=name, actor=me.actor)
        st.session_state[SENT] = st.session_state.get(SENT, 0) + 1
        hand_on(me, user.email, token, invited_as=name)


def hand_on(me: Principal, email: str, token: str, *, company: str = "", invited_as: str | None = None) -> None:
    """Send a link by e-mail. If no e-mail can be sent, show it once, to be handed on."""
    t, address = texts(me), f"{gate.base_url()}{links.PATH}{token}"
    if mail.is_configured(gate.settings()):
        try:
            mail.send(gate.settings(), _letter(me, email, company or me.tenant_name, address, invited_as))
        except Unavailable:
            st.session_state[LINK] = (t("users.not_sent", email=email), address)
        else:
            actions.done(t("users.sent", email=email))
    else:
        st.session_state[LINK] = (t("users.hand_on", email=email), address)
    st.rerun()


def _letter(me: Principal, email: str, company: str, address: str, invited_as: str | None) -> Mail:
    locale = gate.locale(me)
    if invited_as is None:
        return account_mails.renewal(email, company, address, locale=locale)
    return account_mails.invitation(email, invited_as, company, address, locale=locale)


def show_link(me: Principal) -> None:
    """The link that the previous run made, until somebody says that it was copied."""
    if LINK not in st.session_state:
        return
    text, address = st.session_state[LINK]
    with st.container(border=True):
        st.info(widgets.plain(text), icon=":material/link:")
        st.code(address, language=None, wrap_lines=True)
        if st.button(texts(me)("users.link_kept")):
            del st.session_state[LINK]
            st.rerun()


def _user(me: Principal, user: User, people: People) -> None:
    t = texts(me)
    mine = user.id == me.user_id and not me.acting
    marks = [tables.badge(t(f"app.role_{user.role}")), *([tables.badge(t("users.you"), "good")] if mine else [])]
    if not user.active:
        marks.append(tables.badge(t("users.closed"), "bad"))
    elif user.id in people.invited:
        marks.append(tables.badge(t("users.invited"), "warn"))
    if user.id in people.guarded:
        marks.append(tables.badge(t("users.guarded"), "good"))
    with st.container(horizontal=True, vertical_alignment="center", key=f"user-{user.id}"):
        tables.line(user.name or user.email, user.email if user.name else "", *marks)
        if mine:
            return
        with st.popover(t("users.actions"), key=f"user-{user.id}-options", on_change="rerun") as options:
            if options.open:
                _actions(me, user, user.id in people.guarded, user.id in people.invited)


def _actions(me: Principal, user: User, guarded: bool, invited: bool) -> None:
    t, key = texts(me), f"user-{user.id}"
    if not user.active:
        if st.button(t("users.activate"), key=f"{key}-activate"):
            with gate.transaction(me) as conn:
                users.activate(conn, me.tenant_id, user.id, actor=me.actor)
            actions.done(t("users.activated", email=user.email))
        return
    if len(_roles(me)) > 1:
        _change_role(me, user)
    if st.button(t("users.invite_again" if invited else "users.reset"), key=f"{key}-reset"):
        with gate.transaction(me) as conn:
            kind: links.Kind = "invite" if invited else "reset"
            token = links.make(conn, me.tenant_id, user.id, kind, actor=me.actor)
        hand_on(me, user.email, token, invited_as=user.name if invited else None)
    if st.button(t("users.end_sessions"), key=f"{key}-sessions"):
        with gate.transaction(me) as conn:
            ended = sessions.revoke_sessions(conn, me.tenant_id, user.id, actor=me.actor)
        actions.done(t("users.sessions_ended", count=ended))
    if (
        guarded
        and st.checkbox(t("users.remove_factor_sure"), key=f"{key}-lost")
        and st.button(t("users.remove_factor"), key=f"{key}-factor")
    ):
        with gate.transaction(me) as conn:
            second_factor.remove(conn, me.tenant_id, user.id, actor=me.actor)
        actions.done(t("account.factor_removed"))
    if st.checkbox(t("users.close_sure"), key=f"{key}-sure") and st.button(
        t("users.close"), key=f"{key}-close", type="primary"
    ):
        with actions.explaining_errors(me, {Conflict: f"{_whose(me)}.last"}):
            with gate.transaction(me) as conn:
                users.deactivate(conn, me.tenant_id, user.id, actor=me.actor)
            actions.done(t("users.was_closed", email=user.email))


def _change_role(me: Principal, user: User) -> None:
    t, roles = texts(me), _roles(me)
    role = st.selectbox(
        t("users.role"), roles, index=roles.index(user.role), key=f"user-{user.id}-role",
        format_func=lambda role: t(f"app.role_{role}"),
    )  # fmt: skip
    if role != user.role:
        with actions.explaining_errors(me, {Conflict: "users.last"}):
            with gate.transaction(me) as conn:
                users.set_role(conn, me.tenant_id, user.id, role, actor=me.actor)
            actions.done(t("users.role_set", email=user.email))
