"""Any OpenAI-compatible endpoint, by OpenAI's own client. Importing it is slow: import it where it is used."""

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import openai

from prosa.gateways.llm.model import Batch, Limits, LlmFailed, Problem, Reply, Request, Usage

TIMEOUT = openai.Timeout(60, connect=10)
FAILURES = (openai.OpenAIError, ValueError)
OPENAI = "api.openai.com"
FINISHED = {"completed", "failed", "expired", "cancelled"}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_STOPPED = {"length": Problem.LENGTH, "content_filter": Problem.CONTENT_FILTER}


class OpenAiGateway:
    """`timeout` bounds one request. The client's own retries are off: the limiter and the ledger must see each attempt."""

    def __init__(
        self, *, api_key: str, model: str, base_url: str | None = None, timeout: openai.Timeout | float = TIMEOUT
    ) -> None:
        self._client = openai.OpenAI(api_key=api_key, base_url=base_url, timeout=timeout, max_retries=0)
        self.host = urlsplit(str(self._client.base_url)).hostname or ""
        self.model = model

    def complete(self, request: Request) -> Reply:
        """Ask once. Raises LlmFailed."""
        try:
            raw = self._client.chat.completions.with_raw_response.create(**self._body(request))
            limits = limits_of(raw.headers)
            body = json.loads(raw.text)
        except FAILURES as error:
            raise failure(error) from error
        return read_reply(body, limits)

    def submit(self, requests: Sequence[tuple[str, Request]]) -> Batch:
        """Upload the requests and start a batch."""
        lines = [
            {"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": self._body(request)}
            for key, request in requests
        ]
        file = io.BytesIO("\n".join(json.dumps(line) for line in lines).encode())
        try:
            uploaded = self._client.files.create(file=("requests.jsonl", file), purpose="batch")
            return _batch(
                self._client.batches.create(
                    input_file_id=uploaded.id, endpoint="/v1/chat/completions", completion_window="24h"
                )
            )
        except FAILURES as error:
            raise failure(error) from error

    def poll(self, batch: str) -> Batch:
        """How far a batch is."""
        try:
            return _batch(self._client.batches.retrieve(batch))
        except FAILURES as error:
            raise failure(error) from error

    def results(self, batch: Batch) -> Iterator[tuple[str, Reply | LlmFailed]]:
        """The answers, and the errors, of a finished batch."""
        for file in batch.files:
            try:
                text = self._client.files.content(file).text
                lines = [json.loads(line) for line in text.splitlines() if line.strip()]
            except FAILURES as error:
                raise failure(error) from error
            for line in lines:
                yield str(line["custom_id"]), _batch_answer(line)

    def _body(self, request: Request) -> dict[str, Any]:
        """The parameters of one completion.

        OpenAI has renamed `max_tokens`; most compatible servers know the old name only. Reasoning models (o…, gpt-5…) take
        no temperature.
        """
        most = "max_completion_tokens" if self.host == OPENAI else "max_tokens"
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [{"role": role, "content": text} for role, text in request.turns],
            most: request.max_tokens,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": request.schema_name, "schema": request.schema, "strict": True},
            },
        }
        if not re.match(r"o\d|gpt-5", request.model):
            body["temperature"] = 0
        return body


def read_reply(body: Any, limits: Limits) -> Reply:
    """A completion's body. Raises LlmFailed for refusals, stops before the end, and bodies of another shape."""
    try:
        choice, used = body["choices"][0], body.get("usage") or {}
        message = choice["message"]
        cached = (used.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
        usage = Usage(int(used.get("prompt_tokens", 0)), int(used.get("completion_tokens", 0)), int(cached))
        stopped, refusal, text = choice.get("finish_reason"), message.get("refusal"), message.get("content")
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise LlmFailed(Problem.BROKEN, "The answer has another shape.", limits=limits) from error
    if refusal:
        raise LlmFailed(Problem.REFUSAL, usage=usage, limits=limits)
    if stopped in _STOPPED:
        raise LlmFailed(_STOPPED[stopped], usage=usage, limits=limits)
    return Reply(str(text or ""), usage, id=str(body.get("id") or ""), limits=limits)


def failure(error: Exception) -> LlmFailed:
    """The client's error in our words. Bodies are never quoted: a provider may echo what was sent."""
    if isinstance(error, openai.APITimeoutError):
        return LlmFailed(Problem.TIMEOUT)
    if isinstance(error, openai.APIStatusError):
        headers = error.response.headers
        status = error.status_code
        return LlmFailed(
            _problem(status, error.code),
            f"Status {status}.",
            retry_after=retry_after(headers),
            limits=limits_of(headers),
        )
    if isinstance(error, openai.APIConnectionError) and type(error.__cause__).__name__ == "ConnectError":
        return LlmFailed(Problem.CONNECTION)
    return LlmFailed(Problem.BROKEN, type(error).__name__)


def limits_of(headers: Mapping[str, str]) -> Limits:
    """The `x-ratelimit-…` headers."""

    def number(name: str) -> int | None:
        text = headers.get(f"x-ratelimit-{name}", "")
        return int(text) if text.isdecimal() else None

    return Limits(
        requests_left=number("remaining-requests"),
        tokens_left=number("remaining-tokens"),
        requests_reset=duration(headers.get("x-ratelimit-reset-requests", "")),
        tokens_reset=duration(headers.get("x-ratelimit-reset-tokens", "")),
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, of `retry-after-ms` or `Retry-After`. A date is left to the limiter's own pause."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * unit)
        except (KeyError, ValueError):
            continue
    return None


def duration(text: str) -> float | None:
    """Seconds of "6m0s", "8.64s", "120ms", or a bare number."""
    try:
        return float(text)
    except ValueError:
        parts = _DURATION.findall(text)
        return sum(float(number) * _SECONDS[unit] for number, unit in parts) if parts else None


def _problem(status: int, code: str | None) -> Problem:
    if code == "insufficient_quota" or status == 402:
        return Problem.QUOTA
    if code == "content_filter":
        return Problem.CONTENT_FILTER
    if status in (401, 403):
        return Problem.UNAUTHORIZED
    if status == 429:
        return Problem.RATE_LIMIT
    if status == 408:
        return Problem.TIMEOUT
    return Problem.SERVER if status >= 500 or status == 409 else Problem.REJECTED


def _batch(found: Any) -> Batch:
    files = tuple(file for file in (found.output_file_id, found.error_file_id) if file)
    return Batch(found.id, found.status, found.status in FINISHED, files)


def _batch_answer(line: dict[str, Any]) -> Reply | LlmFailed:
    response = line.get("response") or {}
    status = int(response.get("status_code") or 0)
    if status != 200:
        code = (line.get("error") or {}).get("code")
        return LlmFailed(_problem(status or 500, code), f"Status {status}.")
    try:
        return read_reply(response.get("body"), Limits())
    except LlmFailed as failed:
        return failed
