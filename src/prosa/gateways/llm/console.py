"""An endpoint without a network: shows each request on standard error and answers by a function of yours."""

import sys
from collections.abc import Callable, Iterator, Sequence

from prosa.gateways.llm.model import Batch, LlmFailed, Reply, Request, Usage

CHARACTERS_PER_TOKEN = 4


class ConsoleGateway:
    """For development: what would leave, and what becomes of an answer. Its batches are answered at once."""

    host = "console"

    def __init__(self, answer: Callable[[Request], str], *, model: str = "gpt-4o-mini") -> None:
        self.model = model
        self._answer = answer
        self._batches: dict[str, list[tuple[str, Request]]] = {}

    def complete(self, request: Request) -> Reply:
        """Show the request; the answer is the function's."""
        asked = "\n".join(f"[{role}] {text}" for role, text in request.turns)
        sys.stderr.write(f"{asked}\n")
        text = self._answer(request)
        return Reply(text, Usage(len(asked) // CHARACTERS_PER_TOKEN, len(text) // CHARACTERS_PER_TOKEN))

    def submit(self, requests: Sequence[tuple[str, Request]]) -> Batch:
        """Keep the requests until their answers are fetched."""
        key = f"batch-{len(self._batches) + 1}"
        self._batches[key] = list(requests)
        return self.poll(key)

    def poll(self, batch: str) -> Batch:
        """Finished at once."""
        return Batch(batch, "completed", done=True, files=(batch,))

    def results(self, batch: Batch) -> Iterator[tuple[str, Reply | LlmFailed]]:
        """Each request's answer."""
        for key, request in self._batches[batch.id]:
            yield key, self.complete(request)
