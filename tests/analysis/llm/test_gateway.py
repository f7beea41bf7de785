"""The endpoint's errors in our words; the client works with a foreign server that speaks OpenAI's language."""

import pytest
from llmock.scenarios import Fail as Failing
from llmock.testing import LLMockServer

from analysis.llm.conftest import Serve, text_of
from analysis.llm.endpoint import Cut, Fail, Json, Say
from analysis.llm.test_run import good, verdict
from prosa.analysis.lines import insight_lines
from prosa.analysis.llm import direct
from prosa.analysis.llm.answers import parse
from prosa.analysis.llm.calls import prepare
from prosa.analysis.llm.insight import ask_about, read
from prosa.analysis.llm.masking import Mask
from prosa.analysis.model import Owner, Utterance
from prosa.assistant.reply import Reply
from prosa.gateways.llm import Limits, LlmFailed, Problem
from prosa.gateways.llm.openai import OpenAiGateway, duration, limits_of, retry_after

HISTORY = [Utterance(Owner.USER, "Sou a Maria, quero me matricular")]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("6m0s", 360), ("8.64s", 8.64), ("120ms", 0.12), ("1h2m", 3720), ("2", 2), ("", None), ("x", None)],
)
def test_durations_of_the_headers(text: str, seconds: float | None) -> None:
    assert duration(text) == (pytest.approx(seconds) if seconds is not None else None)


def test_rate_limit_headers_ask_for_a_pause_only_when_nothing_is_left() -> None:
    full = limits_of({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2s"})
    assert full.pause == 2
    assert Limits(requests_left=3, requests_reset=9).pause == 0
    assert Limits(tokens_left=0, tokens_reset=0.5).pause == 0.5


def test_retry_after_is_read_in_both_spellings() -> None:
    assert retry_after({"retry-after-ms": "250"}) == 0.25
    assert retry_after({"retry-after": "3"}) == 3
    assert retry_after({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}) is None
    assert retry_after({}) is None


def test_nobody_listening_is_a_connection_that_costs_nothing() -> None:
    gateway = OpenAiGateway(api_key="test", model="m", base_url="http://127.0.0.1:9/v1")
    request, _ = prepare(ask_about(read(HISTORY), segment=None, fields={}), "m")
    with pytest.raises(LlmFailed) as failed:
        gateway.complete(request)
    assert failed.value.problem is Problem.CONNECTION


def test_an_answer_loses_the_characters_that_no_database_keeps() -> None:
    text = r'{"text": "Abrimos\u0000 sim \ud83d\ude00 \ud800!", "hand_over": false, "confidence": 1}'
    assert parse(text, Reply, Mask()).text == "Abrimos sim 😀 !"


def test_a_foreign_server_accepts_our_schema_and_its_answers_are_read() -> None:
    question = ask_about(read(HISTORY), segment="gym", fields={"goal": "what for"})
    request, _ = prepare(question, "gpt-4o-mini")
    with LLMockServer() as server:
        gateway = OpenAiGateway(api_key="test", model="gpt-4o-mini", base_url=server.base_url("openai"))
        reply = gateway.complete(request)
        found = parse(reply.text, question.schema, Mask())
        assert found.model_dump()["fields"].keys() == {"goal"}
        assert reply.usage.input > 0
        server.state.scenarios.add(Failing(429, retry_after=2))
        with pytest.raises(LlmFailed) as failed:
            gateway.complete(request)
        assert (failed.value.problem, failed.value.retry_after) == (Problem.RATE_LIMIT, 2)


def test_lines_are_scored_by_the_model_in_order_without_a_database(serve: Serve) -> None:
    acts = {1: Fail(500), 2: Cut(), 4: Say("{")}
    endpoint = serve(lambda body, number: acts.get(number) or good(body, number))
    gateway = OpenAiGateway(api_key="test", model="gpt-4o-mini", base_url=endpoint.url)
    lines = [f'{{"id": {n}, "messages": [{{"message_owner": "user", "body": "Sou a Maria, {n}"}}]}}' for n in range(8)]
    found = list(insight_lines([*lines, "{broken"], direct.analyser(gateway), at_once=3))
    assert [item["id"] for item in found] == [*range(8), None]
    assert all(item["model"] == "gpt-4o-mini" and item["lead_name"] == "Maria" for item in found[:-1])
    assert "error" in found[-1]


def test_a_line_that_the_model_refuses_has_its_reason(serve: Serve) -> None:
    gateway = OpenAiGateway(api_key="test", model="m", base_url=serve(lambda body, number: Say(refusal="no")).url)
    [item] = insight_lines(['{"id": 1, "messages": []}'], direct.analyser(gateway))
    assert item == {"id": 1, "error": "The language model gave no answer (refusal)."}


def test_what_leaves_is_masked_and_what_comes_back_is_not(serve: Serve) -> None:
    left: list[str] = []

    def behaviour(body: Json, number: int) -> Say:
        left.append(text_of(body))
        return verdict(body)

    gateway = OpenAiGateway(api_key="test", model="m", base_url=serve(behaviour).url)
    history = [*HISTORY, Utterance(Owner.USER, "meu email é maria@x.com.br")]
    assert direct.analyser(gateway)(history).lead_name == "Maria"
    assert "[EMAIL_1]" in left[0]
    assert "maria@x" not in left[0]
