"""Analysis by a model: many conversations against an endpoint of 200 ms latency; who bounds it, and what memory it takes.

    python bench/analysis_llm.py [--conversations 10000] [--rate 3000] [--threads 16] [--latency 0.2]

The worker is a process of its own, so its memory is its own. A server is started under a temporary PROSA_HOME.
"""

import argparse
import json
import multiprocessing as mp
import resource
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from installation import installation

from analysis.llm.endpoint import Say, serving  # the endpoint's twin of the tests
from prosa.analysis.llm.calls import Line
from prosa.analysis.llm.limiter import SHARE, Quota
from prosa.analysis.llm.run import run
from prosa.db import Database, open_database
from prosa.db.connection import TenantId
from prosa.gateways.llm.openai import OpenAiGateway
from prosa.settings import Settings
from prosa.tenancy.tenants import add_tenant

VERDICT = json.dumps({
    "summary": "Quer se matricular.", "sentiment": "neutral", "sentiment_score": 0, "category": "lead",
    "conversion_score": 75, "lead_name": None, "lead_goal": None, "next_step": "Oferecer horário.", "evidence": [0],
    "confidence": 0.9, "fields": {},
})  # fmt: skip


def fill(db: Database, tenant: int, count: int) -> None:
    """Conversations of six messages."""
    with db.operator() as conn:
        values = {"tenant": tenant, "count": count}
        conn.execute(
            """insert into conversations (tenant_id, id, source, created_at, updated_at, last_activity_at)
               select %(tenant)s, n, 'chatwoot', now() - n * interval '1 minute', now(), now()
               from generate_series(1, %(count)s) n""", values)  # fmt: skip
        conn.execute(
            """insert into messages (tenant_id, conversation_id, id, sender, body, created_at)
               select %(tenant)s, n, n * 10 + m, (array['contact', 'agent'])[m %% 2 + 1]::message_sender,
                 'Bom dia, quero saber quanto custa a mensalidade, meu telefone é (11) 98765-43' || m,
                 now() - n * interval '1 minute'
               from generate_series(1, %(count)s) n, generate_series(0, 5) m""", values)  # fmt: skip
        conn.execute(
            """insert into conversation_facts (tenant_id, conversation_id, created_at, closed, messages_total, messages_contact,
                 messages_agent, messages_bot, private_notes, times_resolved, times_reopened, last_contact_message_at)
               select %(tenant)s, n, now(), false, 6, 3, 3, 0, 0, 0, 0, now() - n * interval '1 minute'
               from generate_series(1, %(count)s) n""", values)  # fmt: skip


def work(settings: Settings, tenant: int, url: str, rate: int, threads: int, found: Any) -> None:
    """Analyse all, and report memory after a tenth and at the end."""
    seen: list[int] = []

    def report(*_: Any) -> None:
        seen.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)

    with open_database(settings) as db:
        gateway = OpenAiGateway(api_key="bench", model="gpt-4o-mini", base_url=url)
        line = Line(gateway, Quota(requests_per_minute=rate, tokens_per_minute=None), patience=600)
        began = time.monotonic()
        ended = run(db, {TenantId(tenant): line}, threads=threads, report=report)
        took = time.monotonic() - began
        used = resource.getrusage(resource.RUSAGE_SELF)
    found.put({"analysed": ended.counts.analysed, "skipped": ended.counts.skipped, "seconds": round(took, 1),
               "per_minute": round(ended.counts.analysed / took * 60), "of_the_limiters_rate":
               round(ended.counts.analysed / took * 60 / (rate * SHARE), 3),
               "cpu_ms_each": round((used.ru_utime + used.ru_stime) * 1000 / max(1, ended.counts.analysed), 1),
               "memory_mb_after_a_tenth": seen[len(seen) // 10], "memory_mb_at_the_end": seen[-1]})  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--conversations", type=int, default=10_000)
    options.add_argument("--rate", type=int, default=3000, help="requests a minute")
    options.add_argument("--threads", type=int, default=16)
    options.add_argument("--latency", type=float, default=0.2, help="seconds")
    chosen = options.parse_args()
    with installation() as (settings, _):
        with open_database(settings) as db:
            with db.operator() as conn:
                tenant = add_tenant(conn, slug="bench", name="Bench", actor="bench").id
            fill(db, tenant, chosen.conversations)
        with serving(lambda body, number: Say(VERDICT), latency=chosen.latency, limit=(chosen.rate, 60.0)) as endpoint:
            spawn = mp.get_context("spawn")
            found = spawn.Queue()
            arguments = (settings, tenant, endpoint.url, chosen.rate, chosen.threads, found)
            worker = spawn.Process(target=work, args=arguments)
            worker.start()
            result = found.get()
            worker.join()
            print(json.dumps({**result, "refused_429": endpoint.refused}))


if __name__ == "__main__":
    main()
