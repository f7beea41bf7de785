"""Webhooks: endpoints, a test, what became of each delivery, and sending again."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypedDict

import streamlit as st

from prosa.dashboards import actions, gate, reasons, tables, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.errors import Conflict, Invalid, NotFound
from prosa.tenancy.model import Principal, UserRole
from prosa.tenancy.webhooks import service, store
from prosa.tenancy.webhooks.model import CHOSEN, Delivery, DeliveryState, Endpoint, EventType


class Given(TypedDict):
    """What a form about an endpoint says."""

    url: str
    event_types: Sequence[EventType]
    note: str


ROWS = 25
TONES = {DeliveryState.PENDING: "warn", DeliveryState.DELIVERED: "good", DeliveryState.FAILED: "bad"}
SECRET = "_webhook_secret"  # noqa: S105  (a name in the session's state)
WRONG: actions.Wrong = {Invalid: "webhooks.bad_url", Conflict: "webhooks.off", NotFound: "webhooks.gone"}


def page() -> None:
    """Draw the page."""
    me = require(UserRole.ADMIN)
    t = texts(me)
    widgets.page_title(t("webhooks.title"), t("webhooks.intro"))
    actions.show_done()
    actions.show_secret(SECRET, t("webhooks.secret"), t("keys.kept"))
    if SECRET not in st.session_state:  # a double click makes one endpoint
        with widgets.panel(t("webhooks.new"), "new-webhook"):
            _add(me)
    with gate.transaction(me) as conn:
        endpoints = store.all_of(conn, me.tenant_id)
    if not endpoints:
        widgets.empty_state(t("webhooks.empty_title"), t("webhooks.empty_text"))
    for endpoint in endpoints:
        with st.container(border=True, key=f"webhook-{endpoint.id}"), widgets.error_boundary("an endpoint"):
            _endpoint(me, endpoint)


def _name(me: Principal, kind: EventType) -> str:
    return texts(me)(f"event.{kind.value.replace('.', '_')}")


def _add(me: Principal) -> None:
    t = texts(me)
    with st.form("webhook", border=False):
        given = _fields(me)
        if not st.form_submit_button(t("webhooks.create"), type="primary"):
            return
    with actions.explaining_errors(me, {**WRONG, Conflict: "webhooks.too_many"}):
        with gate.transaction(me) as conn:
            made = service.add_endpoint(
                conn, me.tenant_id, **given, actor=me.actor, secret_keys=gate.settings().secret_keys
            )
        st.session_state[SECRET] = made.secret
        st.rerun()


def _fields(me: Principal, present: Endpoint | None = None) -> Given:
    """The form's fields: address, events, and a note."""
    t, key = texts(me), f"webhook-{present.id}" if present else "webhook"
    url = st.text_input(
        t("webhooks.url"), present.url if present else "", placeholder="https://", max_chars=500, key=f"{key}-url"
    )
    kinds = st.multiselect(
        t("webhooks.events"), CHOSEN, present.event_types if present else None, key=f"{key}-kinds",
        format_func=lambda kind: _name(me, kind), placeholder=t("webhooks.all_events"), select_all=False,
    )  # fmt: skip
    note = st.text_input(t("webhooks.note"), present.note if present else "", max_chars=200, key=f"{key}-note")
    return {"url": url.strip(), "event_types": kinds or CHOSEN, "note": note.strip()}


def _edit(me: Principal, endpoint: Endpoint) -> None:
    t, fresh = texts(me), actions.fresh(f"webhook-{endpoint.id}", (endpoint.url, endpoint.event_types, endpoint.note))
    with st.popover(t("webhooks.edit")), st.form(f"webhook-{endpoint.id}-edit", border=False):
        given = _fields(me, endpoint)
        if not st.form_submit_button(t("act.save"), type="primary"):
            return
        if not fresh:
            return actions.changed_meanwhile(me)
        with actions.explaining_errors(me, WRONG):
            with gate.transaction(me) as conn:
                service.change_endpoint(conn, me.tenant_id, endpoint.id, actor=me.actor, **given)
            actions.done(t("act.saved"))


def _rotate(me: Principal, endpoint: Endpoint) -> None:
    with actions.explaining_errors(me, WRONG):
        with gate.transaction(me) as conn:
            made = service.rotate_secret(
                conn, me.tenant_id, endpoint.id, actor=me.actor, secret_keys=gate.settings().secret_keys,
                now=datetime.now(UTC),
            )  # fmt: skip
        st.session_state[SECRET] = made.secret
        st.rerun()


def _endpoint(me: Principal, endpoint: Endpoint) -> None:
    t, form, key = texts(me), formats(me), f"webhook-{endpoint.id}"
    mark = tables.badge(t("webhooks.on"), "good") if endpoint.enabled else tables.badge(t("webhooks.is_off"), "bad")
    everything = not endpoint.event_types or set(endpoint.event_types) == set(CHOSEN)
    kinds = t("webhooks.all_events") if everything else ", ".join(_name(me, kind) for kind in endpoint.event_types)
    tables.line(endpoint.url, " · ".join(part for part in (endpoint.note, kinds) if part), mark)
    if endpoint.switched_off_reason:
        reasons.folded(t, reasons.switched_off(t, endpoint.switched_off_reason), endpoint.switched_off_reason)
    elif endpoint.failing_since:
        st.warning(t("webhooks.failing", moment=form.moment(endpoint.failing_since)))
    with st.container(horizontal=True), actions.explaining_errors(me, WRONG):
        if st.button(t("webhooks.switch_off" if endpoint.enabled else "webhooks.switch_on"), key=f"{key}-switch"):
            with gate.transaction(me) as conn:
                service.change_endpoint(conn, me.tenant_id, endpoint.id, actor=me.actor, enabled=not endpoint.enabled)
            actions.done(t("act.saved"))
        if endpoint.enabled and st.button(t("webhooks.test"), key=f"{key}-test"):
            with gate.transaction(me) as conn:
                service.send_test(conn, me.tenant_id, endpoint.id, actor=me.actor)
            actions.done(t("webhooks.tested"))
        if endpoint.enabled and st.button(t("webhooks.replay_failed"), key=f"{key}-replay"):
            with gate.transaction(me) as conn:
                count = service.replay(conn, me.tenant_id, endpoint.id, actor=me.actor, now=datetime.now(UTC))
            actions.done(t("webhooks.replayed", count=count))
        _edit(me, endpoint)
        if SECRET not in st.session_state:
            actions.confirm(
                me, f"{key}-rotate", t("webhooks.rotate"), t("webhooks.rotate_sure"), lambda: _rotate(me, endpoint)
            )
        actions.confirm(
            me, f"{key}-delete", t("webhooks.delete"), t("webhooks.delete_sure"), lambda: _delete(me, endpoint)
        )
    with st.expander(t("webhooks.deliveries")):
        _deliveries(me, endpoint)


def _delete(me: Principal, endpoint: Endpoint) -> None:
    with gate.transaction(me) as conn:
        service.delete_endpoint(conn, me.tenant_id, endpoint.id, actor=me.actor)
    actions.done(texts(me)("webhooks.deleted"))


def _deliveries(me: Principal, endpoint: Endpoint) -> None:
    t, key = texts(me), f"webhook-{endpoint.id}"
    state = st.segmented_control(
        t("webhooks.state"), list(DeliveryState), format_func=lambda s: t(f"webhooks.state_{s}"), key=f"{key}-state",
        label_visibility="collapsed",
    )  # fmt: skip
    rows = st.session_state.get(f"{key}-rows", ROWS)
    with gate.transaction(me) as conn:
        found = store.deliveries(conn, me.tenant_id, endpoint.id, state=state, before=None, limit=rows + 1)
    if not found:
        widgets.hint(t("webhooks.none_yet"))
    for delivery in found[:rows]:
        _delivery(me, endpoint, delivery)
    if len(found) > rows and st.button(t("audit_log.older"), key=f"{key}-older"):
        st.session_state[f"{key}-rows"] = rows + ROWS
        st.rerun()


def _delivery(me: Principal, endpoint: Endpoint, delivery: Delivery) -> None:
    t, form = texts(me), formats(me)
    answer = reasons.delivery(t, delivery.response_code, delivery.error)
    details = t("webhooks.details", moment=form.moment(delivery.created_at), tries=delivery.attempts, answer=answer)
    with st.container(horizontal=True, vertical_alignment="center", key=f"delivery-{delivery.id}"):
        mark = tables.badge(t(f"webhooks.state_{delivery.state}"), TONES[delivery.state])
        tables.line(_name(me, delivery.type), details, mark)
        if endpoint.enabled and delivery.state is not DeliveryState.PENDING:
            if not st.button(t("webhooks.again"), key=f"again-{delivery.id}"):
                return
            with actions.explaining_errors(me, WRONG):
                with gate.transaction(me) as conn:
                    service.replay(
                        conn, me.tenant_id, endpoint.id, actor=me.actor, now=datetime.now(UTC), delivery_id=delivery.id
                    )
                actions.done(t("webhooks.replayed", count=1))
