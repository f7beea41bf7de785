"""The ranges of ids in which a whole source is read, and how far the finished ones reach."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from threading import Lock

from psycopg import sql

from prosa.gateways.chatwoot import compatibility, queries, streams
from prosa.gateways.chatwoot.queries import Scope
from prosa.gateways.chatwoot.reader import Reader
from prosa.sources.model import ID_SPACE

RANGE = 20_000  # conversations
SMALLEST_RANGE = 1_000  # conversations; each range costs some statements for every tenant
CONTACTS = 50_000  # compared at a time, since a comparison holds the ids in memory
WORKERS = 2  # one stages a range while the other merges one


@dataclass(frozen=True)
class Span:
    """Ids from `low` up to, not including, `high`."""

    low: int
    high: int


def conversation_spans(reader: Reader, scope: Scope) -> list[Span]:
    """Ranges that hold all conversations. They get smaller towards the end, so that all workers finish at the same time."""
    wanted = queries.select(reader, streams.CONVERSATIONS, scope)
    total = reader.rows(sql.SQL("select count(*) from ({}) as wanted").format(wanted))[0][0]
    firsts = list(accumulate(_sizes(total)))[:-1]  # places of the ranges' first conversations, but for the first range
    starts = [row[0] for row in reader.rows(sql.SQL(
        "select id from (select id, row_number() over (order by id) - 1 as n from ({}) as wanted) as numbered "
        "where n = any({}::bigint[]) order by id").format(wanted, sql.Literal(firsts)))]  # fmt: skip
    edges = [0, *starts, ID_SPACE]
    return [Span(low, high) for low, high in pairwise(edges)]


def _sizes(total: int) -> Iterator[int]:
    """How many conversations each range has."""
    while total > 0:
        size = min(total, RANGE, max(SMALLEST_RANGE, total // (WORKERS + 1)))
        yield size
        total -= size


def contact_spans(reader: Reader) -> list[Span]:
    """Ranges with equal numbers of contacts, however far apart their ids lie."""
    starts = [row[0] for row in reader.rows(sql.SQL(
        "select id from (select id, row_number() over (order by id) - 1 as n from contacts where id > 0) as numbered "
        "where n > 0 and n % {} = 0 order by id").format(CONTACTS))]  # fmt: skip
    return [Span(low, high) for low, high in pairwise([0, *starts, ID_SPACE])]


def highest(reader: Reader, name: str) -> int:
    """The highest id in a stream's table; 0 if it is empty or this Chatwoot lacks it."""
    stream = next(s for s in streams.STREAMS if s.name == name)
    if not compatibility.available(reader, stream):
        return 0
    return int(reader.rows(sql.SQL("select coalesce(max(id), 0) from {}").format(sql.Identifier(stream.table)))[0][0])


class Done:
    """Which ranges are in, so that the mark moves only over ranges without a gap."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._waiting = sorted(spans, key=lambda span: span.low)
        self._done: set[Span] = set()
        self._lock = Lock()

    def add(self, span: Span) -> int:
        """Note that a range has been committed for every tenant. Returns how many have."""
        with self._lock:
            self._done.add(span)
            return len(self._done)

    def contiguous_with(self, current: Span) -> int:
        """The id up to which everything is in once `current` is."""
        with self._lock:
            reached = self._waiting[0].low
            for span in self._waiting:
                if span not in self._done and span != current:
                    break
                reached = span.high
            return reached
