"""The overview's tables: by time to the first response, by inbox and by agent. Every number links to its conversations."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from prosa.dashboards import widgets
from prosa.dashboards.cards import CARDS, change, written
from prosa.dashboards.gate import formats, texts
from prosa.dashboards.links import Rows
from prosa.facts import metrics
from prosa.facts.day_counts import Cohort, Group
from prosa.facts.inventory import Named
from prosa.tenancy.model import Principal

LONGEST_LIST = 8  # lines shown; a tenant may have hundreds of agents


def cohorts(me: Principal, rows: Rows, found: Sequence[Cohort]) -> None:
    """Conversations by time to the first response, with how many of each became leads and conversions."""
    t, form = texts(me), formats(me)
    heads = "".join(
        f'<th scope="col">{escape(t(key))}</th>'
        for key in (
            "overview.first_response",
            "kpi.conversations",
            "kpi.leads",
            "kpi.conversions",
            "overview.converted_share",
        )
    )
    lines = ""
    for cohort in found:
        name = t(f"response.{'never' if cohort.band is None else cohort.band}")
        share = cohort.conversions / cohort.conversations if cohort.conversations else None
        cells = [
            ("kpi.conversations", cohort.conversations, form.number(cohort.conversations), {}),
            ("kpi.leads", cohort.leads, form.number(cohort.leads), CARDS["leads"].rows),
            ("kpi.conversions", cohort.conversions, form.number(cohort.conversions), CARDS["conversions"].rows),
            ("overview.converted_share", cohort.conversions, form.percent(share), CARDS["conversions"].rows),
        ]
        whole = rows(bands=(cohort.band,)) if cohort.conversations else ""
        lines += f'<tr><th scope="row">{widgets.link_html(name, whole)}</th>' + "".join(
            _cell(t(key), text, rows(bands=(cohort.band,), **narrowed) if count else "")
            for key, count, text, narrowed in cells
        ) + "</tr>"  # fmt: skip
    st.html(f'<table class="prosa-list prosa-numbers"><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>')


def comparison(
    me: Principal, rows: Rows, groups: Sequence[Group], names: Sequence[Named], *, field: str, unset: str
) -> None:
    """The busiest inboxes or agents (`field`), each with its change against the period before; `unset` names those without."""
    t, form, known = texts(me), formats(me), {named.id: named.name for named in names}
    keys = ("conversations", "leads", "never_answered_rate", "first_response_median", "csat_mean")
    meanings = {key: kpi.text(form.locale) for key, kpi in metrics.kpis().items()}
    heads = "".join(f'<th scope="col" title="{escape(meanings[key])}">{escape(t(f"kpi.{key}"))}</th>' for key in keys)
    lines = ""
    for group in groups[:LONGEST_LIST]:
        name = known.get(group.id, unset) if group.id is not None else unset
        delta = change("count", group.conversations, group.conversations_before, form) or ""
        values = (getattr(group, key) for key in keys)
        cells = "".join(
            _cell(
                t(f"kpi.{key}"), written(CARDS[key].kind, value, form),
                rows(**{field: (group.id,)}, **CARDS[key].rows) if value else "",
                delta if key == "conversations" else "",
            )
            for key, value in zip(keys, values, strict=True)
        )  # fmt: skip
        whole = rows(**{field: (group.id,)})
        lines += f'<tr><th scope="row">{widgets.link_html(name, whole)}</th>{cells}</tr>'
    st.html(
        f'<table class="prosa-list prosa-numbers"><thead><tr><th scope="col">{escape(t(f"overview.{field}"))}</th>{heads}'
        f"</tr></thead><tbody>{lines}</tbody></table>"
    )
    if len(groups) > LONGEST_LIST:
        widgets.hint(t("overview.others", count=len(groups) - LONGEST_LIST))


def _cell(label: str, text: str, href: str, beside: str = "") -> str:
    """A number that leads to its rows. `label` names it on narrow screens, which show no heads; `beside` is small print."""
    small = f" <small>{escape(beside)}</small>" if beside else ""
    return f'<td data-label="{escape(label)}"><span>{widgets.link_html(text, href)}{small}</span></td>'
