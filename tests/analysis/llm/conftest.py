"""An endpoint whose behaviour each test scripts, and the line to it."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from analysis.llm.endpoint import Behaviour, Endpoint, serving
from prosa.analysis.llm.calls import Line
from prosa.analysis.llm.limiter import Quota
from prosa.gateways.llm.openai import OpenAiGateway

Serve = Callable[..., Endpoint]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A function that starts an endpoint with a behaviour; stopped after the test."""
    with ExitStack() as stack:

        def start(behaviour: Behaviour, **options: Any) -> Endpoint:
            return stack.enter_context(serving(behaviour, **options))

        yield start


def line_to(endpoint: Endpoint, *, timeout: float = 5.0, patience: float = 10.0, quota: Quota | None = None) -> Line:
    """A line of one bucket a test: the endpoint's port is part of the model's name."""
    model = "gpt-4o-mini"
    gateway = OpenAiGateway(api_key="test", model=model, base_url=endpoint.url, timeout=timeout)
    gateway.host = endpoint.url  # a bucket of its own
    return Line(gateway, quota or Quota(requests_per_minute=60_000, tokens_per_minute=None), patience)


def text_of(body: dict[str, Any]) -> str:
    """Everything that a request's messages say."""
    return json.dumps(body["messages"], ensure_ascii=False)
