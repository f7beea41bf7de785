"""From the API to Twilio's twin and back: a message is sent by a job, and its callbacks show in the conversation."""

import random
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient
from tests.api.conftest import ClientOf

from prosa import queue
from prosa.api.app import create_app
from prosa.db import Database
from prosa.gateways.twilio.model import Account
from prosa.sending.parts import split
from prosa.settings import Settings
from twilio_twin import Fault, News, Twin, twilio_twin
from twilio_world import Connect, Connected, new_number, new_sid

__all__ = ["twilio_twin"]

Post = Callable[[News], httpx.Response]


@pytest.fixture(scope="module")
def own_settings(settings: Settings) -> Settings:
    """An installation that the world reaches by https."""
    return replace(settings, public_url="https://prosa.example")


@pytest.fixture(scope="module")
def app(db: Database, own_settings: Settings) -> Any:
    """The application, without the dashboards."""
    return create_app(db, own_settings, dashboards=False)


@pytest.fixture
def mine(connect: Connect, twilio_twin: Twin) -> Connected:
    """A tenant whose account the twin knows."""
    account = Account(new_sid("AC"), secrets.token_hex(16))
    twilio_twin.tokens[account.sid] = account.token
    return connect(account=account)


@pytest.fixture
def client(client_of: ClientOf, mine: Connected) -> TestClient:
    """A client of the tenant."""
    return client_of(mine.tenant)


@pytest.fixture
def work(
    db: Database, own_settings: Settings, twilio_twin: Twin, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """A function that does all jobs that wait, as the worker does, with the twin for Twilio."""
    ours = replace(own_settings, twilio_api_base_url=twilio_twin.url)
    monkeypatch.setattr("prosa.jobs.sending.get_settings", lambda: ours)

    def run() -> None:
        assert db.platform_dsn
        with queue.worker_app(db.platform_dsn) as worker:
            worker.run_worker(
                wait=False, install_signal_handlers=False, additional_context={"db": db}, queues=["sending"]
            )

    return run


@pytest.fixture
def post(app: Any) -> Post:
    """A function that delivers a callback as Twilio does."""

    def send(news: News) -> httpx.Response:
        path = news.url.removeprefix("https://prosa.example")
        return TestClient(app).post(path, data=news.form, headers={"X-Twilio-Signature": news.signature})

    return send


def talk(client: TestClient, mine: Connected, *, wrote: bool = True) -> int:
    """A conversation in which the contact has written."""
    pair = {"owner_id": mine.tenant, "from_number": new_number(), "to_number": mine.number, "channel": "whatsapp"}
    conversation: int = client.post("/conversations/", json=pair).json()["conv_id"]
    if wrote:
        add(client, conversation, "Oi, vocês abrem no sábado?", "user")
    return conversation


def add(client: TestClient, conversation: int, body: str, owner: str = "agent", **more: Any) -> dict[str, Any]:
    given = {"body": body, "message_owner": owner, "direction": "inbound" if owner == "user" else "outbound", **more}
    answer = client.post(f"/conversations/{conversation}/messages", json=given)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def delivery(client: TestClient, conversation: int) -> dict[str, Any] | None:
    """Of the conversation's last message."""
    found: dict[str, Any] | None = client.get(f"/conversations/{conversation}/messages").json()["items"][-1]["delivery"]
    return found


def test_a_message_goes_out_and_its_way_shows(
    client: TestClient, mine: Connected, work: Callable[[], None], post: Post, twilio_twin: Twin
) -> None:
    conversation = talk(client, mine)
    assert delivery(client, conversation) is None
    queued = add(client, conversation, "Abrimos sim!")["delivery"]
    assert (queued["state"], queued["error_code"], queued["explanation"]) == ("queued", None, None)
    work()
    [taken] = twilio_twin.taken
    assert taken.fields["Body"] == "Abrimos sim!"
    assert delivery(client, conversation)["state"] == "sent"
    news = twilio_twin.story(taken) * 2
    random.Random(1).shuffle(news)
    assert {post(each).status_code for each in news} == {204}
    assert delivery(client, conversation)["state"] == "read"


def test_a_text_that_is_too_long_for_twilio_goes_out_in_parts_once_and_in_order(
    client: TestClient, mine: Connected, work: Callable[[], None], twilio_twin: Twin
) -> None:
    conversation = talk(client, mine)
    sentences = [f"Esta é a frase número {number} de uma resposta muito longa." for number in range(60)]
    given = {"body": " ".join(sentences), "message_owner": "support", "direction": "outbound"}
    path, key = f"/conversations/{conversation}/messages", {"Idempotency-Key": "resposta-1"}
    first, again = (client.post(path, json=given, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert len(first.json()["parts"]) == 3
    assert again.json()["parts"] == first.json()["parts"]
    assert client.post(path, json={**given, "body": given["body"] + " E mais."}, headers=key).status_code == 409
    work()
    sent = [taken.fields["Body"] for taken in twilio_twin.taken]
    assert all(len(body) <= 1600 for body in sent)
    assert " ".join(sent) == given["body"]
    assert [item["body"] for item in client.get(path).json()["items"][1:]] == sent


def test_a_message_that_waits_for_twilio_says_so_and_until_when(
    client: TestClient, mine: Connected, work: Callable[[], None], twilio_twin: Twin
) -> None:
    conversation = talk(client, mine)
    twilio_twin.faults.append(Fault.TOO_MANY)
    queued_at = add(client, conversation, "Abrimos sim!")["delivery"]["next_try_at"]
    work()
    waiting = delivery(client, conversation)
    assert waiting["state"] == "queued"
    assert "tentaremos de novo" in waiting["explanation"]
    assert waiting["next_try_at"] > queued_at


def test_free_text_outside_the_window_is_refused_with_the_reason(
    client: TestClient, mine: Connected, work: Callable[[], None], twilio_twin: Twin
) -> None:
    conversation = talk(client, mine, wrote=False)
    add(client, conversation, "Sentimos sua falta!")
    work()
    found = delivery(client, conversation)
    assert found["state"] == "refused"
    assert "24 horas" in found["explanation"]
    client.headers["Accept-Language"] = "en-GB,en;q=0.9"
    assert "24 hours" in delivery(client, conversation)["explanation"]
    assert not twilio_twin.taken


def test_a_template_goes_out_where_free_text_may_not(
    client: TestClient, mine: Connected, work: Callable[[], None], twilio_twin: Twin
) -> None:
    conversation = talk(client, mine, wrote=False)
    template = {"content_sid": "HX" + "0" * 32, "variables": {"1": "Ana", "2": "sábado"}}
    add(client, conversation, "Oi Ana, temos vaga no sábado.", "support", template=template)
    work()
    assert delivery(client, conversation)["state"] == "sent"
    fields = twilio_twin.taken[0].fields
    assert (fields["ContentSid"], fields["ContentVariables"]) == (
        template["content_sid"],
        '{"1": "Ana", "2": "sábado"}',
    )


def test_a_picture_goes_out_with_its_text(
    client: TestClient, mine: Connected, work: Callable[[], None], twilio_twin: Twin
) -> None:
    add(client, talk(client, mine), "Nosso mapa", media_urls=["https://exemplo.com.br/mapa.jpg"])
    work()
    fields = twilio_twin.taken[0].fields
    assert (fields["Body"], fields["MediaUrl"]) == ("Nosso mapa", "https://exemplo.com.br/mapa.jpg")


@pytest.mark.parametrize(
    ("owner", "more"),
    [
        ("user", {"media_urls": ["https://exemplo.com.br/a.jpg"]}),
        ("system", {"template": {"content_sid": "HX" + "0" * 32}}),
        ("agent", {"template": {"content_sid": "HX0"}}),
        ("agent", {"template": {"content_sid": "HX" + "0" * 32, "variables": {"1": 7}}}),
        ("agent", {"template": {"content_sid": "HX" + "0" * 32}, "media_urls": ["https://exemplo.com.br/a.jpg"]}),
        ("agent", {"media_urls": ["http://exemplo.com.br/a.jpg"]}),
        ("agent", {"media_urls": ["https://exemplo.com.br/a.jpg"] * 11}),
    ],
)
def test_what_cannot_be_sent_so_is_422(client: TestClient, mine: Connected, owner: str, more: dict[str, Any]) -> None:
    given = {"body": "Oi", "message_owner": owner, "direction": "inbound" if owner == "user" else "outbound", **more}
    assert client.post(f"/conversations/{talk(client, mine)}/messages", json=given).status_code == 422


def test_a_template_needs_a_number_that_is_connected(client: TestClient, mine: Connected) -> None:
    pair = {"owner_id": mine.tenant, "from_number": new_number(), "to_number": new_number()}
    conversation = client.post("/conversations/", json=pair).json()["conv_id"]
    given = {
        "body": "Oi",
        "message_owner": "agent",
        "direction": "outbound",
        "template": {"content_sid": "HX" + "0" * 32},
    }
    assert client.post(f"/conversations/{conversation}/messages", json=given).status_code == 422
    assert client.get(f"/conversations/{conversation}/messages").json()["items"] == []


def test_what_twilio_fails_later_shows_its_code_in_plain_words(
    client: TestClient, mine: Connected, work: Callable[[], None], post: Post, twilio_twin: Twin
) -> None:
    conversation = talk(client, mine)
    add(client, conversation, "Oi!")
    work()
    [taken] = twilio_twin.taken
    twilio_twin.outside_window.add(taken.fields["To"])
    [news] = twilio_twin.story(taken)
    assert post(news).status_code == 204
    found = delivery(client, conversation)
    assert (found["state"], found["error_code"]) == ("failed", 63016)
    assert "24 horas" in found["explanation"]


def test_only_a_person_sends_again_what_may_have_arrived(
    client: TestClient, mine: Connected, work: Callable[[], None], twilio_twin: Twin
) -> None:
    conversation = talk(client, mine)
    twilio_twin.faults.append(Fault.DROPPED)
    message = add(client, conversation, "Oi!")["id"]
    work()
    assert delivery(client, conversation)["state"] == "unknown"
    again = client.post(f"/conversations/{conversation}/messages/{message}/retry")
    assert (again.status_code, again.json()["state"]) == (202, "queued")
    assert client.post(f"/conversations/{conversation}/messages/{message}/retry").status_code == 409
    work()
    assert delivery(client, conversation)["state"] == "sent"
    assert len(twilio_twin.taken) == 2


def test_a_retry_of_what_is_not_there_is_404(client: TestClient, mine: Connected) -> None:
    conversation = talk(client, mine)
    inbound = client.get(f"/conversations/{conversation}/messages").json()["items"][0]["id"]
    other = add(client, talk(client, mine), "Oi!")["id"]
    for message in (inbound, other, 2**63 - 1):
        assert client.post(f"/conversations/{conversation}/messages/{message}/retry").status_code == 404


@pytest.mark.parametrize("wrong", ["signature", "query", "status"])
def test_a_forged_callback_is_403_and_changes_nothing(
    client: TestClient, mine: Connected, work: Callable[[], None], post: Post, twilio_twin: Twin, wrong: str
) -> None:
    conversation = talk(client, mine)
    add(client, conversation, "Oi!")
    work()
    news = twilio_twin.story(twilio_twin.taken[0])[-1]
    forged = {
        "signature": replace(news, signature="x" * 28),
        "query": replace(news, url=news.url + "0"),
        "status": replace(news, form=news.form | {"MessageStatus": "failed"}),
    }[wrong]
    assert post(forged).status_code == 403
    assert delivery(client, conversation)["state"] == "sent"


def test_a_callback_of_an_unknown_sid_is_held(
    client: TestClient, db: Database, mine: Connected, post: Post, twilio_twin: Twin, work: Callable[[], None]
) -> None:
    add(client, talk(client, mine), "Oi!")
    work()
    plain = "https://prosa.example/webhooks/twilio/status"
    early = replace(twilio_twin.taken[0], sid=new_sid("SM"))
    for url in (plain, plain + "?delivery=9223372036854775808&attempt=-1", plain + "?delivery=x&attempt=9999999999"):
        status = secrets.choice(("sent", "delivered")) + url[-1] + "\x00"  # which PostgreSQL's text cannot hold
        assert post(twilio_twin.news(early, status, url=url)).status_code == 204
    with db.tenant(mine.tenant) as conn:
        held = conn.execute(
            "select count(*) from status_callbacks where tenant_id = %s and applied_at is null", [mine.tenant]
        ).fetchone()
    assert held == (3,)


def test_an_idempotency_key_names_one_text_with_one_content_for_one_contact(
    client: TestClient, mine: Connected
) -> None:
    conversation, other = talk(client, mine), talk(client, mine)
    path = f"/conversations/{conversation}/messages"
    picture = {"media_urls": ["https://exemplo.com.br/a.jpg"]}
    long = "Esta frase se repete até passar do limite. " * 60
    cases: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "other media": (picture, {"media_urls": ["https://exemplo.com.br/b.jpg"]}),
        "media then none": (picture, {}),
        "shorter": ({"body": long}, {"body": split(long)[0]}),
        "longer": ({"body": split(long)[0]}, {"body": long}),
    }
    for name, (first, second) in cases.items():
        key = {"Idempotency-Key": name.replace(" ", "-")}
        given = {"body": "Veja!", "message_owner": "support", "direction": "outbound"}
        answers = [client.post(path, json=given | sent, headers=key).status_code for sent in (first, first, second)]
        assert answers == [201, 200, 409], name
        elsewhere = client.post(f"/conversations/{other}/messages", json=given | first, headers=key)
        assert elsewhere.status_code == 409, name
    bodies = [item["body"] for item in client.get(path, params={"limit": 200}).json()["items"]]
    assert len(bodies) == 1 + 2 + len(split(long)) + 1, "a refused repetition leaves nothing behind"
