"""What is shown instead of a page if the tenant has no conversation at all."""

from prosa.dashboards import widgets
from prosa.dashboards.gate import texts
from prosa.facts.inventory import Coverage
from prosa.tenancy.model import Principal, UserRole


def show(me: Principal, coverage: Coverage, title: str) -> None:
    """Ask to connect a source; if there is one, ask to wait until it has been read for the first time."""
    widgets.page_title(title, me.tenant_name)
    explain(me, coverage)


def explain(me: Principal, coverage: Coverage) -> None:
    """What `show` shows, without the page's title."""
    t = texts(me)
    state = "waiting" if coverage.sources else "empty"
    runs_it = me.role is UserRole.ADMIN
    widgets.empty_state(
        t("overview.empty_title"),
        t(f"overview.{state}_text"),
        hint=t(f"overview.{state}_hint" if runs_it else "overview.ask_admin"),
        link=(t("setup.title"), "/app/setup") if runs_it else None,
    )
