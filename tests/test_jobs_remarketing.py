"""Remarketing's clock: each tenant sends in a job of its own, and one tenant's trouble keeps no other waiting."""

from datetime import UTC, datetime, timedelta

from tests.remarketing.conftest import ALWAYS, Company, company

from prosa.jobs import remarketing as jobs
from prosa.remarketing import policy
from prosa.remarketing.model import DraftState, Via
from prosa.tenancy.features import set_feature

__all__ = ["company"]


def test_a_due_draft_is_put_into_the_outbox(company: Company) -> None:
    now = datetime.now(UTC)
    company.rules(hours=ALWAYS | {"closes": "23:59:59"})
    draft = company.scheduled(company.hears(at=now - timedelta(hours=1)), now=now)
    with company.db.tenant(company.tenant) as conn:
        rules = policy.read(conn, company.tenant)
    jobs.send_one(company.db, company.tenant, draft.id, Via.TWILIO, rules)
    sent = company.draft(draft.id)
    assert sent.state is DraftState.CLAIMED
    assert sent.message_id is not None


def test_the_same_job_waits_only_once(company: Company) -> None:
    for _ in range(2):
        jobs._enqueue_once(
            company.db, "remarketing.send", f"remarketing.send {company.tenant}", tenant_id=company.tenant
        )
    assert company.db.platform is not None
    with company.db.platform.connection() as conn:
        row = conn.execute(
            """select count(*) from procrastinate_jobs
               where task_name = 'remarketing.send' and (args ->> 'tenant_id')::bigint = %s""",
            [company.tenant],
        ).fetchone()
    assert row == (1,)


def test_rules_that_cannot_be_read_stop_their_tenant_alone(company: Company, make_tenant) -> None:
    broken = make_tenant()
    with company.db.tenant(broken) as conn:
        set_feature(conn, broken, policy.FEATURE, enabled=True, actor="user:1", config={"hours": "always"})
    done = []

    def work(tenant: int) -> None:
        with company.db.tenant(tenant) as conn:
            policy.read(conn, tenant)
        done.append(tenant)

    jobs._for_each([broken, company.tenant], work)
    assert done == [company.tenant]
