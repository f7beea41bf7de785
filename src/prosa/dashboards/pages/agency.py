"""The operator's first page: every tenant with its main numbers."""

from html import escape

import streamlit as st

from prosa.dashboards import filters, widgets
from prosa.dashboards.cards import GROUPS, Card, card, change, direction, written
from prosa.dashboards.format import Format
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.i18n import Translate
from prosa.dashboards.pages import queries
from prosa.dashboards.pages.queries import Company
from prosa.tenancy.model import UserRole

COLUMNS = (
    Card("conversations", "count", 0), Card("leads", "count", 1), Card("conversions", "count", 1),
    Card("never_answered_rate", "rate", -1), Card("first_response_median", "duration", -1),
)  # fmt: skip


def page() -> None:
    """Draw the page."""
    me = require(UserRole.SUPER_ADMIN)
    t, form = texts(me), formats(me)
    head = st.empty()
    with st.container(key="filters"):
        period = filters.period_picker(me)
    with widgets.error_boundary("the tenants"):
        companies = queries.companies(me, period)
        with head:
            span, before = form.span(period.first, period.last), form.span(period.before.first, period.before.last)
            asked = min((company.numbers.at for company in companies), default=None)
            time = form.time(asked) if asked else form.date(period.last)
            intro = t("agency.intro", period=span, before=before, time=time)
            widgets.page_title(t("agency.title"), intro)
        if not companies:
            command = 'prosa tenant add minha-empresa --name "Minha Empresa"'
            widgets.empty_state(t("agency.empty_title"), t("agency.empty_text"), command=command)
        else:
            st.html(f'<div class="prosa-companies">{"".join(_company(c, t, form) for c in companies)}</div>')


def _company(company: Company, t: Translate, form: Format) -> str:
    """One tenant: its line, and what opens under it."""
    found = company.numbers
    cells = "".join(_cell(spec, company, t, form) for spec in COLUMNS)
    groups = "".join(
        f"<h3>{escape(t(f'overview.{group}'))}</h3>"
        + widgets.kpis_html([card(spec, found.now, found.before, found.awaiting, t=t, form=form) for spec in specs])
        for group, specs in GROUPS.items()
    )
    return (
        f'<details class="prosa-company"><summary><span class="prosa-company-name"><strong>{escape(company.name)}</strong>'
        f'<span class="prosa-note">{escape(_state(company, t, form))}</span></span>{cells}</summary>'
        f'<div class="prosa-company-kpis">{groups}</div></details>'
    )


def _cell(spec: Card, company: Company, t: Translate, form: Format) -> str:
    now, before = getattr(company.numbers.now, spec.key), getattr(company.numbers.before, spec.key)
    delta = change(spec.kind, now, before, form) or ""
    return (
        f'<span class="prosa-cell"><span class="prosa-note">{escape(t(f"kpi.{spec.key}"))}</span>'
        f"<strong>{escape(written(spec.kind, now, form))}</strong>"
        f'<span class="prosa-{direction(now, before, spec.better)}">{escape(delta)}</span></span>'
    )


def _state(company: Company, t: Translate, form: Format) -> str:
    """What the operator ought to know about this tenant."""
    if company.suspended:
        return t("agency.suspended")
    if not company.coverage.sources:
        return t("agency.no_source")
    if company.coverage.newest is None:
        return t("agency.not_read")
    return t("agency.newest", moment=form.moment(company.coverage.newest))
