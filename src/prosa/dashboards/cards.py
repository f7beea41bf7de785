"""The KPIs as cards: their order, how each is written, and which direction is good news."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from prosa.dashboards.format import TIMES, Format, Number
from prosa.dashboards.i18n import Translate
from prosa.dashboards.widgets import Kpi, Tone
from prosa.facts import metrics
from prosa.facts.model import Kpis

Kind = Literal["count", "rate", "duration", "score", "money"]


@dataclass(frozen=True)
class Card:
    """One KPI by its name in docs/metrics.md. `better`: 1 if more is good news, -1 if less is, 0 if neither.

    `note` names a KPI that stands beside it in small print; `rows` narrows the filter to the rows behind it.
    """

    key: str
    kind: Kind
    better: Literal[-1, 0, 1]
    note: str = ""
    rows: Mapping[str, Any] = field(default_factory=dict)


def _marked(*marks: str) -> dict[str, Any]:
    return {"marks": marks}


DEMAND = (
    Card("conversations", "count", 0),
    Card("contacts", "count", 0),
    Card("awaiting_reply", "count", 0),
    Card("never_answered", "count", -1, "never_answered_rate", _marked("never_answered")),
    Card("bot_resolved_rate", "rate", 1, "bot_resolved", _marked("bot_resolved")),
)
SERVICE = (
    Card("first_response_median", "duration", -1, rows=_marked("answered")),
    Card("first_response_p90", "duration", -1, rows={**_marked("answered"), "sort": "slowest"}),
    Card("resolution_median", "duration", -1, rows=_marked("resolved")),
    Card("reopened_rate", "rate", -1, "reopened", _marked("reopened")),
    Card("csat_mean", "score", 1, "csat_answers", _marked("rated")),
)
SALES = (
    Card("leads", "count", 1, rows={"leads": True}),
    Card("lead_rate", "rate", 1, "analysed", _marked("analysed")),
    Card("visits", "count", 1, rows={"outcomes": ("visit",)}),
    Card("conversions", "count", 1, rows={"outcomes": ("conversion",)}),
    Card("conversion_rate", "rate", 1, rows={"outcomes": ("conversion",)}),
)
AI_COST = Card("ai_cost", "money", 0)
NEVER_ANSWERED_RATE = Card("never_answered_rate", "rate", -1, rows=_marked("never_answered"))  # of tables alone
CARDS = {spec.key: spec for spec in (*DEMAND, *SERVICE, *SALES, AI_COST, NEVER_ANSWERED_RATE)}


def groups(now: Kpis, before: Kpis) -> dict[str, tuple[Card, ...]]:
    """The cards by group. The AI cost is shown only if there was any: most installations have no model that charges."""
    charged = now.ai_cost is not None or before.ai_cost is not None
    return {"demand": DEMAND, "service": SERVICE, "sales": (*SALES, AI_COST) if charged else SALES}


def card(spec: Card, now: Kpis, before: Kpis, awaiting: int, *, t: Translate, form: Format) -> Kpi:
    """One KPI's card. `awaiting` counts contacts who wait now: it belongs to no period, so it has no change."""
    definition, label = metrics.kpis()[spec.key].text(form.locale), t(f"kpi.{spec.key}")
    if spec.key == "awaiting_reply":
        return Kpi(label, form.compact(awaiting), definition=definition, note=t("kpi_note.awaiting_reply"))
    value, earlier = getattr(now, spec.key), getattr(before, spec.key)
    delta = change(spec.kind, value, earlier, form)
    if delta and delta.endswith(TIMES):
        definition = f"{definition} {t('kpi_note.times', times=delta, before=written(spec.kind, earlier, form))}"
    tone = direction(delta, value, earlier, spec.better)
    return Kpi(label, written(spec.kind, value, form), delta, definition, tone, _note(spec, now, t, form))


def written(kind: Kind, value: Number | None, form: Format) -> str:
    """A KPI's value as its card shows it."""
    if kind == "rate":
        return form.percent(value)
    if kind == "duration":
        return form.duration(value)
    if kind == "money":
        return form.compact_money(value)
    return form.number(value, 2) if kind == "score" else form.compact(value)


def change(kind: Kind, now: Number | None, before: Number | None, form: Format) -> str | None:
    """How a value changed: counts, durations and money by a share or to a multiple, rates and scores by points."""
    if kind == "rate":
        return form.points(now, before)
    if kind == "score":
        return form.difference(now, before)
    return form.change(now, before)


def direction(delta: str | None, now: Number | None, before: Number | None, better: int) -> Tone:
    """Whether the change is good news. One that rounds to 0,0% is none."""
    if now is None or before is None or not better or not re.search("[1-9]", delta or ""):
        return "neutral"
    return "good" if (now > before) == (better > 0) else "bad"


def _note(spec: Card, now: Kpis, t: Translate, form: Format) -> str:
    if not spec.note:
        return ""
    value = getattr(now, spec.note)
    if value is None:
        return ""
    return t(f"kpi_note.{spec.note}", value=form.percent(value) if spec.note.endswith("_rate") else form.compact(value))
