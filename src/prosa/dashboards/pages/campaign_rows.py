"""The people behind a figure of a campaign's table, by the conversations they joined with."""

from collections.abc import Mapping
from typing import Any

from prosa.dashboards import links, widgets
from prosa.dashboards.gate import texts, transaction
from prosa.dashboards.pages.segment_rows import ROWS, number, pages
from prosa.errors import Invalid, NotFound
from prosa.facts import listing
from prosa.remarketing import campaigns, effects, policy
from prosa.remarketing.effects import Figure
from prosa.tenancy.model import Principal


def show(me: Principal, asked: Mapping[str, str]) -> None:
    """Draw a page of them. `asked` comes from the address, so it may say anything."""
    t, variant, page = texts(me), asked.get("variant"), number(asked.get("page", "")) or 1
    figure = Figure(asked["figure"]) if asked.get("figure") in set(Figure) else Figure.PEOPLE
    try:
        name, rows = _ask(me, number(asked["campaign"]), figure, variant, skip=(page - 1) * ROWS)
    except (NotFound, Invalid):
        widgets.page_title(t("remarketing.title"))
        return widgets.empty_state(t("campaign.gone"), "", link=(t("segment.back"), "/app/remarketing"))
    group = t("campaign.holdout_group") if variant is None else variant
    widgets.page_title(name, f"{t('campaign.arm')}: {group} · {t(f'campaign.{figure}')}")
    widgets.way(t("segment.back"), "/app/remarketing", back=True)
    if not rows:
        return widgets.empty_state(t("campaign.nobody_so"), "")
    pages(me, rows[:ROWS], page, lambda to: links.campaign(number(asked["campaign"]), figure, variant, page=to),
          more=len(rows) > ROWS)  # fmt: skip


def _ask(
    me: Principal, campaign_id: int, figure: Figure, variant: str | None, *, skip: int
) -> tuple[str, list[dict[str, Any]]]:
    """The campaign's name, and a page of rows with the first of the next. Raises NoSuchCampaign, Invalid."""
    with transaction(me) as conn:
        campaign = campaigns.get(conn, me.tenant_id, campaign_id)
        if variant is not None and variant not in {known.name for known in campaign.variants}:
            raise Invalid(f"The campaign has no variant {variant!r}.")
        ids = effects.conversations(
            conn, me.tenant_id, campaign_id, figure, variant, policy=policy.read(conn, me.tenant_id), skip=skip,
            limit=ROWS + 1,
        )  # fmt: skip
        return campaign.name, listing.by_id(conn, me.tenant_id, ids)
