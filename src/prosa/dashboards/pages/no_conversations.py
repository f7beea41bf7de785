"""Shown instead of a page when the tenant has no conversation at all."""

from prosa.dashboards import widgets
from prosa.dashboards.gate import texts
from prosa.facts.inventory import Coverage
from prosa.tenancy.model import Principal, UserRole


def show(me: Principal, coverage: Coverage, title: str) -> None:
    """Ask to connect a source, or, where there is one, to wait until it is read for the first time."""
    widgets.page_title(title, me.tenant_name)
    explain(me, coverage)


def explain(me: Principal, coverage: Coverage) -> None:
    """The same without the page's title."""
    t = texts(me)
    state = "waiting" if coverage.sources else "empty"
    runs_it = me.role is UserRole.ADMIN
    widgets.empty_state(
        t("overview.empty_title"),
        t(f"overview.{state}_text"),
        hint=t(f"overview.{state}_hint" if runs_it else "overview.ask_admin"),
        link=(t("setup.title"), "/app/setup") if runs_it else None,
    )
