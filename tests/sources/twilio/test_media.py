"""Media of messages: fetched once, kept in the store, or refused with the reason; erased with the contact."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from prosa import privacy
from prosa.conversations.policy import Policy
from prosa.db import Database
from prosa.errors import NotFound, Unavailable
from prosa.gateways import media_store
from prosa.gateways.twilio import webhooks
from prosa.settings import Settings
from prosa.sources.twilio import accounts, inbound, media
from twilio_world import Connect, Connected

KEYS = ["k"]
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
POLICY = Policy(timedelta(days=1), timedelta(hours=1))


@pytest.fixture
def api() -> Iterator[str]:
    """Twilio's API: every file is there, but `gone`."""

    class Files(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503 if self.path.endswith("gone") else 200)
            self.send_header("Content-Type", "audio/ogg")
            self.end_headers()
            self.wfile.write(self.path.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def own(settings: Settings, tmp_path: Path, api: str) -> Settings:
    """Settings with a media folder of the test's own, and Twilio at `api`."""
    return replace(settings, prosa_home=tmp_path, twilio_api_base_url=api)


def receive(db: Database, mine: Connected, *urls: str, kind: str = "audio/ogg") -> int:
    """Receive a message with files. Returns its id."""
    files = {f"MediaUrl{i}": url for i, url in enumerate(urls)} | {
        f"MediaContentType{i}": kind for i in range(len(urls))
    }
    message = webhooks.inbound(mine.message("", **files))
    with db.anonymous() as conn:
        account = accounts.find_for_webhook(conn, mine.account.sid, mine.number)
    assert account
    with db.tenant(mine.tenant) as conn:
        return inbound.receive(conn, account, message, policy=POLICY, now=NOW).message.id


def fetch(db: Database, mine: Connected, message: int, settings: Settings) -> None:
    with db.tenant(mine.tenant) as conn:
        account = accounts.list_numbers(conn, mine.tenant)[0].account_id
    media.fetch(db, mine.tenant, message, account, settings=settings, now=NOW)


def states(db: Database, mine: Connected) -> list[tuple[str, str | None, str | None]]:
    with db.tenant(mine.tenant) as conn:
        sql = "select state::text, object_key, problem from message_media where tenant_id = %s order by position"
        return conn.execute(sql, [mine.tenant]).fetchall()


def test_files_are_kept_and_fetched_once(db: Database, connect: Connect, own: Settings) -> None:
    mine = connect()
    message = receive(db, mine, "https://api.twilio.com/a", "https://evil.example.com/b")
    fetch(db, mine, message, own)
    [(kept, key, _), (refused, none, problem)] = states(db, mine)
    assert (kept, refused, none, problem) == ("kept", "refused", None, "Not a host of Twilio's.")
    assert key and media_store.get(own, key) == b"/a"
    fetch(db, mine, message, replace(own, twilio_api_base_url="http://127.0.0.1:1"))  # nothing is asked any more
    assert states(db, mine)[0][0] == "kept"


def test_a_file_that_does_not_come_waits_and_keeps_the_others_from_nothing(
    db: Database, connect: Connect, own: Settings
) -> None:
    mine = connect()
    message = receive(db, mine, "https://api.twilio.com/gone", "https://api.twilio.com/a")
    with pytest.raises(Unavailable):
        fetch(db, mine, message, own)
    assert [state for state, _, _ in states(db, mine)] == ["waiting", "kept"]
    with db.tenant(mine.tenant) as conn:
        media.give_up(conn, mine.tenant, message, "gone")
    assert states(db, mine)[0] == ("failed", None, "gone")


def test_a_kind_that_is_not_kept_is_not_even_asked_for(db: Database, connect: Connect, own: Settings) -> None:
    mine = connect()
    fetch(db, mine, receive(db, mine, "https://api.twilio.com/a", kind="text/html"), own)
    assert states(db, mine) == [("refused", None, "Files of this kind are not kept.")]


def test_an_erasure_takes_the_files_and_the_click_along(db: Database, connect: Connect, own: Settings) -> None:
    mine = connect()
    message = receive(db, mine, "https://api.twilio.com/a")
    fetch(db, mine, message, own)
    [(_, key, _)] = states(db, mine)
    with db.operator() as conn:
        exported = privacy.export(conn, mine.tenant, "+5511987654321", secret_keys=KEYS, actor="test")
        assert exported["message_media"][0]["object_key"] == key
        privacy.erase(conn, mine.tenant, "+5511987654321", secret_keys=KEYS, actor="test", now=NOW)
    assert media.forget(db, mine.tenant, settings=own) == 1
    assert states(db, mine) == [("erased", None, None)]
    assert key
    with pytest.raises(NotFound):
        media_store.get(own, key)


def test_media_that_wait_while_their_contact_is_erased_are_not_kept(
    db: Database, connect: Connect, own: Settings
) -> None:
    mine = connect()
    message = receive(db, mine, "https://api.twilio.com/a")
    with db.operator() as conn:
        privacy.erase(conn, mine.tenant, "+5511987654321", secret_keys=KEYS, actor="test", now=NOW)
    fetch(db, mine, message, own)
    assert states(db, mine) == [("erased", None, None)]
