"""The first page: what happened in the tenant's conversations."""

from prosa.dashboards import widgets
from prosa.dashboards.gate import require, texts
from prosa.tenancy.model import UserRole


def page() -> None:
    """Draw the page."""
    me = require(UserRole.CLIENT)
    t = texts(me)
    widgets.page_title(t("overview.title"), t("overview.intro", tenant=me.tenant_name))
    widgets.empty_state(
        t("overview.empty_title"),
        t("overview.empty_text"),
        hint=t("overview.empty_hint"),
        command=f"prosa chatwoot connect --tenant {me.tenant_slug} \\\n  --account 1 --dsn postgresql://…",
        after=t("overview.empty_after"),
    )
