"""The provider's batch interface: the same insights at half the price; nothing is lost where a batch brings no answer."""

from collections import Counter
from decimal import Decimal

from analysis.llm.conftest import Serve, line_to
from analysis.llm.endpoint import Fail, Say
from analysis.llm.test_run import fill, good, state, verdict
from analysis.test_service import count
from prosa.analysis.llm import batches
from prosa.analysis.llm.run import run
from prosa.db import Database
from prosa.db.connection import TenantId


def calls(db: Database, tenant: TenantId) -> Counter[tuple[str, str, Decimal | None]]:
    with db.tenant(tenant) as conn:
        rows = conn.execute("select state, reason, cost_usd from llm_calls").fetchall()
    return Counter((state, reason, cost) for state, reason, cost in rows)


def test_a_batch_is_uploaded_polled_and_kept_at_half_the_price(db: Database, tenant: TenantId, serve: Serve) -> None:
    fill(db, tenant, 4)
    endpoint = serve(good)
    line = line_to(endpoint)
    assert batches.submit(db, tenant, line, fewest=1) == 4
    assert batches.submit(db, tenant, line, fewest=1) == 0, "they are in hand"
    assert run(db, {tenant: line}).counts.analysed == 0
    assert batches.fetch(db, tenant, line) == 0, "it is not finished yet"
    for batch in endpoint.batches.values():
        endpoint.answer_batch(batch)
    assert batches.fetch(db, tenant, line) == 4
    assert batches.fetch(db, tenant, line) == 0, "fetched once, billed once"
    assert state(db, tenant) == (Counter({"gpt-4o-mini": 4}), Counter())
    assert calls(db, tenant) == {("done", "", Decimal("0.00006")): 4}
    with db.tenant(tenant) as conn:
        assert conn.execute("select usd from llm_spending where period = 'day'").fetchone() == (Decimal("0.00024"),)
        assert conn.execute("select state, finished_at is not null from llm_batches").fetchall() == [
            ("completed", True)
        ]


def test_what_a_batch_does_not_answer_well_is_asked_again(db: Database, tenant: TenantId, serve: Serve) -> None:
    fill(db, tenant, 4)
    said = [Fail(500), Say("{"), Say(refusal="no")]
    endpoint = serve(lambda body, number: said[number] if number < 3 else verdict(body))
    line = line_to(endpoint)
    batches.submit(db, tenant, line, fewest=1)
    endpoint.answer_batch(endpoint.batches["batch-1"])
    batches.fetch(db, tenant, line)
    models, reasons = state(db, tenant)
    assert models == {"gpt-4o-mini": 1, "offline-1": 1}, "a refusal goes the offline way"
    assert reasons == {"server": 1, "broken": 1, "refusal": 1}
    assert {(state, reason) for state, reason, _ in calls(db, tenant)} == {
        ("done", ""), ("failed", "server"), ("failed", "invalid"), ("failed", "refusal")}  # fmt: skip


def test_an_answer_that_a_new_message_has_overtaken_is_not_kept(db: Database, tenant: TenantId, serve: Serve) -> None:
    fill(db, tenant, 1)
    endpoint = serve(good)
    line = line_to(endpoint)
    batches.submit(db, tenant, line, fewest=1)
    with db.tenant(tenant) as conn:
        conn.execute(
            """insert into messages (tenant_id, conversation_id, id, sender, body, created_at)
               values (%s, 1, 999, 'contact', 'Desisti', now())""",
            [tenant],
        )
    count(db, tenant, 1)
    endpoint.answer_batch(endpoint.batches["batch-1"])
    batches.fetch(db, tenant, line)
    assert state(db, tenant)[0] == Counter()
    assert set(calls(db, tenant)) == {("failed", "overtaken", Decimal("0.00006"))}
    assert run(db, {tenant: line}).counts.analysed == 1


def test_a_model_without_a_known_price_claims_nothing(db: Database, tenant: TenantId, serve: Serve) -> None:
    fill(db, tenant, 1)
    line = line_to(serve(good))
    line.gateway.model = "a-model-of-tomorrow"
    assert batches.submit(db, tenant, line, fewest=1) == 0
    with db.tenant(tenant) as conn:
        assert conn.execute("select from llm_batches").rowcount == 0
        assert conn.execute("select from analysis_tries where claimed_until > now()").rowcount == 0


def test_a_batch_stays_within_the_budget(db: Database, tenant: TenantId, serve: Serve) -> None:
    fill(db, tenant, 6)
    endpoint = serve(good)
    with db.operator() as conn:
        conn.execute("insert into llm_budgets (tenant_id, day_usd) values (%s, 0.001)", [tenant])
    sent = batches.submit(db, tenant, line_to(endpoint), fewest=1)
    assert 1 <= sent < 6
    with db.tenant(tenant) as conn:
        [spent] = conn.execute("select usd from llm_spending where period = 'day'").fetchone() or [None]
        assert spent <= Decimal("0.001")
        assert conn.execute("select count(*) from analysis_tries where claimed_until > now()").fetchone() == (sent,)


def test_a_batch_that_the_present_key_does_not_know_is_given_up_after_its_time(
    db: Database, tenant: TenantId, serve: Serve
) -> None:
    fill(db, tenant, 2)
    endpoint = serve(good)
    line = line_to(endpoint)
    batches.submit(db, tenant, line, fewest=1)
    endpoint.batches.clear()  # another account's key sees none of them
    batches.fetch(db, tenant, line)
    assert run(db, {tenant: line}).counts.analysed == 0, "the provider may only be ill"
    with db.tenant(tenant) as conn:
        conn.execute("update llm_batches set created_at = now() - interval '27 hours'")
    batches.fetch(db, tenant, line)
    assert calls(db, tenant) == {("unknown", "lost", None): 2}, "perhaps billed: the budget keeps the estimate"
    assert run(db, {tenant: line}).counts.analysed == 2
