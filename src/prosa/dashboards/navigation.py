"""Every page, the roles that may see it, and its group in the sidebar."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from prosa.dashboards import widgets
from prosa.dashboards.gate import require, texts
from prosa.dashboards.i18n import Translate
from prosa.dashboards.pages import account, agency, conversation, leads, live, overview, remarketing, reports
from prosa.dashboards.pages.administration import (
    analysis,
    audit_log,
    branding,
    connections,
    features,
    keys,
    limits,
    opt_outs,
    privacy,
    rules,
    setup,
    templates,
    users,
    webhooks,
)
from prosa.dashboards.pages.platform import ai_costs, inboxes, jobs, readings, tenants
from prosa.tenancy.model import Principal, UserRole

MISSING = "missing"  # where the guard sends a browser that asks for a page that we do not have
HOME = "home"  # Streamlit serves the first page at the root alone; its own path is another page for it
CLIENT, ADMIN, OPERATOR = UserRole.CLIENT, UserRole.ADMIN, UserRole.SUPER_ADMIN


@dataclass(frozen=True)
class Entry:
    """One page, whose title is the text `<path>.title`. Operators see only the platform's pages: they have no conversations.

    `group` is a text of the table `nav`; a page without one stands on top.
    """

    path: str
    draw: Callable[[], None]
    icon: str
    role: UserRole
    group: str = ""
    hidden: bool = False  # reached from other pages alone


ENTRIES = (
    Entry("overview", overview.page, "space_dashboard", CLIENT),
    Entry("leads", leads.page, "groups", CLIENT),
    Entry("live", live.page, "timer", CLIENT),
    Entry("remarketing", remarketing.page, "campaign", CLIENT),
    Entry("conversation", conversation.page, "forum", CLIENT, hidden=True),
    Entry("reports", reports.page, "summarize", CLIENT),
    Entry("agency", agency.page, "domain", OPERATOR),
    Entry("setup", setup.page, "rocket_launch", ADMIN, "administration"),
    Entry("users", users.page, "group", ADMIN, "administration"),
    Entry("connections", connections.page, "cable", ADMIN, "administration"),
    Entry("features", features.page, "toggle_on", ADMIN, "administration"),
    Entry("rules", rules.page, "rule", ADMIN, "administration"),
    Entry("analysis", analysis.page, "psychology", ADMIN, "administration"),
    Entry("limits", limits.page, "schedule_send", ADMIN, "administration"),
    Entry("templates", templates.page, "description", ADMIN, "administration"),
    Entry("opt_outs", opt_outs.page, "do_not_disturb_on", ADMIN, "administration"),
    Entry("keys", keys.page, "key", ADMIN, "administration"),
    Entry("webhooks", webhooks.page, "webhook", ADMIN, "administration"),
    Entry("branding", branding.page, "palette", ADMIN, "administration"),
    Entry("privacy", privacy.page, "shield_person", ADMIN, "administration"),
    Entry("audit_log", audit_log.page, "history", ADMIN, "administration"),
    Entry("tenants", tenants.page, "add_business", OPERATOR, "platform"),
    Entry("operators", users.page, "manage_accounts", OPERATOR, "platform"),
    Entry("readings", readings.page, "sync", OPERATOR, "platform"),
    Entry("inboxes", inboxes.page, "inbox", OPERATOR, "platform"),
    Entry("ai_costs", ai_costs.page, "payments", OPERATOR, "platform"),
    Entry("jobs", jobs.page, "queue", OPERATOR, "platform"),
    Entry("platform_log", audit_log.page, "history", OPERATOR, "platform"),
    Entry("account", account.page, "account_circle", CLIENT, "you"),
)


def entries(me: Principal) -> list[Entry]:
    """The pages that this person may see, in the order of the sidebar."""
    return [entry for entry in ENTRIES if _is_for(me, entry)]


def pages(me: Principal, t: Translate) -> dict[str, list[st.Page]]:
    """The pages that this person may see, as Streamlit's, by the heading of their group. The very first is the home page."""
    found: dict[str, list[st.Page]] = {}
    for number, entry in enumerate(entries(me)):
        page = _page(entry, entry.draw, t, home=number == 0)
        found.setdefault(t(f"nav.{entry.group}") if entry.group else "", []).append(page)
    return found


def elsewhere(me: Principal, t: Translate) -> list[st.Page]:
    """What else an address may name: the home page by its own path, and the pages of other roles, which refuse.

    Streamlit itself would say, in English, that those do not exist.
    """
    home = entries(me)[0]
    missing = Entry(MISSING, nowhere, "help", CLIENT, hidden=True)
    return [
        _page(home, home.draw, t), _page(missing, nowhere, t), *(_page(entry, refuse, t) for entry in others(me))
    ]  # fmt: skip


def paths() -> frozenset[str]:
    """Every path that a page answers at. Of any other Streamlit says, in English, that it does not exist."""
    return frozenset({"", HOME, MISSING, *(entry.path for entry in ENTRIES)})


def nowhere() -> None:
    """What is shown for a page that nobody has."""
    t = texts(require(CLIENT))
    widgets.page_title(t("missing.title"))
    widgets.empty_state(t("missing.heading"), t("missing.text"), link=(t("missing.home"), "/app/"))


def others(me: Principal) -> list[Entry]:
    """The pages that are not for this person."""
    mine = entries(me)
    return [entry for entry in ENTRIES if entry not in mine]


def refuse() -> None:
    """What is shown for a page that is not for this role, or not for an operator who is in no tenant."""
    me = require(CLIENT)
    t = texts(me)
    widgets.page_title(t("gate.refused"))
    if me.role is OPERATOR:
        return widgets.empty_state(
            t("gate.of_a_company"), t("gate.enter_it"), link=(t("tenants.title"), "/app/tenants")
        )
    widgets.empty_state(t("gate.forbidden"), t("gate.forbidden_hint"), link=(t("missing.home"), "/app/"))


def _page(entry: Entry, draw: Callable[[], None], t: Translate, *, home: bool = False) -> st.Page:
    title, icon = t(f"{entry.path}.title"), f":material/{entry.icon}:"
    return st.Page(draw, title=title, icon=icon, url_path=HOME if home else entry.path, default=home,
                   visibility="hidden" if entry.hidden else "visible")  # fmt: skip


def _is_for(me: Principal, entry: Entry) -> bool:
    if entry.path == "account":
        return not me.acting  # an operator's own account is the platform's
    if me.role is OPERATOR:
        return entry.role is OPERATOR
    return entry.role is CLIENT or (entry.role is ADMIN and me.role is ADMIN)
