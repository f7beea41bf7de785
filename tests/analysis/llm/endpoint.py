"""A twin of an OpenAI-compatible endpoint over real HTTP, whose behaviour a test or a benchmark scripts request by request."""

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Say:
    """An answer with this text, `finish` as the reason why it ends."""

    text: str = ""
    refusal: str | None = None
    finish: str = "stop"
    tokens: tuple[int, int] = (400, 100)


@dataclass(frozen=True)
class Fail:
    """A status that is no success."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    code: str | None = None


@dataclass(frozen=True)
class Cut:
    """The connection breaks in the middle of the body."""


@dataclass(frozen=True)
class Hang:
    """No answer for so many seconds."""

    seconds: float


Behaviour = Callable[[Json, int], Say | Fail | Cut | Hang]


@dataclass
class Endpoint:
    """`requests` holds the bodies in order; `limit` (requests, seconds) is enforced over every window of that length."""

    behaviour: Behaviour
    latency: float = 0.0
    limit: tuple[int, float] | None = None
    requests: list[Json] = field(default_factory=list)
    served: int = 0
    refused: int = 0
    url: str = ""
    files: dict[str, str] = field(default_factory=dict)
    batches: dict[str, Json] = field(default_factory=dict)
    _window: deque[float] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, body: Json) -> int | None:
        """The request's number, None where the limit is exceeded."""
        with self._lock:
            now = time.monotonic()
            if self.limit:
                most, seconds = self.limit
                while self._window and self._window[0] <= now - seconds:
                    self._window.popleft()
                if len(self._window) >= most:
                    self.refused += 1
                    return None
                self._window.append(now)
            self.requests.append(body)
            return len(self.requests) - 1

    def completion(self, said: Say) -> Json:
        """The body of a chat completion."""
        with self._lock:
            self.served += 1
            number = self.served
        message = {"role": "assistant", "content": None if said.refusal else said.text, "refusal": said.refusal}
        return {
            "id": f"chatcmpl-{number}", "object": "chat.completion", "created": 0, "model": "gpt-4o-mini",
            "choices": [{"index": 0, "message": message, "finish_reason": said.finish}],
            "usage": {"prompt_tokens": said.tokens[0], "completion_tokens": said.tokens[1],
                      "total_tokens": sum(said.tokens)},
        }  # fmt: skip

    def answer_batch(self, batch: Json) -> None:
        """What the provider does within a day: every line of the input has its line in the output."""
        lines = []
        for line in self.files[batch["input_file_id"]].splitlines():
            asked = json.loads(line)
            said = self.behaviour(asked["body"], len(lines))
            status, body = (200, self.completion(said)) if isinstance(said, Say) else (500, {})
            response = {"status_code": status, "request_id": "r", "body": body}
            lines.append(json.dumps({"id": "x", "custom_id": asked["custom_id"], "response": response, "error": None}))
        self.files[f"out-{batch['id']}"] = "\n".join(reversed(lines))
        batch |= {"status": "completed", "output_file_id": f"out-{batch['id']}"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    endpoint: Endpoint
    disable_nagle_algorithm = True

    def log_message(self, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path.endswith("/files"):
            return self._file(raw)
        body = json.loads(raw)
        if self.path.endswith("/batches"):
            return self._batch(body)
        number = self.endpoint.admit(body)
        if number is None:
            return self._send(
                429, {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}, {"retry-after": "1"}
            )
        time.sleep(self.endpoint.latency)
        self._act(self.endpoint.behaviour(body, number))

    def do_GET(self) -> None:
        name = self.path.rstrip("/").split("/")
        if name[-1] == "content":
            return self._send(200, self.endpoint.files[name[-2]])
        return self._send(200, self.endpoint.batches[name[-1]])

    def _file(self, raw: bytes) -> None:
        content = re.search(rb'name="file".*?\r\n\r\n(.*?)\r\n--', raw, re.DOTALL)
        assert content
        key = f"file-{len(self.endpoint.files) + 1}"
        self.endpoint.files[key] = content.group(1).decode()
        self._send(200, {"id": key, "object": "file", "bytes": 1, "created_at": 0, "filename": "x", "purpose": "batch",
                         "status": "processed"})  # fmt: skip

    def _batch(self, body: Json) -> None:
        key = f"batch-{len(self.endpoint.batches) + 1}"
        self.endpoint.batches[key] = {
            "id": key, "object": "batch", "status": "validating", "created_at": 0, "endpoint": body["endpoint"],
            "input_file_id": body["input_file_id"], "completion_window": "24h", "output_file_id": None,
            "error_file_id": None,
        }  # fmt: skip
        self._send(200, self.endpoint.batches[key])

    def _act(self, act: Say | Fail | Cut | Hang) -> None:
        if isinstance(act, Hang):
            time.sleep(act.seconds)
            self.close_connection = True
        elif isinstance(act, Fail):
            self._send(act.status, {"error": {"message": "no", "code": act.code}}, act.headers)
        elif isinstance(act, Cut):
            self.send_response(200)
            self.send_header("content-length", "5000")
            self.end_headers()
            self.wfile.write(b'{"id": "chatcmpl-x", "choices": [{"mess')
            self.wfile.flush()
            self.close_connection = True
        else:
            self._send(200, self.endpoint.completion(act))

    def _send(self, status: int, body: Json | str, headers: dict[str, str] | None = None) -> None:
        raw = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in {
            "content-type": "application/json",
            "content-length": str(len(raw)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)


@contextmanager
def serving(
    behaviour: Behaviour, *, latency: float = 0.0, limit: tuple[int, float] | None = None
) -> Iterator[Endpoint]:
    """The endpoint, for as long as the block lasts, at `url`."""
    endpoint = Endpoint(behaviour, latency=latency, limit=limit)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"endpoint": endpoint}))
    server.daemon_threads = True
    endpoint.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
