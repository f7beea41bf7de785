"""The first page: what happened in the tenant's conversations."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from prosa.dashboards import charts, filters, widgets
from prosa.dashboards.cards import GROUPS, card
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.pages import newest_table, queries
from prosa.dashboards.pages.queries import Basics, Numbers, Overview
from prosa.dashboards.widgets import Bar
from prosa.facts import metrics
from prosa.facts.conversations import Coverage, Named
from prosa.facts.model import HOUR_BANDS, Filter, Period, Volume
from prosa.facts.opinions import Opinions
from prosa.tenancy.model import Principal, UserRole

SENTIMENT_COLORS = {"positive": "good", "neutral": "quiet", "negative": "bad"}
LONGEST_LIST = 8  # bars; a tenant may have hundreds of agents


def page() -> None:
    """Draw the page."""
    me = require(UserRole.CLIENT)
    basics = queries.basics(me)
    if basics.coverage.newest is None:
        return _nothing_yet(me, basics.coverage)
    head = st.empty()
    with head:
        widgets.page_title(texts(me)("overview.title"), me.tenant_name)
    period, where = _pickers(me, basics)
    with widgets.error_boundary("the numbers"):
        found = queries.overview(me, period, where)
        with head:
            _head(me, period, found.numbers.at)
        if found.numbers.now.conversations == 0:
            return _nothing_then(me, basics.coverage.newest)
        _cards(me, found.numbers)
        _charts(me, period, found, basics)
    with widgets.error_boundary("the newest conversations"):
        newest_table.show(me, queries.newest(me, period, where), period, where)


def _pickers(me: Principal, basics: Basics) -> tuple[Period, Filter]:
    with st.container(key="filters", horizontal=True, vertical_alignment="center", gap="small"):
        period = filters.period_picker(me)
        chosen = filters.inbox_picker(me, basics.inboxes)
    return period, Filter(inboxes=chosen)


def _head(me: Principal, period: Period, at: datetime) -> None:
    t, form = texts(me), formats(me)
    span, before = form.span(period.first, period.last), form.span(period.before.first, period.before.last)
    intro = t("overview.intro", tenant=me.tenant_name, period=span, before=before, time=form.time(at))
    widgets.page_title(t("overview.title"), intro)


def _cards(me: Principal, found: Numbers) -> None:
    t, form = texts(me), formats(me)
    for group, specs in GROUPS.items():
        widgets.heading(t(f"overview.{group}"))
        if group == "sales" and not found.now.analysed:
            widgets.hint(t("overview.not_analysed"), f"prosa analyze --tenant {me.tenant_slug}")
        widgets.kpi_cards([card(spec, found.now, found.before, found.awaiting, t=t, form=form) for spec in specs])


def _charts(me: Principal, period: Period, found: Overview, basics: Basics) -> None:
    t = texts(me)
    widgets.heading(t("overview.patterns"))
    wide, narrow = st.columns([2, 1], gap="small")
    with wide, widgets.panel(t("overview.evolution"), "evolution", _definition(me, "conversations")):
        volumes = found.volumes
        one_day = period.first == period.last
        widgets.chart(
            charts.per_hour(volumes, t) if one_day else charts.per_day(volumes, period, t, formats(me)), "evolution"
        )
    with narrow, widgets.panel(t("overview.by_inbox"), "inboxes"):
        _shares(me, _named(found.volumes, "inbox", basics.inboxes), t("overview.no_inbox"))
    wide, narrow = st.columns([2, 1], gap="small")
    with wide, widgets.panel(t("overview.heat_map"), "heat-map"):
        widgets.chart(charts.heat_map(found.volumes, t, formats(me)), "heat_map", height=260)
    with narrow, widgets.panel(t("overview.by_hour_band"), "bands"):
        bands = charts.by_hour_band(found.volumes)
        _bars(me, [(f"{name} h", count, 0) for name, count in zip(HOUR_BANDS, bands, strict=True)])
    left, middle, right = st.columns(3, gap="small")
    with left, widgets.panel(t("overview.sentiment"), "sentiment", _definition(me, "sentiment")):
        _opinion(me, found.opinions, "sentiment")
    with middle, widgets.panel(t("overview.category"), "category", _definition(me, "category")):
        _opinion(me, found.opinions, "category")
    with right, widgets.panel(t("overview.by_agent"), "agents"):
        _shares(me, _named(found.volumes, "agent", basics.agents), t("overview.nobody"))


def _shares(me: Principal, groups: Sequence[tuple[str | None, int, int]], unset: str) -> None:
    """The busiest groups as bars; the rest as one."""
    t = texts(me)
    lines = [(name if name is not None else unset, count, leads) for name, count, leads in groups]
    rest = lines[LONGEST_LIST:]
    if rest:
        others = t("overview.others", count=len(rest))
        lines = [*lines[:LONGEST_LIST], (others, sum(line[1] for line in rest), sum(line[2] for line in rest))]
    _bars(me, lines)


def _bars(me: Principal, lines: Sequence[tuple[str, int, int]]) -> None:
    t, form = texts(me), formats(me)
    total = sum(count for _, count, _ in lines) or 1
    widgets.bars(
        [
            Bar(
                label, count, f"{form.number(count)} · {form.percent(count / total, 0)}",
                note=t("overview.of_them_leads", count=form.number(leads)) if leads else "",
            )
            for label, count, leads in lines
        ]
    )  # fmt: skip


def _opinion(me: Principal, found: Opinions, kind: str) -> None:
    t, form = texts(me), formats(me)
    if not found.analysed:
        return widgets.hint(t("overview.after_analysis"))
    counts: dict[str, int] = getattr(found, kind)
    widgets.bars(
        [
            Bar(
                t(f"{kind}.{name}"), count, f"{form.number(count)} · {form.percent(count / found.analysed, 0)}",
                color=SENTIMENT_COLORS.get(name, "accent"),
            )
            for name, count in counts.items()
        ]
    )  # fmt: skip


def _named(volumes: Sequence[Volume], kind: str, names: Sequence[Named]) -> list[tuple[str | None, int, int]]:
    """(name, conversations, leads) of each inbox or agent, the busiest first; None where none is set or known."""
    known = {named.id: named.name for named in names}
    groups = sorted((v for v in volumes if v.dimension == kind), key=lambda v: -v.conversations)
    ids = [v.inbox_id if kind == "inbox" else v.agent_id for v in groups]
    return [
        (known.get(i) if i is not None else None, v.conversations, v.leads) for i, v in zip(ids, groups, strict=True)
    ]


def _definition(me: Principal, key: str) -> str:
    """What a KPI or a column means."""
    found = metrics.kpis().get(key) or next(column for column in metrics.columns() if column.key == key)
    return found.text(formats(me).locale)


def _nothing_yet(me: Principal, coverage: Coverage) -> None:
    """No conversation at all: connect a source, or wait for its first reading."""
    t = texts(me)
    widgets.page_title(t("overview.title"), me.tenant_name)
    connect = f"prosa chatwoot connect --tenant {me.tenant_slug} \\\n  --account 1 --dsn postgresql://…"
    widgets.empty_state(
        t("overview.empty_title"),
        t("overview.waiting_text" if coverage.sources else "overview.empty_text"),
        hint=t("overview.waiting_hint" if coverage.sources else "overview.empty_hint"),
        command=f"prosa etl run --tenant {me.tenant_slug}" if coverage.sources else connect,
        after=t("overview.empty_after"),
    )


def _nothing_then(me: Principal, newest: datetime) -> None:
    """Conversations, but none in this period and these inboxes."""
    t = texts(me)
    text = t("overview.none_text", moment=formats(me).moment(newest))
    widgets.empty_state(t("overview.none_title"), text, hint=t("overview.none_hint"))
