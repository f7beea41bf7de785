"""Tenants of one Chatwoot server that are followed together, and the watermarks from which they are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from prosa.gateways.chatwoot import streams
from prosa.gateways.chatwoot.queries import Scope
from prosa.gateways.chatwoot.reader import Reader
from prosa.sources import staging
from prosa.sources.model import Run, Watermark
from prosa.sources.session import Session, scope_of

Followed = tuple[Run, dict[str, Watermark]]
OVERLAP = timedelta(seconds=5)  # clocks of one source's processes may differ
RECENT = timedelta(hours=24)  # edits, deletions and delivery reports of messages this young are found in every run


@dataclass(frozen=True)
class Lane:
    """Tenants that are followed together, by one session on each side, with their watermarks."""

    session: Session
    reader: Reader
    followed: Sequence[Followed]

    @property
    def runs(self) -> list[Run]:
        """The tenants' runs."""
        return [run for run, _ in self.followed]

    @property
    def scope(self) -> Scope:
        """The accounts and inboxes to read for them."""
        return scope_of(self.runs)

    def since(self) -> dict[str, Any]:
        """Parameters of the conditions in follow.py: the oldest watermark of all the tenants."""
        marks = [mark for _, marks in self.followed for mark in marks.values()]
        since = min(mark.read_at for mark in marks) - OVERLAP
        oldest = min(mark.snapshot_xmin for mark in marks)
        return {"xid": str(oldest % 2**32), "since": since, "recent": since - RECENT}

    def last_id(self, stream: streams.Stream) -> int:
        """The highest id of the stream that every tenant has read."""
        return min(marks[stream.name].last_id for _, marks in self.followed)


def halves(lane: Lane) -> tuple[list[Followed], list[Followed]]:
    """The lane's tenants in two groups of about equal work, going by how many conversations are staged."""
    with lane.session.staged() as conn:
        staged = staging.contents(conn).rows

    def size(one: Followed) -> int:
        return staged.get((streams.CONVERSATIONS.name, one[0].source.account_id), 0)

    found: tuple[list[Followed], list[Followed]] = [], []
    # The number of tenants decides a tie, so neither half stays empty when nothing is staged.
    for one in sorted(lane.followed, key=size, reverse=True):
        min(found, key=lambda half: (sum(map(size, half)), len(half))).append(one)
    return found
