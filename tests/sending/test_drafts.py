"""Drafts on their way out: claimed once, sent once, and followed to what became of them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.gateways.chatwoot import twin as chatwoot
from tests.gateways.chatwoot.twin import TOKEN, Twin
from tests.remarketing.conftest import ALWAYS, CONVERSATIONS, NOW, Company, company

from prosa.gateways.chatwoot import rest
from prosa.remarketing import policy, recipients
from prosa.remarketing.following import follow
from prosa.remarketing.model import Draft, DraftState
from prosa.sending import draft_file, drafts
from prosa.sources import chatwoot_api

__all__ = ["company"]  # a fixture

S = DraftState
KEYS = ["k"]
LATER = NOW + timedelta(minutes=5)
CONTACT, INBOX, CONVERSATION = 1_00000000001, 1_00000000005, 1_00000000003


def post(company: Company, draft: Draft, *, now=NOW) -> Draft | None:
    with company.db.tenant(company.tenant) as conn:
        rules = policy.read(conn, company.tenant)
        return drafts.post_by_twilio(conn, company.tenant, draft.id, policy=rules, conversations=CONVERSATIONS, now=now)


def after_following(company: Company, draft: Draft, *, now=LATER) -> Draft:
    with company.db.tenant(company.tenant) as conn:
        follow(conn, company.tenant, policy=policy.read(conn, company.tenant), now=now)
    return company.draft(draft.id)


def set_delivery(company: Company, state: str) -> None:
    with company.db.tenant(company.tenant) as conn:
        conn.execute("update deliveries set state = %s::delivery_state where tenant_id = %s", [state, company.tenant])


def test_the_claim_the_message_and_its_delivery_are_one_transaction(company: Company) -> None:
    template = company.template()
    draft = company.scheduled(company.hears(), whatsapp_template_id=template.id, variables={"1": "Ana", "2": "nadar"})
    posted = post(company, draft)
    assert posted and posted.state is S.CLAIMED
    assert post(company, draft) is None
    with company.db.tenant(company.tenant) as conn:
        rows = conn.execute(
            """select m.body, m.sender::text, d.content_sid, d.content_variables, d.state::text
               from messages m join deliveries d on d.tenant_id = m.tenant_id and d.message_id = m.id
               where m.tenant_id = %s and m.id = %s""",
            [company.tenant, posted.message_id],
        ).fetchall()
    assert rows == [("Oi Ana! Ainda quer nadar?", "bot", "HX1", {"1": "Ana", "2": "nadar"}, "queued")]


def test_what_the_provider_says_and_the_contact_does_moves_the_draft(company: Company) -> None:
    conversation = company.hears()
    draft = company.scheduled(conversation)
    post(company, draft)
    assert after_following(company, draft).state is S.CLAIMED, "still queued"
    for state in ("sent", "delivered", "read"):
        set_delivery(company, state)
        assert after_following(company, draft).state == state
    company.hears(at=LATER, body="Quero sim!")
    assert after_following(company, draft).state is S.REPLIED
    company.converts(conversation, at=NOW + timedelta(days=2))
    assert after_following(company, draft, now=NOW + timedelta(days=2)).state is S.CONVERTED


@pytest.mark.parametrize(("word", "state"), [("refused", S.FAILED), ("failed", S.FAILED), ("suppressed", S.SUPPRESSED),
                                             ("unknown", S.UNKNOWN)])  # fmt: skip
def test_what_did_not_arrive_is_told_as_it_is(company: Company, word: str, state: DraftState) -> None:
    draft = company.scheduled(company.hears())
    post(company, draft)
    set_delivery(company, word)
    assert after_following(company, draft).state is state


@pytest.mark.parametrize("converts", [False, True])
def test_what_never_arrived_is_neither_answered_nor_sold(company: Company, converts: bool) -> None:
    """The contact wrote or bought of his own accord before the provider's word came; heard in the other order it is the same."""
    conversation = company.hears()
    draft = company.scheduled(conversation)
    post(company, draft)
    set_delivery(company, "sent")
    company.hears(at=NOW + timedelta(minutes=1), body="Ainda tem vaga?")
    if converts:
        company.converts(conversation, at=NOW + timedelta(minutes=2))
    assert after_following(company, draft).state is (S.CONVERTED if converts else S.REPLIED)
    set_delivery(company, "failed")
    assert after_following(company, draft).state is S.FAILED
    assert after_following(company, draft).state is S.FAILED, "and stays so"


def test_a_reply_long_after_is_not_the_drafts(company: Company) -> None:
    draft = company.scheduled(company.hears())
    post(company, draft)
    set_delivery(company, "sent")
    assert after_following(company, draft).state is S.SENT
    company.hears(at=NOW + timedelta(days=15))
    assert after_following(company, draft, now=NOW + timedelta(days=15)).state is S.SENT


@pytest.fixture
def twin() -> Iterator[Twin]:
    with chatwoot.running() as running:
        yield running


@pytest.fixture
def mirrored(company: Company, twin: Twin) -> int:
    """A conversation of a connected Chatwoot; it is number 42 there."""
    with company.db.tenant(company.tenant) as conn:
        values = {
            "t": company.tenant,
            "contact": CONTACT,
            "inbox": INBOX,
            "id": CONVERSATION,
            "wrote": NOW - timedelta(hours=2),
        }
        for statement in (
            "insert into sources (tenant_id, id, kind, name, account_id) values (%(t)s, 1, 'chatwoot', 'c', 1)",
            "insert into contacts (tenant_id, id, phone) values (%(t)s, %(contact)s, '+551187650000')",
            "insert into inboxes (tenant_id, id, source_id, channel) values (%(t)s, %(inbox)s, 1, 'whatsapp')",
            """insert into conversations (tenant_id, id, source, source_id, display_id, inbox_id, contact_id)
               values (%(t)s, %(id)s, 'chatwoot', 1, 42, %(inbox)s, %(contact)s)""",
            """insert into messages (tenant_id, conversation_id, id, sender, body, created_at)
               values (%(t)s, %(id)s, 100000000900, 'contact', 'Oi', %(wrote)s)""",
        ):
            conn.execute(statement, values)
        chatwoot_api.connect(conn, company.tenant, 1, url=twin.url, token=TOKEN, secret_keys=KEYS, actor="user:1")
    return CONVERSATION


def send(company: Company, draft: Draft, *, now=NOW) -> Draft:
    """What the job does."""
    with company.db.tenant(company.tenant) as conn:
        rules = policy.read(conn, company.tenant)
        claimed = drafts.claim_for_chatwoot(conn, company.tenant, draft.id, policy=rules, secret_keys=KEYS, now=now)
    if claimed:
        outcome = rest.send_message(claimed.access, claimed.conversation, claimed.draft.body, claimed.template)
        with company.db.tenant(company.tenant) as conn:
            drafts.record_chatwoot(conn, company.tenant, claimed, outcome, now=now)
    return company.draft(draft.id)


def test_a_chatwoot_draft_leaves_by_its_api_and_is_the_message_that_the_etl_will_bring(
    company: Company, twin: Twin, mirrored: int
) -> None:
    draft = company.scheduled(mirrored, "Oi, Ana!")
    assert (draft.via, draft.contact_key) == ("chatwoot", "+5511987650000")
    sent = send(company, draft)
    assert (sent.state, sent.message_id) == (S.SENT, 1_00000000000 + twin.messages[0]["id"])
    send(company, draft)
    assert [message["content"] for message in twin.messages] == ["Oi, Ana!"]
    with company.db.tenant(company.tenant) as conn:
        conn.execute(
            """insert into messages (tenant_id, conversation_id, id, sender, body, status, created_at)
               values (%s, %s, %s, 'bot', 'Oi, Ana!', 'read', %s)""",
            [company.tenant, mirrored, sent.message_id, NOW],
        )
    assert after_following(company, draft).state is S.READ


@pytest.mark.parametrize(("behave", "state", "messages"), [("busy", S.SCHEDULED, 0), ("fails", S.UNKNOWN, 1)])
def test_a_draft_that_may_have_gone_out_is_never_sent_again(
    company: Company, twin: Twin, mirrored: int, behave: str, state: DraftState, messages: int
) -> None:
    draft = company.scheduled(mirrored)
    twin.behave = behave
    assert send(company, draft).state is state
    twin.behave = "well"
    again = send(company, draft, now=LATER)
    assert len(twin.messages) == 1
    assert again.state is (S.SENT if behave == "busy" else S.UNKNOWN)


def test_a_lost_answer_is_settled_by_the_message_that_the_etl_brings(
    company: Company, twin: Twin, mirrored: int
) -> None:
    company.rules(hours=ALWAYS, messaging_limit=None, contact_cap={"messages": 5, "days": 1})
    first, second = company.scheduled(mirrored, "Oi, Ana!"), company.scheduled(mirrored, "Oi, Ana!")
    twin.behave = "fails"
    assert [send(company, draft).state for draft in (first, second)] == [S.UNKNOWN, S.UNKNOWN]
    other = [
        (901, "Oi, Bia!", NOW),
        (902, "Oi, Ana!", NOW - timedelta(hours=1)),
        (903, "Oi, Ana! ", NOW + timedelta(seconds=3)),
    ]
    with company.db.tenant(company.tenant) as conn, conn.cursor() as cur:
        cur.executemany(
            """insert into messages (tenant_id, conversation_id, id, sender, body, status, created_at)
               values (%s, %s, %s, 'agent', %s, 'delivered', %s)""",
            [(company.tenant, mirrored, 1_00000000000 + number, body, at) for number, body, at in other],
        )
    assert after_following(company, first).state is S.DELIVERED
    assert company.draft(first.id).message_id == 1_00000000903
    assert company.log(first.id)[-2:] == [S.SENT, S.DELIVERED]
    assert company.draft(second.id).state is S.UNKNOWN, "one message settles one draft"


def test_an_api_that_was_disconnected_fails_the_draft(company: Company, twin: Twin, mirrored: int) -> None:
    draft = company.scheduled(mirrored)
    with company.db.tenant(company.tenant) as conn:
        conn.execute("update sources set api_token_encrypted = null where tenant_id = %s", [company.tenant])
    assert (send(company, draft).reason, twin.messages) == ("api_not_connected", [])


def test_without_an_api_drafts_are_handed_over_as_a_file_once(company: Company, twin: Twin, mirrored: int) -> None:
    with company.db.tenant(company.tenant) as conn:
        conn.execute("update sources set api_token_encrypted = null where tenant_id = %s", [company.tenant])
        assert recipients.find(conn, company.tenant, mirrored).via == "csv"
    draft = company.scheduled(mirrored, "=HYPERLINK(1)")
    with company.db.tenant(company.tenant) as conn:
        rules = policy.read(conn, company.tenant)
        handed = drafts.hand_over(
            conn, company.tenant, [draft.id], policy=rules, secret_keys=KEYS, by="user:1", now=NOW
        )
        assert (
            drafts.hand_over(conn, company.tenant, [draft.id], policy=rules, secret_keys=KEYS, by="user:1", now=NOW)
            == []
        )
    assert company.draft(draft.id).state is S.SENT
    lines = draft_file.as_csv(handed, {}).decode("utf-8-sig").splitlines()
    assert lines[1].startswith(f"{draft.id},+551187650000,'=HYPERLINK(1),")


def test_the_file_names_the_template_as_the_provider_does(company: Company) -> None:
    template = company.template()
    draft = company.scheduled(company.hears(), whatsapp_template_id=template.id, variables={"1": "Ana", "2": "nadar"})
    [_, line] = draft_file.as_csv([draft], {template.id: template.name}).decode("utf-8-sig").splitlines()
    assert line.split(",")[-5:-3] == ["volta", "1=Ana; 2=nadar"]


def test_the_api_token_is_kept_encrypted(company: Company, twin: Twin, mirrored: int) -> None:
    with company.db.tenant(company.tenant) as conn:
        row = conn.execute("select api_token_encrypted from sources where tenant_id = %s", [company.tenant]).fetchone()
        assert row and TOKEN.encode() not in bytes(row[0])
        access = chatwoot_api.access(conn, company.tenant, 1, KEYS)
    assert access and access.token == TOKEN
