"""In place of a page about conversations of a tenant that has no conversation yet."""

from prosa.dashboards import widgets
from prosa.dashboards.gate import texts
from prosa.facts.inventory import Coverage
from prosa.tenancy.model import Principal, UserRole


def yet(me: Principal, coverage: Coverage, title: str) -> None:
    """No conversation at all: connect a source, or wait for its first reading."""
    t = texts(me)
    state = "waiting" if coverage.sources else "empty"
    runs_it = me.role is UserRole.ADMIN
    widgets.page_title(title, me.tenant_name)
    widgets.empty_state(
        t("overview.empty_title"),
        t(f"overview.{state}_text"),
        hint=t(f"overview.{state}_hint" if runs_it else "overview.ask_admin"),
        link=(t("setup.title"), "/app/setup") if runs_it else None,
    )
