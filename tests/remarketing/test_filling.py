"""Filling a campaign: each contact joins once, in his arm, and is written to as the window allows."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from tests.remarketing.conftest import LONG, NOW, SHORT, Company

from prosa.errors import Conflict
from prosa.remarketing import campaigns, message_templates, policy, segments, store
from prosa.remarketing.campaign_model import ArmsFixed, Campaign, CampaignChange, CampaignState
from prosa.remarketing.definition import define
from prosa.remarketing.filling import Filled, fill, join
from prosa.remarketing.model import Author, Draft, DraftState, Via
from prosa.remarketing.service import NewDraft
from prosa.remarketing.store import DraftFilter

S = DraftState
BODY = "Oi {{ nome }}, ainda quer {{ objetivo }}?"


def campaign(company: Company, variants: list[Mapping[str, Any]], **changes: Any) -> Campaign:
    with company.db.tenant(company.tenant) as conn:
        segment = segments.save(conn, company.tenant, "todos", define({}), actor="user:1")
        given = {"name": "volta", "segment_id": segment.id, "variants": variants, **changes}
        made = campaigns.create(conn, company.tenant, given, tenant_variables={}, actor="user:1")
        return campaigns.set_state(conn, company.tenant, made.id, CampaignState.ACTIVE, actor="user:1")


def own_wording(company: Company, body: str = BODY) -> dict[str, Any]:
    with company.db.tenant(company.tenant) as conn:
        rules = policy.read(conn, company.tenant)
        saved = message_templates.save(conn, company.tenant, "volta", body, policy=rules, actor="user:1")
    return {"name": "a", "author": "template", "message_template_id": saved.id}


def drafts(company: Company, made: Campaign) -> list[Draft]:
    with company.db.tenant(company.tenant) as conn:
        return store.page(conn, company.tenant, DraftFilter(campaign_id=made.id))


def leads(company: Company, count: int = 1, *, at: Any = NOW - timedelta(hours=2)) -> list[int]:
    found = [company.hears(f"+551198765{n:04}", at=at) for n in range(count)]
    for conversation in found:
        company.insight(conversation)
    return found


def test_within_the_window_the_tenants_own_wording_goes_out_as_free_text(company: Company) -> None:
    leads(company)
    made = campaign(company, [own_wording(company)])
    assert fill(company.db, company.tenant, made.id, secret_keys=(), now=NOW) == Filled(joined=1, written=1)
    [draft] = drafts(company, made)
    assert (draft.body, draft.state, draft.variant, draft.author) == (
        "Oi Ana, ainda quer natação?",
        S.DRAFTED,
        "a",
        Author.TEMPLATE,
    )
    assert fill(company.db, company.tenant, made.id, secret_keys=(), now=NOW) == Filled(), "nobody joins twice"


def test_outside_the_window_the_template_goes_out_with_its_variables(company: Company) -> None:
    leads(company, at=NOW - timedelta(days=3))
    template = company.template()
    variant = own_wording(company) | {
        "whatsapp_template_id": template.id,
        "variables": {"1": "{{ nome }}", "2": "{{ objetivo }}"},
    }
    made = campaign(company, [variant])
    fill(company.db, company.tenant, made.id, secret_keys=(), now=NOW)
    [draft] = drafts(company, made)
    assert (draft.body, draft.whatsapp_template_id) == ("Oi Ana! Ainda quer natação?", template.id)


def test_a_template_of_another_provider_holds_up_nobody_else(company: Company) -> None:
    leads(company, at=NOW - timedelta(days=3))
    company.insight(company.hears("+5511987659999"))
    template = company.template()
    with company.db.tenant(company.tenant) as conn:
        conn.execute("update whatsapp_templates set provider = 'chatwoot' where tenant_id = %s", [company.tenant])
    variables = {"1": "{{ nome }}", "2": "{{ objetivo }}"}
    made = campaign(company, [own_wording(company) | {"whatsapp_template_id": template.id, "variables": variables}])
    assert fill(company.db, company.tenant, made.id, secret_keys=(), now=NOW) == Filled(
        joined=2, written=1, suppressed=1
    )
    assert sorted(draft.reason for draft in drafts(company, made)) == ["", "template_not_approved"]
    with pytest.raises(Conflict, match="chatwoot's"):
        company.write(company.hears(), whatsapp_template_id=template.id, variables={"1": "Ana", "2": "nadar"})


def test_who_may_not_be_written_to_is_kept_with_the_reason(company: Company) -> None:
    leads(company, 2)
    leads_before = [company.hears("+5511987659999", at=NOW - timedelta(days=3))]
    company.insight(leads_before[0])
    company.opts_out("+5511987650001")
    made = campaign(company, [own_wording(company)])
    assert fill(company.db, company.tenant, made.id, secret_keys=(), now=NOW) == Filled(
        joined=3, written=1, suppressed=2
    )
    assert sorted(draft.reason for draft in drafts(company, made)) == ["", "opted_out", "window_closed"]


def test_one_person_in_two_spellings_gets_one_draft(company: Company) -> None:
    company.insight(company.hears(LONG))
    with company.db.tenant(company.tenant) as conn:
        conn.execute(
            """insert into conversations (tenant_id, source, channel, contact_address, contact_key, our_address, our_key,
                 state, expires_at)
               values (%s, 'twilio', 'whatsapp', %s, %s, '+551130000000', '+551130000000', 'progress', now())""",
            [company.tenant, SHORT, LONG],
        )
        [(second,)] = conn.execute(
            "select max(id) from conversations where tenant_id = %s", [company.tenant]
        ).fetchall()
        conn.execute(
            """insert into messages (tenant_id, conversation_id, sender, body, created_at)
               values (%s, %s, 'contact', 'Oi', %s)""",
            [company.tenant, second, NOW - timedelta(hours=1)],
        )
        company_refresh(conn, company, second)
    company.insight(second)
    made = campaign(company, [own_wording(company)])
    fill(company.db, company.tenant, made.id, secret_keys=(), now=NOW)
    assert [draft.conversation_id for draft in drafts(company, made)] == [second], "the newest conversation"


def company_refresh(conn: Any, company: Company, conversation: int) -> None:
    from prosa.facts.refresh import refresh

    refresh(conn, company.tenant, [conversation])


def test_the_holdout_group_gets_nothing_and_the_cap_ends_joining(company: Company) -> None:
    leads(company, 30)
    made = campaign(company, [own_wording(company)], holdout_percent=50, cap=8)
    fill(company.db, company.tenant, made.id, secret_keys=(), now=NOW)
    fill(company.db, company.tenant, made.id, secret_keys=(), now=NOW)
    with company.db.tenant(company.tenant) as conn:
        arms = dict(conn.execute(
            """select coalesce(variant, 'holdout'), count(*) from campaign_members
               where tenant_id = %s group by 1""", [company.tenant]).fetchall())  # fmt: skip
    assert arms["a"] == 8 == len(drafts(company, made))
    assert arms["holdout"] > 0


def test_the_tenants_rule_may_approve(company: Company) -> None:
    leads(company)
    made = campaign(company, [own_wording(company)], auto_approve=True)
    fill(company.db, company.tenant, made.id, secret_keys=(), now=NOW)
    [draft] = drafts(company, made)
    assert (draft.state, draft.approved_by) == (S.SCHEDULED, f"campaign:{made.id}")


def test_a_campaign_may_go_by_file_from_now_on(company: Company) -> None:
    leads(company, 2)
    made = campaign(company, [own_wording(company)])
    fill(company.db, company.tenant, made.id, secret_keys=(), now=NOW, limit=1)
    with company.db.tenant(company.tenant) as conn:
        by_file = CampaignChange(via_csv=True)
        campaigns.change(conn, company.tenant, made.id, by_file, tenant_variables={}, actor="user:1")
    fill(company.db, company.tenant, made.id, secret_keys=(), now=NOW)
    assert sorted(draft.via for draft in drafts(company, made)) == [Via.CSV, Via.TWILIO]


def test_without_an_answer_of_the_model_the_next_run_asks_again(company: Company) -> None:
    leads(company)
    made = campaign(company, [{"name": "a", "author": "ai", "instructions": "convide para uma aula"}])
    answers = [None, NewDraft(body="Oi, Ana!", author=Author.AI, model="m")]
    asked = []

    def write(db: Any, tenant: Any, given: Any, *, instructions: str, template: Any) -> NewDraft | None:
        asked.append((instructions, [message.body for message in given.history], template))
        return answers[len(asked) - 1]

    assert fill(company.db, company.tenant, made.id, secret_keys=(), now=NOW, write=write) == Filled(
        joined=1, unworded=1
    )
    assert fill(company.db, company.tenant, made.id, secret_keys=(), now=NOW, write=write) == Filled(written=1)
    assert asked[0] == ("convide para uma aula", ["Quanto custa?"], None)
    assert [draft.body for draft in drafts(company, made)] == ["Oi, Ana!"]


def test_a_wording_that_does_not_fit_a_contact_is_kept_as_failed(company: Company) -> None:
    company.insight(leads(company, 0) or company.hears(), fields="{}")
    made = campaign(company, [own_wording(company, "{{ campos.plano }}")])
    fill(company.db, company.tenant, made.id, secret_keys=(), now=NOW)
    [draft] = drafts(company, made)
    assert draft.state is S.FAILED and "plano" in draft.reason


@pytest.mark.parametrize("state", [CampaignState.PAUSED, CampaignState.ENDED])
def test_a_campaign_that_is_not_active_is_not_filled(company: Company, state: CampaignState) -> None:
    leads(company)
    made = campaign(company, [own_wording(company)])
    with company.db.tenant(company.tenant) as conn:
        campaigns.set_state(conn, company.tenant, made.id, state, actor="user:1")
    assert fill(company.db, company.tenant, made.id, secret_keys=(), now=NOW) == Filled()


def test_arms_that_change_while_the_first_contacts_join_wait_and_are_refused(company: Company) -> None:
    """Who has joined under the old arms must be seen by whoever would change them, also before the joining is committed."""
    leads(company)
    made = campaign(company, [own_wording(company)])
    joined, tried = threading.Event(), threading.Event()

    def change() -> bool:
        joined.wait(10)
        with company.db.tenant(company.tenant) as conn, pytest.raises(ArmsFixed):
            tried.set()
            campaigns.change(
                conn, company.tenant, made.id, CampaignChange(holdout_percent=50), tenant_variables={}, actor="user:1"
            )
        return True

    with ThreadPoolExecutor(1) as pool:
        changing = pool.submit(change)
        with company.db.tenant(company.tenant) as conn:
            held = campaigns.get(conn, company.tenant, made.id, lock="for share")
            assert join(conn, company.tenant, held, now=NOW, limit=10) == 1
            joined.set()
            tried.wait(10)
            time.sleep(0.2)
            assert not changing.done(), "it waits"
        assert changing.result(10)
