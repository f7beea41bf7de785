"""Limits hold for all workers together: no request too many, no dollar too many."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from pydantic import BaseModel

from analysis.llm.conftest import Serve, line_to
from analysis.llm.endpoint import Fail, Say
from prosa.analysis.llm import limiter
from prosa.analysis.llm.calls import Question, perform
from prosa.analysis.llm.ledger import BudgetExhausted, Entry, open_call
from prosa.analysis.llm.limiter import LimitReached, Quota
from prosa.analysis.llm.prompt import Prompt
from prosa.db import Database
from prosa.db.connection import TenantId

ENTRY = Entry("test", "nowhere", "m", "test.v1", b"")
FAST = Quota(requests_per_minute=60_000, tokens_per_minute=None)


class Said(BaseModel):
    """Anything."""

    text: str


QUESTION = Question("test", Prompt("test.v1", "Answer."), {}, Said, max_tokens=10)


def test_requests_of_all_workers_are_spaced_evenly(db: Database, tenant: TenantId) -> None:
    quota = Quota(requests_per_minute=3000, tokens_per_minute=None)  # 50 a second
    times: list[float] = []
    lock = threading.Lock()

    def work() -> None:
        for _ in range(15):
            limiter.take(db, tenant, "even", quota, tokens=1, patience=10)
            with lock:
                times.append(time.monotonic())

    with ThreadPoolExecutor(4) as threads:
        for future in [threads.submit(work) for _ in range(4)]:
            future.result()
    took = max(times) - min(times)
    assert took >= (60 - 1) / (50 * limiter.SHARE) - 0.5 - 0.1, "half a second may be made up for, no more"


def test_tokens_count_as_well_as_requests(db: Database, tenant: TenantId) -> None:
    quota = Quota(requests_per_minute=None, tokens_per_minute=60_000)  # 1,000 a second
    limiter.take(db, tenant, "tokens", quota, tokens=5000, patience=0)
    with pytest.raises(LimitReached) as reached:
        limiter.take(db, tenant, "tokens", quota, tokens=10, patience=1)
    assert 3 < reached.value.wait_seconds < 6


def test_a_day_has_its_own_limits(db: Database, tenant: TenantId) -> None:
    quota = Quota(requests_per_minute=60_000, tokens_per_minute=None, requests_per_day=2, tokens_per_day=1000)
    for _ in range(2):
        limiter.take(db, tenant, "day", quota, tokens=10, patience=1)
    with pytest.raises(LimitReached):
        limiter.take(db, tenant, "day", quota, tokens=10, patience=60)
    limiter.take(db, tenant, "day of tokens", quota, tokens=600, patience=1)
    with pytest.raises(LimitReached):
        limiter.take(db, tenant, "day of tokens", quota, tokens=600, patience=60)


def test_who_cannot_wait_takes_no_slot(db: Database, tenant: TenantId) -> None:
    quota = Quota(requests_per_minute=6, tokens_per_minute=None)
    limiter.take(db, tenant, "slow", quota, tokens=1, patience=0)
    waits = []
    for _ in range(3):
        with pytest.raises(LimitReached) as reached:
            limiter.take(db, tenant, "slow", quota, tokens=1, patience=0)
        waits.append(reached.value.wait_seconds)
    assert max(waits) <= 10.4


def test_retry_after_holds_everybody(db: Database, tenant: TenantId, serve: Serve) -> None:
    endpoint = serve(lambda body, number: Fail(429, {"retry-after": "0.7"}) if number == 0 else Say('{"text": "x"}'))
    line = line_to(endpoint)
    began = time.monotonic()
    other = threading.Timer(0.3, lambda: limiter.take(db, tenant, line.bucket, FAST, tokens=1, patience=5))
    other.start()
    perform(db, tenant, line, QUESTION)
    other.join()
    assert time.monotonic() - began >= 0.7


def test_a_sleeper_whose_slot_is_void_waits_on(db: Database, tenant: TenantId) -> None:
    quota = Quota(requests_per_minute=60, tokens_per_minute=None)
    limiter.take(db, tenant, "void", quota, tokens=1, patience=0)
    threading.Timer(0.2, lambda: limiter.hold(db, tenant, "void", 1.5)).start()
    began = time.monotonic()
    limiter.take(db, tenant, "void", quota, tokens=1, patience=10)
    assert time.monotonic() - began >= 1.6


def test_headers_that_say_nothing_is_left_hold_the_bucket(db: Database, tenant: TenantId, serve: Serve) -> None:
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "600ms"}
    endpoint = serve(lambda body, number: Fail(429, headers) if number == 0 else Say('{"text": "x"}'))
    began = time.monotonic()
    perform(db, tenant, line_to(endpoint), QUESTION)
    assert time.monotonic() - began >= 0.6


def test_eight_workers_racing_never_exceed_the_budget(db: Database, tenant: TenantId) -> None:
    estimate = Decimal("0.013")
    with db.operator() as conn:
        conn.execute("insert into llm_budgets (tenant_id, day_usd) values (%s, 1.00)", [tenant])

    def spend() -> int:
        calls = 0
        while True:
            try:
                with db.tenant(tenant) as conn:
                    open_call(conn, tenant, ENTRY, estimate=estimate)
                calls += 1
            except BudgetExhausted as refused:
                assert refused.budget == "tenant day"
                return calls

    with ThreadPoolExecutor(8) as workers:
        calls = sum(future.result() for future in [workers.submit(spend) for _ in range(8)])
    assert calls == 76
    with db.tenant(tenant) as conn:
        assert conn.execute("select usd from llm_spending where period = 'day'").fetchone() == (Decimal("0.988"),)
        assert conn.execute("select sum(estimated_usd) from llm_calls").fetchone() == (Decimal("0.988"),)


def test_who_has_no_money_takes_no_slot(db: Database, tenant: TenantId, serve: Serve) -> None:
    one_a_day = Quota(requests_per_minute=60_000, tokens_per_minute=None, requests_per_day=1)
    line = line_to(serve(lambda body, number: Say('{"text": "ok"}')), quota=one_a_day)
    with db.operator() as conn:
        conn.execute("insert into llm_budgets (tenant_id, day_usd) values (%s, 0)", [tenant])
    with pytest.raises(BudgetExhausted):
        perform(db, tenant, line, QUESTION)
    with db.operator() as conn:
        conn.execute("delete from llm_budgets where tenant_id = %s", [tenant])
    assert perform(db, tenant, line, QUESTION).value.text == "ok"


def test_the_installations_budget_binds_every_tenant(db: Database, make_tenant) -> None:
    one, other = make_tenant(), make_tenant()
    with db.operator() as conn:
        spent = conn.execute("select coalesce(max(usd), 0) from llm_spending where tenant_id = 0 and period = 'month'")
        before = (spent.fetchone() or (0,))[0]
        conn.execute("insert into llm_budgets (tenant_id, month_usd) values (0, %s)", [before + Decimal("0.02")])
    try:
        with db.tenant(one) as conn:
            open_call(conn, one, ENTRY, estimate=Decimal("0.015"))
        with db.tenant(other) as conn, pytest.raises(BudgetExhausted, match="installation month"):
            open_call(conn, other, ENTRY, estimate=Decimal("0.015"))
    finally:
        with db.operator() as conn:
            conn.execute("delete from llm_budgets where tenant_id = 0")
