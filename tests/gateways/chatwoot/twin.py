"""A Chatwoot that follows its published API as far as messages and inboxes go, and fails when it is told to.

https://developers.chatwoot.com/api-reference/messages/create-new-message: the path's conversation is the display id, the token
travels as api_access_token, template_params needs name, category, language and processed_params; the answer is 200 with the
message. Unknown conversations are 404, a wrong token is 401.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any

TOKEN = "agent-token"
TEMPLATES = [
    {"name": "volta", "status": "APPROVED", "category": "MARKETING", "language": "pt_BR", "id": "1",
     "components": [{"type": "HEADER", "format": "TEXT", "text": "Oi"}, {"type": "BODY", "text": "Oi {{1}}! Ainda quer {{2}}?"}]},
    {"name": "antigo", "status": "REJECTED", "category": "UTILITY", "language": "pt_BR", "id": "2",
     "components": [{"type": "BODY", "text": "Olá"}]},
]  # fmt: skip


@dataclass
class Twin:
    """What the server has and was asked; `behave` is how it answers the next message."""

    url: str = ""
    conversations: set[int] = field(default_factory=lambda: {42})
    messages: list[dict[str, Any]] = field(default_factory=list)
    behave: str = "well"


@contextmanager
def running() -> Iterator[Twin]:
    """A server on a port of its own."""
    twin, numbers = Twin(), count(1001)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200, {"id": 5, "channel_type": "Channel::Whatsapp", "message_templates": TEMPLATES}
                         if self._allowed() else {"errors": ["Invalid Access Token"]})  # fmt: skip

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            *_, version, accounts, _, kind, conversation, what = self.path.split("/")
            assert (version, accounts, kind, what) == ("v1", "accounts", "conversations", "messages")
            if self.headers["api_access_token"] != TOKEN:
                self._answer(401, {"errors": ["Invalid Access Token"]})
            elif int(conversation) not in twin.conversations:
                self._answer(404, {"error": "Resource could not be found"})
            elif self._is_malformed(body):
                self._answer(422, {"message": "template_params is invalid"})
            elif twin.behave == "busy":
                self._answer(429, {"error": "Retry later"})
            else:
                self._take(body, int(conversation))

        def _take(self, body: dict[str, Any], conversation: int) -> None:
            message = {"id": next(numbers), "content": body["content"], "conversation_id": conversation, "status": "sent",
                       "message_type": 1, "private": body["private"], "additional_attributes": {
                           "template_params": body.get("template_params")}}  # fmt: skip
            twin.messages.append(message)
            if twin.behave == "breaks":  # it has saved the message, and then the connection is gone
                self.close_connection = True
                self.connection.close()
            elif twin.behave == "fails":
                self._answer(500, {"error": "Internal Server Error"})
            elif twin.behave == "sleeps":
                time.sleep(0.5)
            else:
                self._answer(200, message)

        def _is_malformed(self, body: dict[str, Any]) -> bool:
            template = body.get("template_params")
            return "content" not in body or (template is not None and not (
                {"name", "category", "language", "processed_params"} <= set(template)
                and all(isinstance(v, str) for v in template["processed_params"]["body"].values())))  # fmt: skip

        def _allowed(self) -> bool:
            return self.headers["api_access_token"] == TOKEN

        def _answer(self, status: int, body: Any) -> None:
            status = 401 if status == 200 and not self._allowed() else status
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    twin.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield twin
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
