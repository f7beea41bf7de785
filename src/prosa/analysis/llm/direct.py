"""The model's analyser without a database: no ledger, no shared limiter; for `prosa insight score --analyzer openai`."""

import random
import time
from collections.abc import Callable, Sequence
from decimal import Decimal

from prosa.analysis.llm.answers import parse
from prosa.analysis.llm.calls import FIRST_PAUSE, TRIES, Answer, prepare, repair
from prosa.analysis.llm.insight import Verdict, ask_about, read, to_insight
from prosa.analysis.llm.segments import wanted_fields
from prosa.analysis.model import Insight, Utterance
from prosa.gateways.llm import Gateway, LlmFailed, Problem
from prosa.gateways.llm.model import PASSING

LONGEST_PAUSE = 60.0  # seconds


def analyser(gateway: Gateway) -> Callable[..., Insight]:
    """A function like the offline analyser's, which raises LlmFailed where there is no answer."""

    def analyse(history: Sequence[Utterance], *, segment: str | None = None) -> Insight:
        reading = read(history)
        question = ask_about(reading, segment=segment, fields=wanted_fields(segment, None))
        request, mask = prepare(question, gateway.model)
        tokens, repaired = 0, False
        for tried in range(1, TRIES + 1):
            try:
                reply = gateway.complete(request)
                tokens += reply.usage.input + reply.usage.output
                verdict: Verdict = parse(reply.text, question.schema, mask)
            except LlmFailed as failed:
                passing = failed.problem in PASSING
                if tried == TRIES or not (passing or (failed.problem is Problem.INVALID and not repaired)):
                    raise
                if passing:
                    time.sleep(_pause(failed, tried))
                else:
                    request, repaired = repair(request, reply, failed), True
                continue
            answer = Answer(verdict, gateway.model, question.prompt.version, tokens, Decimal(0))
            return to_insight(answer, reading, segment=segment)
        raise AssertionError("the last try returns or raises")

    return analyse


def _pause(failed: LlmFailed, tried: int) -> float:
    own = FIRST_PAUSE * 2 ** (tried - 1) * random.uniform(0.5, 1.5)  # noqa: S311  (no secret)
    return min(LONGEST_PAUSE, failed.retry_after if failed.retry_after is not None else own)
