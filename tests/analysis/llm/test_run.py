"""Whatever the endpoint does, every conversation ends analysed or marked with a reason; none is lost, none is billed twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from analysis.llm.conftest import Serve, line_to, text_of
from analysis.llm.endpoint import Cut, Endpoint, Fail, Hang, Json, Say
from analysis.test_service import add
from prosa.analysis import service, store
from prosa.analysis.corrections import correct
from prosa.analysis.llm import calls
from prosa.analysis.llm import run as running
from prosa.analysis.llm.attempts import marked
from prosa.analysis.llm.run import run
from prosa.analysis.service import Counts
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.settings import Settings
from prosa.tenancy.features import set_feature

VERDICT = {
    "summary": "Quer se matricular.", "sentiment": "positive", "sentiment_score": 0.4, "category": "lead",
    "conversion_score": 85, "lead_name": "Maria", "lead_goal": "emagrecer", "next_step": "Oferecer horário.",
    "evidence": [0], "confidence": 0.9,
}  # fmt: skip


def verdict(body: Json, **changes: Any) -> Say:
    """A valid verdict, whatever fields the request wants."""
    wanted = body["response_format"]["json_schema"]["schema"]["$defs"]["Fields"]["properties"]
    return Say(json.dumps({**VERDICT, "fields": dict.fromkeys(wanted), **changes}))


def good(body: Json, number: int) -> Say:
    return verdict(body)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between tries, shortened."""
    monkeypatch.setattr(calls, "FIRST_PAUSE", 0.01)


def fill(db: Database, tenant: TenantId, count: int, *, first: int = 1) -> None:
    for number in range(first, first + count):
        add(db, tenant, number, [("contact", f"Sou a Maria, quero me matricular, caso {number}")], minute=number)


def state(db: Database, tenant: TenantId) -> tuple[Counter[str], Counter[str]]:
    """How many insights each model made, and how many conversations are marked with each reason."""
    with db.tenant(tenant) as conn:
        models = conn.execute("select model, count(*) from insights group by 1").fetchall()
        reasons = conn.execute("select reason, count(*) from analysis_tries group by 1").fetchall()
    return Counter(dict(models)), Counter(dict(reasons))


def test_an_insight_is_complete_and_carries_its_cost(db: Database, tenant: TenantId, serve: Serve) -> None:
    with db.operator() as conn:
        conn.execute("update tenants set segment = 'academia' where id = %s", [tenant])
    add(db, tenant, 1, [("contact", "Sou a Maria, quero emagrecer. maria@x.com.br"), ("agent", "Oi Maria!")])
    endpoint = serve(lambda body, number: verdict(body, fields={
        "goal": "emagrecer", "physical_condition": None, "modality": "", "schedule": "manhã, avise [EMAIL_1]"}))  # fmt: skip
    assert run(db, {tenant: line_to(endpoint)}).counts.analysed == 1
    with db.tenant(tenant) as conn:
        row = conn.execute(
            """select category::text, conversion_score, interest::text, lead_name, fields, evidence, model, prompt_version,
                 tokens, cost_usd > 0 from insights"""
        ).fetchone()
        sent = conn.execute("select messages, conversation_id, state from llm_calls").fetchall()
    assert row == ("lead", 85, "high", "Maria", {"goal": "emagrecer", "schedule": "manhã, avise maria@x.com.br"}, [100],
                   "gpt-4o-mini", "insight.v1", 500, True)  # fmt: skip
    assert sent == [([100, 101], 1, "done")]
    assert "maria@x" not in text_of(endpoint.requests[0])


def test_a_hostile_endpoint_loses_no_conversation_and_bills_none_twice(
    db: Database, tenant: TenantId, serve: Serve
) -> None:
    chance = random.Random(7)
    acts = [
        lambda body: Fail(429, {"retry-after": "0.02"}), lambda body: Fail(500), lambda body: Cut(), lambda body: Hang(0.5),
        lambda body: Say("{"), lambda body: verdict(body, category="customer"), lambda body: verdict(body, evidence="x"),
        lambda body: Say(refusal="no"), lambda body: Say(finish="content_filter"), lambda body: Say(finish="length"),
    ]  # fmt: skip
    with db.tenant(tenant) as conn:
        set_feature(conn, tenant, "ai", enabled=True, config={"offline_fallback": False}, actor="test")
    fill(db, tenant, 60)
    endpoint = serve(lambda body, number: verdict(body) if chance.random() < 0.5 else chance.choice(acts)(body))
    counts = run(db, {tenant: line_to(endpoint, timeout=0.3)}).counts
    models, reasons = state(db, tenant)
    assert models["gpt-4o-mini"] + reasons.total() == 60
    assert counts.analysed == models["gpt-4o-mini"] > 20
    assert {"refusal", "content_filter", "length"} & set(reasons)
    with db.tenant(tenant) as conn:
        per_conversation = conn.execute(
            "select count(*) filter (where state = 'done') from llm_calls group by conversation_id"
        ).fetchall()
        counted = conn.execute("select count(*) from llm_calls").fetchone()
        open_calls = conn.execute("select count(*) from llm_calls where state = 'open'").fetchone()
        spent = conn.execute("select usd from llm_spending where period = 'day'").fetchone()
        billed = conn.execute(
            "select sum(case state when 'unknown' then estimated_usd else cost_usd end) from llm_calls"
        ).fetchone()
    assert max(row[0] for row in per_conversation) == 1
    assert counted == (len(endpoint.requests),), "one ledger row for each request, no more and no less"
    assert open_calls == (0,)
    assert spent == billed, "the budget's figure is the ledger's sum"


def test_a_failure_is_retried_later_and_given_up_after_four_runs(db: Database, tenant: TenantId, serve: Serve) -> None:
    with db.tenant(tenant) as conn:
        set_feature(conn, tenant, "ai", enabled=True, config={"offline_fallback": False}, actor="test")
    fill(db, tenant, 1)
    endpoint = serve(lambda body, number: Fail(500))
    for tries in range(1, 6):
        run(db, {tenant: line_to(endpoint)})
        with db.tenant(tenant) as conn:
            row = conn.execute("select tries, reason, given_up, retry_at > now() from analysis_tries").fetchone()
            assert row == (min(tries, 4), "server", tries >= 4, True if tries < 4 else None)
            assert marked(conn, tenant) == {"server": 1}
            conn.execute("update analysis_tries set retry_at = now() - interval '1 s' where not given_up")
    assert len(endpoint.requests) == 16
    add(db, tenant, 2, [("contact", "outra")])
    with db.tenant(tenant) as conn:
        conn.execute("update conversation_facts set last_contact_message_at = last_contact_message_at + interval '1 day'"
                     " where conversation_id = 1")  # fmt: skip
        assert marked(conn, tenant) == {}
    endpoint.behaviour = good
    assert run(db, {tenant: line_to(endpoint)}).counts.analysed == 2, "a new message of the contact starts anew"


def test_what_is_given_up_goes_the_offline_way_where_the_tenant_wants_it(
    db: Database, tenant: TenantId, serve: Serve
) -> None:
    fill(db, tenant, 1)
    ended = run(db, {tenant: line_to(serve(lambda body, number: Say(refusal="no")))})
    assert ended.counts == Counts(analysed=1, offline=1)
    assert state(db, tenant) == (Counter({"offline-1": 1}), Counter({"refusal": 1}))


@pytest.mark.parametrize(("offline", "analysed"), [(True, 5), (False, 2)])
def test_a_used_up_budget_stops_before_the_call_or_goes_offline(
    db: Database, tenant: TenantId, serve: Serve, offline: bool, analysed: int
) -> None:
    endpoint = serve(good)
    fill(db, tenant, 5)
    with db.tenant(tenant) as conn:
        set_feature(conn, tenant, "ai", enabled=True, config={"offline_fallback": offline}, actor="test")
    with db.operator() as conn:
        # One call's estimate is about US$ 0.0006, its cost US$ 0.00012.
        conn.execute("insert into llm_budgets (tenant_id, day_usd) values (%s, 0.0009)", [tenant])
    ended = run(db, {tenant: line_to(endpoint)}, threads=1)
    assert ended.counts.analysed >= analysed
    assert (tenant in ended.stopped) is not offline
    with db.tenant(tenant) as conn:
        spent = conn.execute("select usd, warned_at is not null from llm_spending where period = 'day'").fetchone()
        warned = conn.execute("select count(*) from audit_log where action = 'ai.budget_warning'").fetchone()
    assert spent
    assert spent[0] <= 0.0009
    assert spent[1]
    assert warned == (1,)
    models, _ = state(db, tenant)
    assert (models["offline-1"] > 0) is offline
    assert models["gpt-4o-mini"] == len(endpoint.requests) < 5


def test_a_huge_tenant_does_not_starve_a_small_one(
    db: Database, make_tenant: Callable[..., TenantId], serve: Serve
) -> None:
    huge, small = make_tenant(), make_tenant()
    fill(db, huge, 40)
    fill(db, small, 3)
    order: list[TenantId] = []
    run(
        db,
        dict.fromkeys([huge, small], line_to(serve(good))),
        threads=1,
        report=lambda tenant, counts: order.append(tenant),
    )
    assert set(order[8:11]) == {small}
    assert Counter(order) == {huge: 40, small: 3}


def test_conversations_of_one_number_of_two_tenants_both_stay_in_hand(
    db: Database, make_tenant: Callable[..., TenantId], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each tenant's first source numbers its conversations from 1. One is done at once, the other takes long."""
    monkeypatch.setattr(running, "LEASE", timedelta(seconds=0.06))  # a third of it between two beats
    tenants = make_tenant(), make_tenant()
    ends: list[Any] = []

    def slow(body: Json, number: int) -> Say:
        for _ in range(2 if number == 1 else 0):
            time.sleep(0.5)
            for tenant in tenants:
                with db.tenant(tenant) as conn:
                    ends.extend(conn.execute("select claimed_until from analysis_tries").fetchall())
        return good(body, number)

    line = line_to(serve(slow))
    for tenant in tenants:
        fill(db, tenant, 1)
    assert run(db, dict.fromkeys(tenants, line)).counts.analysed == 2
    early, late = ends
    assert early < late


def test_workers_share_the_work_and_none_is_done_twice(db: Database, tenant: TenantId, serve: Serve) -> None:
    fill(db, tenant, 30)
    endpoint = serve(good, latency=0.02)
    with ThreadPoolExecutor(3) as threads:
        runs = [threads.submit(run, db, {tenant: line_to(endpoint)}, threads=3) for _ in range(3)]
        assert sum(each.result().counts.analysed for each in runs) == 30
    assert len(endpoint.requests) == 30


def test_without_a_valid_key_one_call_is_enough_to_know(db: Database, tenant: TenantId, serve: Serve) -> None:
    fill(db, tenant, 12)
    endpoint = serve(lambda body, number: Fail(401))
    ended = run(db, {tenant: line_to(endpoint)}, threads=1)
    assert ended.stopped == {tenant}
    assert len(endpoint.requests) == 1
    with db.tenant(tenant) as conn:
        assert conn.execute("select count(*) from analysis_tries where claimed_until > now()").fetchone() == (0,)


def analyze(
    settings: Settings, endpoint: Endpoint, db: Database, tenant: TenantId, *options: str
) -> subprocess.Popen[bytes]:
    """`prosa analyze` of this tenant, in a process of its own."""
    with db.tenant(tenant) as conn:
        [slug] = conn.execute("select slug from tenants where id = %s", [tenant]).fetchone() or [""]
    environment = {**os.environ, "PROSA_HOME": str(settings.prosa_home), "SECRET_KEY": settings.secret_key or "",
                   "OPENAI_API_KEY": "test", "OPENAI_BASE_URL": endpoint.url,
                   "OPENAI_REQUESTS_PER_MINUTE": "60000", "OPENAI_TOKENS_PER_MINUTE": "200000000"}  # fmt: skip
    command = [sys.executable, "-m", "prosa", "analyze", "--tenant", slug, "--json", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)


def wait_until_served(endpoint: Endpoint, answers: int, process: subprocess.Popen[bytes]) -> None:
    while endpoint.served < answers and process.poll() is None:
        time.sleep(0.02)


def test_kill_9_in_the_middle_loses_nothing(settings: Settings, db: Database, tenant: TenantId, serve: Serve) -> None:
    fill(db, tenant, 40)
    endpoint = serve(good, latency=0.1)
    worker = analyze(settings, endpoint, db, tenant)
    wait_until_served(endpoint, 15, worker)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    with db.tenant(tenant) as conn:
        conn.execute(
            "update analysis_tries set claimed_until = now() where claimed_until > now()"
        )  # half a minute later
        conn.execute("update llm_calls set started_at = started_at - interval '1 hour' where state = 'open'")
    before = state(db, tenant)[0]["gpt-4o-mini"]
    assert 0 < before < 40
    out, _ = analyze(settings, endpoint, db, tenant).communicate(timeout=60)
    [done] = json.loads(out)
    assert done["analysed"] == 40 - before
    assert state(db, tenant) == (Counter({"gpt-4o-mini": 40}), Counter())
    with db.tenant(tenant) as conn:
        done_calls = conn.execute(
            "select count(*), count(distinct conversation_id) from llm_calls where state = 'done'"
        ).fetchone()
        left = conn.execute("select count(*) from llm_calls where state = 'open'").fetchone()
    assert done_calls == (40, 40), "billed with the insight, in one transaction"
    assert left == (0,)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_is_told_to_end_keeps_what_was_asked_and_asks_nothing_more(
    settings: Settings, db: Database, tenant: TenantId, serve: Serve, number: signal.Signals
) -> None:
    fill(db, tenant, 60)
    endpoint = serve(good, latency=0.5)
    process = analyze(settings, endpoint, db, tenant)
    wait_until_served(endpoint, 8, process)
    process.send_signal(number)
    assert process.wait(10) == 128 + number
    assert endpoint.served <= 24
    with db.tenant(tenant) as conn:
        assert conn.execute("select count(*) from analysis_tries where claimed_until > now()").fetchone() == (0,)
        assert conn.execute("select count(*) from llm_calls where state = 'open'").fetchone() == (0,)
    assert state(db, tenant)[0]["gpt-4o-mini"] == endpoint.served


def test_a_dry_run_spends_nothing_and_says_what_it_would_cost(
    settings: Settings, db: Database, tenant: TenantId, serve: Serve
) -> None:
    fill(db, tenant, 3)
    service.analyse_tenant(db, tenant, limit=1)
    endpoint = serve(good)
    process = analyze(settings, endpoint, db, tenant, "--dry-run", "--again")
    [would] = json.loads(process.communicate(timeout=60)[0])
    assert would["conversations"] == 3, "the one that was judged offline, too"
    with db.tenant(tenant) as conn:
        assert store.count_stale(conn, tenant) == 2, "and it is not judged for being asked about"
    assert 0.0003 < would["usd"] < 0.01
    assert would["brl"] == pytest.approx(would["usd"] * 5.4571, rel=0.1)
    assert would["marked"] == {}
    assert not endpoint.requests


def test_what_was_judged_offline_is_judged_again_once_there_is_a_key(
    settings: Settings, db: Database, tenant: TenantId, serve: Serve
) -> None:
    """No more than the limit, the newest first; what a person said stays."""
    fill(db, tenant, 3)
    service.analyse_tenant(db, tenant)
    endpoint = serve(good)
    with db.tenant(tenant) as conn:
        correct(conn, tenant, 3, values={"lead_name": "Rita"}, by="user:7")

    process = analyze(settings, endpoint, db, tenant, "--again", "--limit", "2")
    [done] = json.loads(process.communicate(timeout=60)[0])
    assert done["analysed"] == 2
    with db.tenant(tenant) as conn:
        found = conn.execute("select lead_name, model from insights order by conversation_id desc").fetchall()
        assert store.count_stale(conn, tenant) == 0, "the worker finds nothing that nobody asked for"
    assert found[0] == ("Rita", "gpt-4o-mini")
    assert [model for _, model in found] == ["gpt-4o-mini", "gpt-4o-mini", "offline-1"]
