"""Analysis runs: what is new is analysed once, newest first; nothing stops a run, and two runs do no harm."""

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from prosa.analysis import service, store
from prosa.analysis.model import Insight, Utterance
from prosa.analysis.offline.analyse import analyse
from prosa.db import Database
from prosa.db.connection import TenantId

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
MakeTenant = Callable[..., TenantId]
Text = tuple[str, str | None]


def add(
    db: Database, tenant: TenantId, conversation: int, messages: Sequence[Text], *, minute: int = 0, **last: Any
) -> None:
    """A conversation with messages (sender, body), a minute apart; `last` overrides columns of the last message."""
    began = START + timedelta(minutes=minute)
    with db.tenant(tenant) as conn:
        conn.execute(
            """insert into conversations (tenant_id, id, source, created_at, updated_at, last_activity_at)
               values (%s, %s, 'chatwoot', %s, now(), now())""",
            [tenant, conversation, began],
        )
        for number, (sender, body) in enumerate(messages):
            extra = last if number == len(messages) - 1 else {}
            conn.execute(
                """insert into messages
                     (tenant_id, conversation_id, id, sender, body, created_at, deleted, private, status)
                   values (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
                [tenant, conversation, conversation * 100 + number, sender, body, began + timedelta(minutes=number),
                 extra.get("deleted", False), extra.get("private", False), extra.get("status")],
            )  # fmt: skip
    count(db, tenant, conversation)


def count(db: Database, tenant: TenantId, conversation: int) -> None:
    """The facts that analysis looks at, from the messages there are."""
    with db.tenant(tenant) as conn:
        conn.execute(
            "delete from conversation_facts where tenant_id = %s and conversation_id = %s", [tenant, conversation]
        )
        conn.execute(
            """insert into conversation_facts (tenant_id, conversation_id, created_at, closed, messages_total,
                 messages_contact, messages_agent, messages_bot, private_notes, times_resolved, times_reopened,
                 last_contact_message_at)
               select %(t)s, %(c)s, %(at)s, false, 0, 0, 0, 0, 0, 0, 0,
                 max(created_at) filter (where sender = 'contact')
               from messages where tenant_id = %(t)s and conversation_id = %(c)s""",
            {"t": tenant, "c": conversation, "at": START},
        )


def insights(db: Database, tenant: TenantId) -> list[dict[str, Any]]:
    with db.tenant(tenant) as conn, conn.cursor(row_factory=dict_row) as cur:
        sql = "select * from insights where tenant_id = %s order by conversation_id"
        return cur.execute(sql, [tenant]).fetchall()


def test_an_insight_is_kept_with_message_ids_as_evidence(db: Database, tenant: TenantId) -> None:
    add(
        db,
        tenant,
        1,
        [("bot", "Olá!"), ("system", "Atribuída a Bia"), ("contact", "Quero me matricular, quanto custa?")],
    )
    assert service.analyse_tenant(db, tenant) == service.Counts(analysed=1)
    (row,) = insights(db, tenant)
    assert row["is_lead"] is True
    assert row["category"] == "lead"
    assert row["evidence"] == [102]
    assert row["model"].startswith("offline-")
    assert row["read_to"] == START + timedelta(minutes=2)
    assert row["conversation_created_at"] == START


def test_a_second_run_has_nothing_to_do_until_the_contact_writes_again(db: Database, tenant: TenantId) -> None:
    add(db, tenant, 1, [("contact", "Oi")])
    service.analyse_tenant(db, tenant)
    assert service.analyse_tenant(db, tenant) == service.Counts()
    with db.tenant(tenant) as conn:
        conn.execute(
            """insert into messages (tenant_id, conversation_id, id, sender, body, created_at)
               values (%s, 1, 900, 'contact', 'Quero comprar o plano anual hoje, como pago?', %s)""",
            [tenant, START + timedelta(hours=1)],
        )
    count(db, tenant, 1)
    assert service.analyse_tenant(db, tenant) == service.Counts(analysed=1)
    (row,) = insights(db, tenant)
    assert row["evidence"] == [900]
    assert row["read_to"] == START + timedelta(hours=1)


def test_one_message_is_enough_and_none_of_the_contact_is_not(db: Database, tenant: TenantId) -> None:
    add(db, tenant, 1, [("contact", "Oi")])
    add(db, tenant, 2, [("agent", "Bom dia, posso ajudar?")])
    service.analyse_tenant(db, tenant)
    assert [row["conversation_id"] for row in insights(db, tenant)] == [1]


def test_the_newest_come_first_and_the_limit_holds(db: Database, tenant: TenantId) -> None:
    for number in range(1, 6):
        add(db, tenant, number, [("contact", "Oi")], minute=number)
    assert service.analyse_tenant(db, tenant, limit=2) == service.Counts(analysed=2)
    assert [row["conversation_id"] for row in insights(db, tenant)] == [4, 5]


def test_deleted_failed_private_and_empty_texts_are_not_read(db: Database, tenant: TenantId) -> None:
    """They are coped with, and what they said has no part in the judgement."""
    lead = "Quero comprar o plano anual hoje, como pago?"
    add(db, tenant, 1, [("contact", "Oi"), ("contact", lead)], deleted=True)
    add(db, tenant, 2, [("contact", "Oi"), ("contact", lead)], status="failed")
    add(db, tenant, 3, [("contact", "Oi"), ("contact", lead)], private=True)
    add(db, tenant, 4, [("contact", None)])
    add(db, tenant, 5, [("contact", "Oi"), ("contact", lead)])
    assert service.analyse_tenant(db, tenant) == service.Counts(analysed=5)
    assert [row["is_lead"] for row in insights(db, tenant)] == [False, False, False, False, True]


def test_what_cannot_be_analysed_is_logged_and_stops_nothing(
    db: Database, tenant: TenantId, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BATCH", 2)

    def fragile(history: Iterable[Utterance], *, segment: str | None) -> Insight:
        read = list(history)
        if any("veneno" in message.body for message in read):
            raise ValueError("cannot be read")
        return analyse(read, segment=segment)

    for number in range(1, 8):
        add(db, tenant, number, [("contact", "veneno" if number in (3, 7) else "Oi")], minute=number)
    assert service.analyse_tenant(db, tenant, analyser=fragile) == service.Counts(analysed=5, skipped=2)
    assert [row["conversation_id"] for row in insights(db, tenant)] == [1, 2, 4, 5, 6]
    assert "conversation 7 of tenant" in caplog.text
    assert service.analyse_tenant(db, tenant) == service.Counts(analysed=2), "they are tried again in the next run"


def test_two_runs_at_once_analyse_each_conversation_once(
    db: Database, tenant: TenantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BATCH", 5)
    for number in range(1, 41):
        add(db, tenant, number, [("contact", "Oi")], minute=number)
    with ThreadPoolExecutor(2) as threads:
        runs = [threads.submit(service.analyse_tenant, db, tenant) for _ in range(2)]
    assert sum(run.result().analysed for run in runs) == 40
    assert len(insights(db, tenant)) == 40


def test_a_broken_run_keeps_whole_batches_and_goes_on(
    db: Database, tenant: TenantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BATCH", 4)
    for number in range(1, 11):
        add(db, tenant, number, [("contact", "Oi")], minute=number)

    def break_down(counts: service.Counts) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        service.analyse_tenant(db, tenant, on_batch=break_down)
    assert len(insights(db, tenant)) == 4
    assert service.analyse_tenant(db, tenant) == service.Counts(analysed=6)


def test_an_older_judgement_does_not_replace_a_newer_one(db: Database, tenant: TenantId) -> None:
    add(db, tenant, 1, [("contact", "Oi")], minute=5)
    service.analyse_tenant(db, tenant)
    late = analyse([], segment=None)
    with db.tenant(tenant) as conn:
        store.save(conn, tenant, store.Stale(1, START), late, evidence=[])
    assert insights(db, tenant)[0]["read_to"] == START + timedelta(minutes=5)


def test_a_conversation_that_is_gone_gets_no_insight(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        store.save(conn, tenant, store.Stale(77, START), analyse([], segment=None), evidence=[])
    assert insights(db, tenant) == []


def test_two_tenants_never_mix(db: Database, make_tenant: MakeTenant) -> None:
    one, other = make_tenant(), make_tenant()
    add(db, one, 1, [("contact", "Quero comprar, quanto custa?")])
    add(db, other, 1, [("contact", "Oi")])
    assert service.analyse_tenant(db, one) == service.Counts(analysed=1)
    assert [row["is_lead"] for row in insights(db, one)] == [True]
    assert insights(db, other) == []
    with db.tenant(other) as conn:
        assert store.stale(conn, one, after=None, limit=10) == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
            conn.execute(
                """insert into insights (tenant_id, conversation_id, conversation_created_at, sentiment,
                     sentiment_score, category, is_lead, interest, conversion_score, confidence, model, read_to)
                   values (%s, 1, now(), 'neutral', 0, 'other', false, 'low', 0, 0, 'x', now())""",
                [one],
            )


def test_every_value_of_the_analyser_fits_the_table(db: Database, tenant: TenantId) -> None:
    """The longest texts and the tenant's own fields included."""
    with db.tenant(tenant) as conn:
        conn.execute("update tenants set segment = 'gym' where id = %s", [tenant])
    add(db, tenant, 1, [("contact", "Meu nome é Ana Lima. Quero emagrecer e sou sedentária. Quanto custa? " * 500)])
    assert service.analyse_tenant(db, tenant) == service.Counts(analysed=1)
    (row,) = insights(db, tenant)
    assert json.loads(json.dumps(row["fields"])) == row["fields"]
