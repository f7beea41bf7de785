"""Twilio's webhooks over HTTP: signed by Twilio's own validator, kept once, refused where they are not Twilio's."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from prosa import doctor
from prosa.db import Database
from prosa.gateways.twilio.model import Account
from prosa.settings import Settings
from twilio_world import INBOUND, Connect, Connected, new_number, new_sid


@pytest.fixture
def post(site: str, settings: Settings) -> Callable[..., httpx.Response]:
    """A function that sends a webhook as Twilio does, signed for the address of our configuration."""

    def send(
        by: Connected, form: dict[str, str], *, url: str | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        signed = by.sign(url or settings.own_url + INBOUND, form) if headers is None else headers
        return httpx.post(site + INBOUND, data=form, headers=signed, timeout=60)

    return send


def rows(db: Database, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with db.operator() as conn:
        return conn.execute(sql.encode(), values).fetchall()


def jobs(db: Database, mine: Connected, task: str) -> list[dict[str, Any]]:
    """The arguments of the tenant's jobs of one task."""
    with db.operator() as conn:
        conn.execute("reset role")
        found = conn.execute(
            """select args from procrastinate_jobs where task_name = %s and (args ->> 'tenant_id')::bigint = %s
               order by id""", [task, mine.tenant],
        ).fetchall()  # fmt: skip
    return [args for (args,) in found]


def test_a_message_is_kept_and_answered_at_once_with_an_empty_twiml(db: Database, connect: Connect, post: Any) -> None:
    mine = connect()
    answer = post(mine, form := mine.message("Olá, tudo bem? 👋"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert answer.text.endswith("<Response/>")
    [(message, conversation, body, sender)] = rows(
        db, "select id, conversation_id, body, sender::text from messages where tenant_id = %s and provider_sid = %s",
        mine.tenant, form["MessageSid"],
    )  # fmt: skip
    assert (body, sender) == ("Olá, tudo bem? 👋", "contact")
    [(source, channel, contact, ours, inbox, name)] = rows(
        db, """select c.source::text, c.channel, c.contact_address, c.our_address, i.phone, p.name from conversations c
               join inboxes i on i.tenant_id = c.tenant_id and i.id = c.inbox_id
               join contacts p on p.tenant_id = c.tenant_id and p.id = c.contact_id
               where c.tenant_id = %s and c.id = %s""", mine.tenant, conversation,
    )  # fmt: skip
    assert (source, channel, contact, ours) == ("twilio", "whatsapp", "+5511987654321", mine.number)
    assert (inbox, name) == (mine.number, "Ana Souza")
    assert jobs(db, mine, "conversations.react") == [
        {"tenant_id": mine.tenant, "conversation_id": conversation, "message_id": message}
    ]


def test_a_signature_holds_for_the_path_as_it_was_pasted_at_twilio(
    site: str, settings: Settings, connect: Connect
) -> None:
    mine = connect()
    for path in (f"{INBOUND}/", INBOUND.replace("twilio", "%74wilio")):
        form = mine.message()
        answer = httpx.post(site + path, data=form, headers=mine.sign(settings.own_url + path, form), timeout=60)
        assert answer.status_code == 200
        answer = httpx.post(site + path, data=form, headers=mine.sign(settings.own_url + INBOUND, form), timeout=60)
        assert answer.status_code == 403  # signed for another spelling of the address


def test_a_webhook_repeated_twenty_times_in_parallel_makes_one_message(
    db: Database, connect: Connect, post: Any
) -> None:
    mine = connect()
    form = mine.message()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: post(mine, form), range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert rows(db, "select count(*) from messages where tenant_id = %s", mine.tenant) == [(1,)]
    assert rows(db, "select count(*) from conversations where tenant_id = %s", mine.tenant) == [(1,)]
    assert len(jobs(db, mine, "conversations.react")) == 1


def test_a_short_code_writes_by_sms_and_is_found_and_never_by_whatsapp(
    db: Database, connect: Connect, post: Any
) -> None:
    mine = connect()
    by_sms = {"From": "12345", "To": mine.number}
    assert post(mine, mine.message("Seu código é 731", **by_sms)).status_code == 200
    assert post(mine, mine.message("E mais um", **by_sms)).status_code == 200
    assert post(mine, mine.message(**by_sms | {"From": "whatsapp:12345"})).status_code == 422
    assert rows(
        db, """select c.channel, c.contact_address, p.phone, p.identifier, count(*) from messages m
               join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
               join contacts p on p.tenant_id = c.tenant_id and p.id = c.contact_id
               where m.tenant_id = %s group by 1, 2, 3, 4""", mine.tenant,
    ) == [("sms", "12345", None, "12345", 2)]  # fmt: skip


def test_messages_within_a_hundred_milliseconds_are_all_kept_in_one_conversation(
    db: Database, connect: Connect, post: Any
) -> None:
    mine = connect()
    forms = [mine.message(f"parte {i}") for i in range(10)]
    with ThreadPoolExecutor(10) as pool:
        assert {a.status_code for a in pool.map(lambda form: post(mine, form), forms)} == {200}
    kept = rows(db, "select body, conversation_id from messages where tenant_id = %s", mine.tenant)
    assert {body for body, _ in kept} == {form["Body"] for form in forms}
    assert len({conversation for _, conversation in kept}) == 1


def refused(mine: Connected, other: Connected, settings: Settings) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """Forms and headers that must not be believed."""
    url = settings.own_url + INBOUND
    form = mine.message()
    foreign = form | {"AccountSid": other.account.sid}
    stranger = Connected(mine.tenant, Account(new_sid("AC"), "0" * 32), mine.number)
    return {
        "unsigned": (form, {}),
        "empty signature": (form, {"X-Twilio-Signature": ""}),
        "another field": (form | {"Body": "forged"}, mine.sign(url, form)),
        "a field more": (form | {"MediaUrl0": "http://127.0.0.1/"}, mine.sign(url, form)),
        "stale url": (form, mine.sign("https://old.example.com" + INBOUND, form)),
        "other route": (form, mine.sign(settings.own_url + "/webhooks/twilio/status", form)),
        "another tenant's token": (form, other.sign(url, form)),
        "another tenant's account": (foreign, other.sign(url, foreign)),
        "an unknown account": (stranger.message(), stranger.sign(url, stranger.message())),
        "no account": (form | {"AccountSid": ""}, mine.sign(url, form | {"AccountSid": ""})),
        "forwarded host": (form, {**mine.sign("https://evil.example.com" + INBOUND, form),
                                  "X-Forwarded-Host": "evil.example.com", "X-Forwarded-Proto": "https",
                                  "Host": "evil.example.com"}),
    }  # fmt: skip


def test_what_twilio_did_not_sign_for_us_is_refused_and_leaves_no_row(
    db: Database, settings: Settings, connect: Connect, post: Any
) -> None:
    mine, other = connect(), connect()
    for name, (form, headers) in refused(mine, other, settings).items():
        answer = post(mine, form, headers=headers)
        assert answer.status_code == 403, (name, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    for table in ("messages", "conversations", "contacts"):
        assert rows(db, f"select count(*) from {table} where tenant_id in (%s, %s)", mine.tenant, other.tenant) == [
            (0,)
        ]


def test_an_unknown_number_gets_a_clear_answer_and_the_operator_an_entry(
    db: Database, settings: Settings, connect: Connect, post: Any
) -> None:
    mine, number = connect(), new_number()
    form = mine.message() | {"To": f"whatsapp:{number}"}
    for _ in range(2):
        answer = post(mine, form)
        assert answer.status_code == 404 and "prosa twilio connect" in answer.json()["detail"]
    entry = "select times from unknown_numbers where tenant_id = 0 and account_sid = %s and number = %s"
    assert rows(db, entry, mine.account.sid, f"whatsapp:{number}") == [(2,)]
    assert post(mine, form, headers={}).status_code == 403, "a known account's webhook must be signed all the same"
    assert rows(db, entry, mine.account.sid, f"whatsapp:{number}") == [(2,)]
    shown = [check.found for check in doctor.examine(settings) if check.name == "unknown numbers"]
    assert f"whatsapp:{number} of {mine.account.sid} (2 times)" in shown[0]
    nobody = form | {"AccountSid": new_sid("AC")}
    assert post(mine, nobody, headers={}).status_code == 403, "what nobody signed is no webhook of Twilio's"
    assert rows(db, entry, nobody["AccountSid"], f"whatsapp:{number}") == []


def test_the_query_is_part_of_what_is_signed(site: str, settings: Settings, connect: Connect) -> None:
    mine = connect()
    form = mine.message()
    headers = mine.sign(settings.own_url + INBOUND + "?a=1", form)
    assert httpx.post(site + INBOUND + "?a=1", data=form, headers=headers).status_code == 200
    assert httpx.post(site + INBOUND + "?a=2", data=form, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "change",
    [{"MessageSid": ""}, {"MessageSid": "nonsense"}, {"NumMedia": "many"}, {"From": "whatsapp:"}, {"From": "!!"},
     {"From": "+5511987654321\x00x" * 40}],
)  # fmt: skip
def test_a_signed_message_that_makes_no_sense_is_refused_and_not_an_error_of_ours(
    connect: Connect, post: Any, change: dict[str, str]
) -> None:
    mine = connect()
    assert post(mine, mine.message() | change).status_code == 422


def test_media_place_and_advertisement_are_kept(db: Database, connect: Connect, post: Any) -> None:
    mine = connect()
    form = mine.message(
        "", NumMedia="2", MediaUrl0="https://api.twilio.com/a", MediaContentType0="image/jpeg",
        MediaUrl1="https://api.twilio.com/b", MediaContentType1="audio/ogg", Latitude="-23.5", Longitude="-46.6",
        ReferralSourceId="120200", ReferralSourceType="ad", ReferralCtwaClid="click", ReferralHeadline="Oferta",
    )  # fmt: skip
    assert post(mine, form).status_code == 200
    [(message, body, attributes)] = rows(
        db, "select id, body, attributes from messages where tenant_id = %s", mine.tenant
    )
    assert body is None and attributes == {"location": {"latitude": -23.5, "longitude": -46.6}}
    media = "select position, content_type, state::text from message_media where tenant_id = %s order by position"
    assert rows(db, media, mine.tenant) == [(0, "image/jpeg", "waiting"), (1, "audio/ogg", "waiting")]
    referral = "select message_id, ad_id, click_id, headline from ad_referrals where tenant_id = %s"
    assert rows(db, referral, mine.tenant) == [(message, "120200", "click", "Oferta")]
    assert [job["message_id"] for job in jobs(db, mine, "twilio.fetch_media")] == [message]


def test_health_names_the_addresses_to_give_to_twilio(site: str, settings: Settings) -> None:
    answer = httpx.get(site + "/webhooks/twilio/health").json()
    assert answer["status"] == "ok" and answer["inbound_url"] == settings.own_url + INBOUND
