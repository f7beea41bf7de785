"""A message's files over HTTP: for its own tenant, as a stranger's bytes, and with the reason where there are none."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from prosa.api.app import create_app
from prosa.conversations.policy import Policy
from prosa.db import Database
from prosa.gateways import media_store
from prosa.gateways.twilio import webhooks
from prosa.settings import Settings
from prosa.sources.twilio import accounts, inbound
from twilio_world import Connect, Connected

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
POLICY = Policy(timedelta(days=1), timedelta(hours=1))
PICTURE = bytes(range(256)) * 40
Client = Callable[..., httpx.Client]


@dataclass(frozen=True)
class Sent:
    """A message with a picture and a document, both in the media store, and its tenant's client."""

    mine: Connected
    conversation: int
    message: int
    client: httpx.Client

    def path(self, position: int) -> str:
        return f"/conversations/{self.conversation}/messages/{self.message}/media/{position}"


@pytest.fixture
def app(db: Database, settings: Settings, tmp_path: Path) -> FastAPI:
    """An application with a media folder of its own."""
    return create_app(db, replace(settings, prosa_home=tmp_path), dashboards=False)


@pytest.fixture
def sent(db: Database, connect: Connect, client_of: Client, tmp_path: Path) -> Sent:
    mine = connect()
    form = mine.message("", MediaUrl0="https://api.twilio.com/0", MediaContentType0="image/jpeg",
                        MediaUrl1="https://api.twilio.com/1", MediaContentType1="application/pdf")  # fmt: skip
    with db.anonymous() as conn:
        account = accounts.find_for_webhook(conn, mine.account.sid, mine.number)
    assert account
    store = Settings(prosa_home=tmp_path)
    with db.tenant(mine.tenant) as conn:
        message = inbound.receive(conn, account, webhooks.inbound(form), policy=POLICY, now=NOW).message
        for position in (0, 1):
            media_store.put(store, f"file-{position}", PICTURE)
        conn.execute(
            """update message_media set state = 'kept', bytes = %s, object_key = 'file-' || position
               where tenant_id = %s and message_id = %s""",
            [len(PICTURE), mine.tenant, message.id],
        )
    return Sent(mine, message.conversation_id, message.id, client_of(mine.tenant))


def set_state(db: Database, sent: Sent, state: str, problem: str | None = None) -> None:
    with db.tenant(sent.mine.tenant) as conn:
        conn.execute(
            "update message_media set state = %s::media_state, problem = %s where tenant_id = %s and message_id = %s",
            [state, problem, sent.mine.tenant, sent.message],
        )


def test_a_picture_is_served_where_its_message_says(sent: Sent) -> None:
    listed = sent.client.get(f"/conversations/{sent.conversation}/messages").json()["items"][0]["media"]
    assert [(file["position"], file["state"], file["url"]) for file in listed] == [
        (0, "kept", sent.path(0)), (1, "kept", sent.path(1))]  # fmt: skip
    answer = sent.client.get(listed[0]["url"])
    assert (answer.status_code, answer.content) == (200, PICTURE)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"] == f'inline; filename="{sent.message}-0.jpg"'
    again = sent.client.get(listed[0]["url"], headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_strangers_file_is_neither_guessed_at_nor_run(sent: Sent) -> None:
    document = sent.client.get(sent.path(1))
    assert document.headers["content-disposition"] == f'attachment; filename="{sent.message}-1.pdf"'
    assert document.headers["x-content-type-options"] == "nosniff"
    assert document.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert document.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("asked", "status", "first", "end"),
    [("bytes=0-99", 206, 0, 100), ("bytes=100-", 206, 100, 10240), ("bytes=-40", 206, 10200, 10240),
     ("bytes=10000-99999", 206, 10000, 10240), ("bytes=0-1,5-6", 200, 0, 10240), ("lines=1-2", 200, 0, 10240),
     ("bytes=10240-", 416, 0, 0), ("bytes=5-2", 416, 0, 0)],
)  # fmt: skip
def test_players_may_ask_for_a_part(sent: Sent, asked: str, status: int, first: int, end: int) -> None:
    answer = sent.client.get(sent.path(0), headers={"Range": asked})
    assert (answer.status_code, answer.content) == (status, PICTURE[first:end])
    if status == 206:
        assert answer.headers["content-range"] == f"bytes {first}-{end - 1}/{len(PICTURE)}"


@pytest.mark.parametrize(
    ("state", "problem", "words"),
    [("waiting", None, "still being fetched"), ("erased", None, "erased"), ("failed", None, "did not give it"),
     ("refused", "The file is larger than 16 MB.", "larger than 16 MB")],
)  # fmt: skip
def test_a_file_that_is_not_there_says_why(db: Database, sent: Sent, state: str, problem: str, words: str) -> None:
    set_state(db, sent, state, problem)
    listed = sent.client.get(f"/conversations/{sent.conversation}/messages").json()["items"][0]["media"][0]
    assert (listed["state"], listed["url"], listed["problem"]) == (state, None, problem)
    answer = sent.client.get(sent.path(0))
    assert answer.status_code == 404
    assert words in answer.json()["detail"]


def test_another_tenants_file_does_not_exist(sent: Sent, client_of: Client, make_tenant: Callable[..., Any]) -> None:
    theirs = client_of(make_tenant()).get(sent.path(0))
    unknown = sent.client.get(sent.path(2))
    other_conversation = sent.client.get(sent.path(0).replace(f"/{sent.conversation}/", f"/{sent.conversation + 1}/"))
    assert [answer.status_code for answer in (theirs, unknown, other_conversation)] == [404, 404, 404]
    assert theirs.json()["type"] == unknown.json()["type"] == "urn:prosa:problem:no-such-media"


def test_a_key_needs_the_scope_to_read(sent: Sent, client_of: Client) -> None:
    assert client_of(sent.mine.tenant, scopes=["analytics"]).get(sent.path(0)).status_code == 403
    assert sent.client.get(sent.path(0), headers={"Authorization": "Bearer nonsense"}).status_code == 401
