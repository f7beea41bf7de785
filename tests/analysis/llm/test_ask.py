"""One question: it ends with a valid answer or a reason, is on record before it leaves, and is billed once."""

import json
from decimal import Decimal
from typing import Any, Literal

import pytest
from psycopg.rows import dict_row
from pydantic import BaseModel

from analysis.llm.conftest import Serve, line_to, text_of
from analysis.llm.endpoint import Cut, Fail, Hang, Json, Say
from prosa.analysis.llm import Prompt, ask
from prosa.analysis.llm.calls import Question, perform
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.gateways.llm import LlmFailed
from prosa.tenancy.features import set_feature

PROMPT = Prompt("test.v1", "Answer.")


class Judged(BaseModel):
    """A form of answer."""

    mood: Literal["good", "bad"]
    quote: str


GOOD = Say('{"mood": "good", "quote": "Maria, [PHONE_1]"}')
QUESTION = Question("test", PROMPT, {"text": "Sou Maria, (11) 98765-4321"}, Judged, 7, (70, 71), 50)


def ledger(db: Database, tenant: TenantId) -> list[dict[str, Any]]:
    with db.tenant(tenant) as conn, conn.cursor(row_factory=dict_row) as cur:
        return cur.execute("select * from llm_calls where tenant_id = %s order by id", [tenant]).fetchall()


def scripted(*acts: Say | Fail | Cut | Hang):
    return lambda body, number: acts[min(number, len(acts) - 1)]


def test_an_answer_is_typed_restored_and_billed(db: Database, tenant: TenantId, serve: Serve) -> None:
    endpoint = serve(scripted(GOOD))
    answer = ask(db, tenant, QUESTION, line=line_to(endpoint))
    assert answer
    assert answer.value == Judged(mood="good", quote="Maria, (11) 98765-4321")
    assert "98765" not in text_of(endpoint.requests[0])
    assert endpoint.requests[0]["response_format"]["json_schema"]["strict"] is True
    [row] = ledger(db, tenant)
    assert (row["state"], row["purpose"], row["conversation_id"], row["messages"]) == ("done", "test", 7, [70, 71])
    assert row["masked"] == {"phone": 1}
    assert row["cost_usd"] == answer.cost_usd == Decimal("0.00012")  # 400 in at 0.15, 100 out at 0.60 for a million
    assert abs(row["cost_brl"] - row["cost_usd"] * row["brl_per_usd"]) < Decimal("0.00000001")
    assert "Maria" not in json.dumps(row, default=str), "the ledger keeps no text"


@pytest.mark.parametrize(
    ("bad", "state", "reason", "cost"),
    [
        (Fail(429, {"retry-after": "0.2"}), "failed", "rate_limit", 0),
        (Fail(500), "failed", "server", 0),
        (Cut(), "unknown", "broken", None),
        (Hang(2), "unknown", "timeout", None),
        (Say("Claro! Aqui está"), "failed", "invalid", Decimal("0.00012")),
        (Say('{"mood": "great", "quote": ""}'), "failed", "invalid", Decimal("0.00012")),
    ],
)
def test_what_passes_is_tried_again(
    db: Database, tenant: TenantId, serve: Serve, bad: Any, state: str, reason: str, cost: Any
) -> None:
    endpoint = serve(scripted(bad, GOOD))
    answer = perform(db, tenant, line_to(endpoint, timeout=0.7), QUESTION)
    assert answer.value.mood == "good"
    first, second = ledger(db, tenant)
    assert (first["state"], first["reason"], first["cost_usd"]) == (state, reason, cost)
    assert second["state"] == "done"


@pytest.mark.parametrize(
    ("bad", "reason", "billed"),
    [
        (Say(refusal="Não posso ajudar"), "refusal", True),
        (Say('{"mood"', finish="length"), "length", True),
        (Say(finish="content_filter"), "content_filter", True),
        (Fail(400), "rejected", False),
        (Fail(401), "unauthorized", False),
        (Fail(429, code="insufficient_quota"), "quota", False),
    ],
)
def test_what_does_not_pass_is_asked_once(
    db: Database, tenant: TenantId, serve: Serve, bad: Any, reason: str, billed: bool
) -> None:
    endpoint = serve(scripted(bad))
    with pytest.raises(LlmFailed) as failed:
        perform(db, tenant, line_to(endpoint), QUESTION)
    assert failed.value.problem == reason
    [row] = ledger(db, tenant)
    assert (row["state"], row["reason"], row["cost_usd"] > 0) == ("failed", reason, billed)


def test_an_answer_that_does_not_fit_is_repaired_once(db: Database, tenant: TenantId, serve: Serve) -> None:
    endpoint = serve(scripted(Say('{"mood": "superb", "quote": "x"}')))
    with pytest.raises(LlmFailed, match="mood"):
        perform(db, tenant, line_to(endpoint), QUESTION)
    first, second = endpoint.requests
    assert second["messages"][:2] == first["messages"]
    assert second["messages"][2] == {"role": "assistant", "content": '{"mood": "superb", "quote": "x"}'}
    assert "'good' or 'bad'" in second["messages"][3]["content"]


def test_nothing_is_sent_for_a_tenant_that_does_not_want_it(db: Database, tenant: TenantId, serve: Serve) -> None:
    endpoint = serve(scripted(GOOD))
    with db.tenant(tenant) as conn:
        set_feature(conn, tenant, "ai", enabled=False, actor="test")
    assert ask(db, tenant, QUESTION, line=line_to(endpoint)) is None
    assert not endpoint.requests


def test_what_an_answer_is_for_is_kept_with_its_bill_or_not_at_all(
    db: Database, tenant: TenantId, serve: Serve
) -> None:
    def keep(conn: Any, answer: Any) -> None:
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        perform(db, tenant, line_to(serve(scripted(GOOD))), QUESTION, keep=keep)
    [row] = ledger(db, tenant)
    assert row["state"] == "open"


def test_the_schema_is_strict_for_nested_objects_too(db: Database, tenant: TenantId, serve: Serve) -> None:
    class Inner(BaseModel):
        title: str = "a property may be called like a keyword"

    class Outer(BaseModel):
        inner: Inner | None = None

    endpoint = serve(scripted(Say('{"inner": {"title": "x"}}')))
    perform(db, tenant, line_to(endpoint), Question("test", PROMPT, {}, Outer))
    sent: Json = endpoint.requests[0]["response_format"]["json_schema"]["schema"]
    inner = sent["$defs"]["Inner"]
    assert (sent["additionalProperties"], sent["required"]) == (False, ["inner"])
    assert (inner["additionalProperties"], inner["required"]) == (False, ["title"])
