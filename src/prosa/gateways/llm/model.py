"""What is asked of a language model, what comes back, and what can go wrong."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from prosa.errors import ProsaError


class Problem(StrEnum):
    """Why there is no answer; the reason that conversations and the ledger are marked with."""

    RATE_LIMIT = "rate_limit"
    SERVER = "server"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    BROKEN = "broken"
    INVALID = "invalid"
    REFUSAL = "refusal"
    CONTENT_FILTER = "content_filter"
    LENGTH = "length"
    REJECTED = "rejected"
    UNAUTHORIZED = "unauthorized"
    QUOTA = "quota"


PASSING = frozenset({Problem.RATE_LIMIT, Problem.SERVER, Problem.TIMEOUT, Problem.CONNECTION, Problem.BROKEN})
"""Worth the same request again, at once or a little later."""
MAYBE_BILLED = frozenset({Problem.TIMEOUT, Problem.BROKEN})
"""The provider may have worked, and count the work, though the answer never came."""
OF_THE_ACCOUNT = frozenset({Problem.UNAUTHORIZED, Problem.QUOTA})
"""The key's or the account's fault: no other request would fare better."""


@dataclass(frozen=True)
class Usage:
    """Tokens of one call, as the provider counted them; `cached` is the part of `input` that is billed at a lower price."""

    input: int
    output: int
    cached: int = 0


@dataclass(frozen=True)
class Limits:
    """What the provider's rate-limit headers say; None for one that is missing. Times are in seconds."""

    requests_left: int | None = None
    tokens_left: int | None = None
    requests_reset: float | None = None
    tokens_reset: float | None = None

    @property
    def pause(self) -> float:
        """Seconds until the provider takes the next request; 0 if it takes one at once."""
        waits = [(self.requests_left, self.requests_reset), (self.tokens_left, self.tokens_reset)]
        return max((reset or 0.0 for left, reset in waits if left is not None and left <= 0), default=0.0)


@dataclass(frozen=True)
class Request:
    """One question. `turns` are (role, text), oldest first; the answer must be JSON of `schema` (strict)."""

    model: str
    turns: tuple[tuple[str, str], ...]
    schema_name: str
    schema: Mapping[str, Any]
    max_tokens: int


@dataclass(frozen=True)
class Reply:
    """An answer's text, not yet checked against the schema. `id` is the provider's name of the call."""

    text: str
    usage: Usage
    id: str = ""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Batch:
    """A batch at the provider: `done` once nothing more will come of it, with the file of its answers where there is one."""

    id: str
    state: str
    done: bool
    files: tuple[str, ...] = ()


class LlmFailed(ProsaError):
    """There is no answer. `retry_after` is in seconds, as the provider asked; `usage` where the failure was billed."""

    def __init__(
        self,
        problem: Problem,
        detail: str = "",
        *,
        retry_after: float | None = None,
        usage: Usage | None = None,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(f"The language model gave no answer ({problem}). {detail}".strip())
        self.problem = problem
        self.retry_after = retry_after
        self.usage = usage
        self.limits = limits


class Gateway(Protocol):
    """An endpoint that answers. `host` names the recipient in the record of what was sent."""

    host: str
    model: str

    def complete(self, request: Request) -> Reply:
        """Ask once, without retries. Raises LlmFailed."""

    def submit(self, requests: Sequence[tuple[str, Request]]) -> Batch:
        """Start a batch of (custom id, request), answered within a day at half the price. Raises LlmFailed."""

    def poll(self, batch: str) -> Batch:
        """How far a batch is. Raises LlmFailed."""

    def results(self, batch: Batch) -> Iterator[tuple[str, "Reply | LlmFailed"]]:
        """The answers of a finished batch, by custom id. Raises LlmFailed where the file cannot be read."""
