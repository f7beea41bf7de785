"""Making, changing and removing segments; their size is shown while they are being described."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from prosa.analysis.model import Category, Interest
from prosa.dashboards import actions
from prosa.dashboards.gate import formats, require, settings, texts, transaction
from prosa.dashboards.pages import queries
from prosa.errors import Conflict, Invalid, NameTaken
from prosa.remarketing import policy, reach, segments, sizes
from prosa.remarketing.definition import Definition, Recency, Situation, define
from prosa.remarketing.segments import NoSuchSegment, Segment
from prosa.tenancy.model import Principal, UserRole

WRONG = {NameTaken: "segment.taken", NoSuchSegment: "segment.gone", Conflict: "segment.used", Invalid: "segment.bad"}


def show(me: Principal, known: Sequence[Segment]) -> None:
    """A button for a new segment, and one for the existing ones."""
    t = texts(me)
    with st.container(horizontal=True, gap="small", key="segment-tools"):
        with st.popover(t("segment.new"), icon=":material/add:", width="content"), st.container(width=560):
            _editor(None)
        if known:
            with st.popover(t("segment.change"), icon=":material/edit:", width="content"), st.container(width=560):
                by_id = {segment.id: segment for segment in known}
                chosen = st.selectbox(
                    t("segment.which"), by_id, format_func=lambda i: by_id[i].name, key="segment-which"
                )
                _editor(by_id[chosen])


@st.fragment
def _editor(segment: Segment | None) -> None:
    """The form. It is drawn again by itself at every choice, because the size follows the description."""
    me = require(UserRole.ADMIN)
    t, form = texts(me), formats(me)
    key = f"segment-{segment.id}-{segment.updated_at}" if segment else "segment-new"
    name = st.text_input(t("segment.name"), segment.name if segment else "", max_chars=120, key=f"{key}-name")
    head = st.empty()
    definition = _definition(me, segment.definition if segment else define({}), key)
    with transaction(me) as conn:
        [size] = sizes.sizes(conn, me.tenant_id, [definition], now=datetime.now(UTC))
    said = t("segment.size", conversations=form.number(size.conversations), contacts=form.number(size.contacts))
    head.html(f'<p class="prosa-live" role="status">{escape(said)}</p>')
    answer = st.empty()  # where the eye is: on a phone the head is out of sight
    with st.container(horizontal=True, gap="small"):
        if st.button(t("segment.save"), type="primary", key=f"{key}-save"):
            _save(me, name, definition, segment)
        asked = st.button(t("segment.who"), key=f"{key}-who")  # it reads every conversation of the segment
        if segment:
            actions.confirm(
                me, f"{key}-delete", t("segment.delete"), t("segment.delete_sure"), lambda: _delete(me, segment)
            )
    if asked:
        found = t("segment.reachable", count=form.number(_reachable(me, definition)))
        answer.html(f'<p class="prosa-live" role="status">{escape(found)}</p>')


def _reachable(me: Principal, definition: Definition) -> int:
    with transaction(me) as conn:
        rules = policy.read(conn, me.tenant_id)
        return reach.count(
            conn, me.tenant_id, definition, policy=rules, secret_keys=settings().secret_keys, now=datetime.now(UTC)
        )


def _definition(me: Principal, given: Definition, key: str) -> Definition:
    """What the person describes, starting from what is `given`. Its fields of the insight are kept as they are."""
    t = texts(me)
    left, right = st.columns(2, gap="small")
    situation = left.selectbox(
        t("segment.situation"), list(Situation), index=list(Situation).index(given.situation), key=f"{key}-situation",
        format_func=lambda s: t(f"situation.{s}"),
    )  # fmt: skip
    hours = given.silent_hours
    if situation is Situation.FELL_SILENT:
        hours = right.number_input(t("segment.silent_hours"), 0, 24 * 365, hours, step=12, key=f"{key}-hours")
    with right.container(gap="small", key=f"{key}-only"):
        leads = st.checkbox(t("segment.leads_only"), given.leads_only, key=f"{key}-leads")
        unsold = st.checkbox(t("segment.not_converted"), given.not_converted, key=f"{key}-unsold")
    names = {inbox.id: inbox.name for inbox in queries.basics(me).inboxes}

    def several(
        column: DeltaGenerator, field: str, options: Sequence[object], chosen: Sequence[object], table: str
    ) -> tuple[object, ...]:
        return tuple(column.multiselect(
            t(f"segment.{field}"), options, list(chosen), key=f"{key}-{field}", placeholder=t("leads.all"), select_all=False,
            format_func=lambda value: names.get(value, "") if table == "" else t(f"{table}.{value}"),
        ))  # fmt: skip

    return define({
        **given.model_dump(mode="json"),
        "situation": situation, "silent_hours": hours, "leads_only": leads, "not_converted": unsold,
        "categories": several(left, "categories", list(Category), given.categories, "category"),
        "interests": several(right, "interests", list(Interest), given.interests, "interest"),
        "recencies": several(left, "recencies", list(Recency), given.recencies, "recency"),
        "inboxes": several(right, "inboxes", list(names), [i for i in given.inboxes if i in names], ""),
    })  # fmt: skip


def _save(me: Principal, name: str, definition: Definition, segment: Segment | None) -> None:
    with actions.explaining_errors(me, WRONG):
        with transaction(me) as conn:
            segments.save(
                conn, me.tenant_id, name, definition, actor=me.actor, segment_id=segment.id if segment else None
            )
        actions.done(texts(me)("segment.saved"))


def _delete(me: Principal, segment: Segment) -> None:
    with actions.explaining_errors(me, WRONG):
        with transaction(me) as conn:
            segments.delete(conn, me.tenant_id, segment.id, actor=me.actor)
        actions.done(texts(me)("segment.deleted"))
