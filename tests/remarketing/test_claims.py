"""At the claim everything is asked again: what was allowed when the draft was approved may be forbidden now."""

from datetime import timedelta

import pytest
from tests.remarketing.conftest import ALWAYS, BY, CONVERSATIONS, LONG, NOW, SHORT, Company

from prosa.conversations import messages, outbox
from prosa.conversations.model import NewMessage, Owner
from prosa.conversations.outbox import Content
from prosa.remarketing import campaigns, claims, segments, whatsapp_templates
from prosa.remarketing.campaign_model import CampaignState
from prosa.remarketing.definition import define
from prosa.remarketing.model import DraftState, Reason
from prosa.remarketing.whatsapp_templates import FoundTemplate
from prosa.tenancy.tenants import set_suspended

S = DraftState
LATER = NOW + timedelta(minutes=5)


def test_a_due_draft_is_claimed_once(company: Company) -> None:
    draft = company.scheduled(company.hears())
    claimed = company.claim(draft.id)
    assert claimed and (claimed.state, claimed.claimed_at, claimed.attempts) == (S.CLAIMED, NOW, 1)
    assert company.claim(draft.id) is None


@pytest.mark.parametrize("step", ["unschedule", "take_back", "reject", "edit"])
def test_what_is_no_longer_scheduled_is_not_claimed(company: Company, step: str) -> None:
    draft = company.scheduled(company.hears())
    _ = company.edit(draft, body="Outro") if step == "edit" else getattr(company, step)(draft)
    assert company.claim(draft.id) is None


def test_an_approval_is_not_taken_back_from_a_sender(company: Company) -> None:
    draft = company.scheduled(company.hears())
    assert company.claim(draft.id)
    assert company.take_back(draft).refused == [draft.id]
    assert company.draft(draft.id).state is S.CLAIMED


def test_nothing_is_claimed_before_its_time_or_while_remarketing_is_off(company: Company) -> None:
    draft = company.write(company.hears())
    company.approve(draft)
    company.schedule(draft, at=LATER)
    assert company.claim(draft.id) is None
    company.rules(enabled=False, hours=ALWAYS)
    assert company.claim(draft.id, now=LATER) is None
    company.rules(hours=ALWAYS)
    assert company.claim(draft.id, now=LATER)


def _opts_out(company: Company, _: int) -> None:
    company.opts_out(SHORT)


def _says_stop(company: Company, _: int) -> None:
    company.hears(body="PARAR!", at=NOW - timedelta(minutes=1))


def _withdraws(company: Company, _: int) -> None:
    company.consents(True, at=NOW - timedelta(days=1))
    company.consents(False, SHORT)


def _is_blocked(company: Company, _: int) -> None:
    with company.db.tenant(company.tenant) as conn:
        conn.execute("update contacts set blocked = true where tenant_id = %s", [company.tenant])


def _writes(company: Company, _: int) -> None:
    company.hears(SHORT, at=LATER)


def _is_answered(company: Company, _: int) -> None:
    company.answers(at=LATER)


def _converts(company: Company, conversation: int) -> None:
    company.converts(conversation)


def _wants_consents(company: Company, _: int) -> None:
    company.rules(hours=ALWAYS, require_consent=True)


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (_opts_out, Reason.OPTED_OUT), (_says_stop, Reason.OPTED_OUT), (_withdraws, Reason.CONSENT_WITHDRAWN),
        (_is_blocked, Reason.BLOCKED), (_writes, Reason.MOVED_ON), (_is_answered, Reason.MOVED_ON),
        (_converts, Reason.HAS_CONVERTED), (_wants_consents, Reason.CONSENT_MISSING),
    ],
)  # fmt: skip
def test_what_happened_since_the_approval_suppresses(company: Company, happens, reason: Reason) -> None:
    conversation = company.hears()
    draft = company.scheduled(conversation)
    happens(company, conversation)
    assert company.claim(draft.id, now=NOW + timedelta(minutes=10)) is None
    after = company.draft(draft.id)
    assert (after.state, after.reason) == (S.SUPPRESSED, reason)


@pytest.mark.parametrize("says_no", [_opts_out, _says_stop, _withdraws])
def test_who_wanted_no_messages_gets_none_when_he_comes_back_after_his_erasure(company: Company, says_no) -> None:
    """By an import or an old list, in any spelling of his number; in the table stands none."""
    says_no(company, company.hears(at=NOW - timedelta(hours=3)))
    company.erase()
    with company.db.tenant(company.tenant) as conn:
        kept = [
            str(conn.execute(f"select to_jsonb(t) from {table} t where tenant_id = %s".encode(), [company.tenant]).fetchall())
            for table in ("suppressions", "consents", "alias_keys")
        ]  # fmt: skip
    assert any("hmac:" in rows for rows in kept)
    assert not any(LONG[3:] in rows or SHORT[3:] in rows for rows in kept)
    draft = company.scheduled(company.hears(SHORT, at=NOW - timedelta(hours=1)))
    assert company.claim(draft.id) is None
    assert company.draft(draft.id).reason in (Reason.OPTED_OUT, Reason.CONSENT_WITHDRAWN)
    stranger = company.scheduled(company.hears("+5511987654399"))
    assert company.claim(stranger.id)


def test_an_erased_contacts_own_word_lets_him_be_written_to_again(company: Company) -> None:
    """What he said through a mirrored source stands on no list of ours: there his newest word counts."""
    company.hears(body="PARAR", at=NOW - timedelta(hours=3))
    with company.db.tenant(company.tenant) as conn:  # as where Chatwoot told it
        conn.execute("delete from suppressions where tenant_id = %s", [company.tenant])
    company.erase()
    company.erase()
    assert company.claim(company.scheduled(company.hears(at=NOW - timedelta(hours=2))).id) is None
    company.hears(body="voltar", at=NOW - timedelta(hours=1))
    assert company.claim(company.scheduled(company.hears(body="ok", at=NOW)).id)


def test_a_company_that_is_shut_out_sends_nothing(company: Company) -> None:
    draft = company.scheduled(company.hears())
    with company.db.operator() as conn:
        set_suspended(conn, company.tenant, suspended=True, actor="user:9")
    assert company.claim(draft.id) is None
    with company.db.operator() as conn:
        set_suspended(conn, company.tenant, suspended=False, actor="user:9")
    assert company.claim(draft.id), "what waited goes out once it is let in again"


def test_a_stop_word_that_was_taken_back_does_not_suppress(company: Company) -> None:
    company.hears(body="sair", at=NOW - timedelta(hours=3))
    company.hears(body="voltar", at=NOW - timedelta(hours=2))
    assert company.claim(company.scheduled(company.hears(body="ok", at=NOW - timedelta(hours=1))).id)


def test_a_consent_given_again_counts(company: Company) -> None:
    company.rules(hours=ALWAYS, require_consent=True)
    company.consents(False, at=NOW - timedelta(days=2))
    company.consents(True, at=NOW - timedelta(days=1))
    assert company.claim(company.scheduled(company.hears()).id)


def test_free_text_is_not_sent_once_the_window_has_closed(company: Company) -> None:
    """24 hours after the contact's last message to this number; a template may still go (docs/domain.md, rule 19)."""
    conversation = company.hears(at=NOW - timedelta(hours=23, minutes=59))
    text = company.scheduled(conversation)
    template = company.template()
    fixed = company.scheduled(conversation, whatsapp_template_id=template.id, variables={"1": "Ana", "2": "nadar"})
    assert company.claim(text.id, now=NOW + timedelta(minutes=1)) is None
    assert company.draft(text.id).reason == Reason.WINDOW_CLOSED
    assert company.claim(fixed.id, now=NOW + timedelta(minutes=1))


@pytest.mark.parametrize(
    "found", [[FoundTemplate("HX1", "volta", "pt_BR", "MARKETING", "Oi {{1}} {{2}}", "paused")], []]
)
def test_a_template_that_lost_its_approval_is_not_sent(company: Company, found: list[FoundTemplate]) -> None:
    """Paused, or gone from the provider."""
    template = company.template()
    draft = company.scheduled(company.hears(), whatsapp_template_id=template.id, variables={"1": "Ana", "2": "x"})
    with company.db.tenant(company.tenant) as conn:
        whatsapp_templates.sync(conn, company.tenant, provider="twilio", account="AC1", found=found, now=NOW)
    assert company.claim(draft.id) is None
    assert company.draft(draft.id).reason == Reason.TEMPLATE_NOT_APPROVED


def test_quiet_hours_make_it_wait_for_the_next_opening(company: Company) -> None:
    draft = company.scheduled(company.hears())
    company.rules(hours={"opens": "09:00", "closes": "20:00"})
    night = NOW.replace(hour=23)  # 20:00 in São Paulo
    assert company.claim(draft.id, now=night) is None
    waiting = company.draft(draft.id)
    assert (waiting.state, waiting.reason) == (S.SCHEDULED, Reason.QUIET_HOURS)
    assert waiting.due_at == NOW.replace(day=4, hour=12)


def test_both_forms_of_the_ninth_digit_share_one_cap(company: Company) -> None:
    """One message a week: the second conversation, under the other spelling, waits until the first is a week old."""
    first = company.scheduled(company.hears(SHORT))
    conversation = _mirrored(company, SHORT)
    second = company.scheduled(conversation, whatsapp_template_id=company.template().id, variables={"1": "a", "2": "b"})
    assert company.claim(first.id)
    assert company.claim(second.id) is None
    waiting = company.draft(second.id)
    assert (waiting.reason, waiting.due_at) == (Reason.CONTACT_CAP, NOW + timedelta(days=7))
    assert company.claim(second.id, now=NOW + timedelta(days=7))


def _mirrored(company: Company, phone: str) -> int:
    """A conversation of the same person in Chatwoot."""
    contact, inbox, conversation = 1_00000000001, 1_00000000002, 1_00000000003
    with company.db.tenant(company.tenant) as conn:
        values = {"t": company.tenant, "contact": contact, "inbox": inbox, "conversation": conversation, "phone": phone}
        conn.execute("insert into contacts (tenant_id, id, phone) values (%(t)s, %(contact)s, %(phone)s)", values)
        conn.execute("insert into inboxes (tenant_id, id, channel) values (%(t)s, %(inbox)s, 'whatsapp')", values)
        conn.execute(
            """insert into conversations (tenant_id, id, source, inbox_id, contact_id)
               values (%(t)s, %(conversation)s, 'chatwoot', %(inbox)s, %(contact)s)""",
            values,
        )
    return conversation


def test_a_failed_try_leaves_the_cap_as_it_was(company: Company) -> None:
    draft = company.scheduled(company.hears())
    claimed = company.claim(draft.id)
    assert claimed
    with company.db.tenant(company.tenant) as conn:
        released = claims.release(conn, company.tenant, claimed, by="job:test", now=NOW, reason="busy")
    assert released and (released.state, released.due_at) == (S.SCHEDULED, NOW + timedelta(minutes=2))
    assert company.claim(draft.id, now=LATER)


def test_the_messaging_limit_counts_unique_contacts_in_24_hours(company: Company) -> None:
    """Meta's limit is on contacts whom the company writes to first; answers within the window are free."""
    company.rules(hours=ALWAYS, messaging_limit=2, contact_cap={"messages": 2, "days": 1})
    template = company.template()
    variables = {"1": "Ana", "2": "nadar"}
    phones = [f"+55119876500{n:02}" for n in range(4)]
    drafts = [
        company.scheduled(company.hears(p), whatsapp_template_id=template.id, variables=variables) for p in phones[:3]
    ]
    again = company.scheduled(drafts[0].conversation_id, whatsapp_template_id=template.id, variables=variables)
    answer = company.scheduled(company.hears(phones[3]))
    assert company.claim(drafts[0].id) and company.claim(drafts[1].id, now=LATER)
    assert company.claim(drafts[2].id, now=LATER) is None
    assert company.draft(drafts[2].id).reason == Reason.MESSAGING_LIMIT
    assert company.claim(again.id, now=LATER), "the same contact is no further one"
    assert company.claim(answer.id, now=LATER), "free text within the window is no conversation that we began"
    day_after = NOW + timedelta(hours=24, minutes=6)
    assert company.claim(drafts[2].id, now=day_after)


def test_templates_that_are_no_drafts_count_toward_the_messaging_limit(company: Company) -> None:
    """Meta counts what the company sent, whoever at the company sent it."""
    company.rules(hours=ALWAYS, messaging_limit=1)
    template, first, second = company.template(), company.hears("+5511987650001"), company.hears("+5511987650002")
    with company.db.tenant(company.tenant) as conn:
        new = NewMessage(Owner.SUPPORT, "Sua aula é amanhã.")
        receipt = messages.add_message(conn, company.tenant, first, new, policy=CONVERSATIONS, by=BY, now=NOW)
        outbox.post(conn, company.tenant, receipt, Content("HX9"), now=NOW)
    [draft, same] = [company.scheduled(talk, now=LATER, whatsapp_template_id=template.id, variables={"1": "Ana", "2": "nadar"})
                     for talk in (second, first)]  # fmt: skip
    assert company.claim(draft.id, now=LATER), "what still waits in the outbox is not sent"
    with company.db.tenant(company.tenant) as conn:
        conn.execute("update deliveries set state = 'sent', claimed_at = %s where content_sid = 'HX9'", [NOW])
        conn.execute("update drafts set state = 'failed' where id = %s", [draft.id])
    draft = company.scheduled(second, now=LATER, whatsapp_template_id=template.id, variables={"1": "Ana", "2": "nadar"})
    assert company.claim(draft.id, now=LATER) is None
    assert company.draft(draft.id).reason == Reason.MESSAGING_LIMIT
    assert company.claim(same.id, now=LATER), "the contact counts already"


def test_a_campaigns_caps_and_its_pause_hold_at_the_claim(company: Company) -> None:
    with company.db.tenant(company.tenant) as conn:
        segment = segments.save(conn, company.tenant, "s", define({}), actor="user:1")
        campaign = campaigns.create(conn, company.tenant, {
            "name": "volta", "segment_id": segment.id, "variants": [{"name": "a", "author": "ai"}], "cap": 2, "daily_cap": 1,
        }, tenant_variables={}, actor="user:1")  # fmt: skip
    template = company.template()
    drafts = [
        company.scheduled(company.hears(f"+55119876510{n:02}"), campaign_id=campaign.id,
                          whatsapp_template_id=template.id, variables={"1": "Ana", "2": "nadar"}) for n in range(3)
    ]  # fmt: skip
    assert company.claim(drafts[0].id) is None
    assert company.draft(drafts[0].id).reason == Reason.CAMPAIGN_PAUSED
    with company.db.tenant(company.tenant) as conn:
        campaigns.set_state(conn, company.tenant, campaign.id, CampaignState.ACTIVE, actor="user:1")
    soon = NOW + timedelta(hours=1)
    assert company.claim(drafts[0].id, now=soon)
    assert company.claim(drafts[1].id, now=soon) is None
    assert company.draft(drafts[1].id).reason == Reason.CAMPAIGN_DAILY_CAP
    assert company.claim(drafts[1].id, now=soon + timedelta(hours=24))
    assert company.claim(drafts[2].id, now=soon + timedelta(hours=48)) is None
    assert company.draft(drafts[2].id).reason == Reason.CAMPAIGN_OVER


def test_a_lost_claim_is_unknown_and_never_sent_again(company: Company) -> None:
    draft = company.scheduled(company.hears())
    company.claim(draft.id)
    with company.db.tenant(company.tenant) as conn:
        assert claims.give_up_lost(conn, company.tenant, by="job:test", now=LATER) == 0
        assert claims.give_up_lost(conn, company.tenant, by="job:test", now=NOW + timedelta(minutes=11)) == 1
    assert company.draft(draft.id).state is S.UNKNOWN
    assert company.claim(draft.id, now=NOW + timedelta(days=30)) is None
    other = company.scheduled(company.hears(LONG, at=NOW), now=NOW)
    assert company.claim(other.id) is None, "what may have gone out counts toward the cap"
