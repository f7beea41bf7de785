"""No message keeps a processor busy: a pattern that tries everything again at each letter would stop a whole worker."""

import json
import time
from collections.abc import Callable

import pytest

from prosa.analysis.lines import sentiment_lines
from prosa.analysis.llm.masking import Mask
from prosa.analysis.llm.prompt_injection import spoken
from prosa.conversations.closure import score_lines

SECONDS = 1.0  # of the processor; the slowest takes a fraction of it
LENGTH = 10_000  # characters that are read of one message (prosa.analysis.store)


def sentiment(text: str) -> object:
    """By the offline analyser."""
    return list(sentiment_lines([json.dumps({"id": 1, "text": text})]))


def closure(text: str) -> object:
    """Whether it ends the conversation."""
    return list(score_lines([json.dumps({"id": 1, "history": [], "message": text})]))


@pytest.mark.parametrize("read", [sentiment, closure, spoken, Mask().hide])
@pytest.mark.parametrize(
    "piece", ["@", "@.", "a@", "[ ", "a@a.", "a.", "\n", " \n", "# \n", "<|", "1 ", "1.", "a ponto ", "kk"]
)
def test_a_long_message_is_read_in_no_time(read: Callable[[str], object], piece: str) -> None:
    began = time.process_time()
    read((piece * LENGTH)[:LENGTH])
    assert time.process_time() - began < SECONDS
