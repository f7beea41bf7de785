"""Fills a Chatwoot schema, day by day, with flat memory: the same arguments always give the same rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from operator import attrgetter, itemgetter
from random import Random
from typing import Any
from uuid import UUID

import psycopg

from prosa.demo import attributes
from prosa.demo.cast import COMPANIES, Agent, Company
from prosa.demo.library import Library
from prosa.demo.people import People
from prosa.demo.plot import tell
from prosa.demo.reference import load_reference, tag_ids
from prosa.demo.rhythm import DAY, daily_counts, stamp, starts, utc_offset
from prosa.demo.rows import NULL, Writer, collector_paused, indexes_postponed, json_text, set_sequences
from prosa.demo.thread import Thread
from prosa.demo.vocabulary import SNOOZED, Dated

DAYS = 90
CONVERSATIONS = 1500
"""At scale 1."""

BATCH = 2000
"""Conversations told between two batches of rows."""

_DELETED = 0.004
"""Share of conversations that somebody deleted for good: a gap in the ids is all that remains."""


@dataclass(frozen=True)
class Summary:
    """Rows written per table, of those that grow with the scale."""

    contacts: int
    contact_inboxes: int
    conversations: int
    messages: int
    attachments: int
    csat_survey_responses: int
    reporting_events: int
    taggings: int


def create_schema(conn: psycopg.Connection[Any]) -> None:
    """Create Chatwoot's tables and indexes in an empty database; the caller commits."""
    conn.execute((resources.files("prosa.demo") / "chatwoot.sql").read_bytes())


def fill(
    conn: psycopg.Connection[Any],
    *,
    now: datetime,
    scale: float = 1.0,
    seed: int = 2026,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Write ninety days of three companies' conversations up to `now` (aware); the caller commits.

    `scale` 1 gives about 1,500 conversations, 200 about 300,000. `progress` hears conversations done and
    planned.
    """
    with indexes_postponed(conn), collector_paused(), Writer(conn) as writer:
        first_day = now - timedelta(days=DAYS)
        load_reference(conn, opened=first_day.astimezone(UTC).replace(tzinfo=None) - timedelta(days=30))
        generator = _Generator(writer, now.timestamp(), Random(seed))  # noqa: S311  (demo data, no secrets)
        generator.run([(first_day + timedelta(days=i)).date() for i in range(DAYS + 1)], scale, progress)
    set_sequences(conn)
    conn.execute("analyze")
    return Summary(**writer.counts)


@dataclass(frozen=True)
class _Beginning:
    at: float
    company: Company
    offset: int


class _Generator:
    """What one run carries from day to day."""

    def __init__(self, writer: Writer, now: float, rng: Random) -> None:
        self.writer, self.now, self.rng = writer, now, rng
        self.people = People(writer, rng)
        self.libraries = {c.account.segment: Library(c.account.segment, rng) for c in COMPANIES}
        self.display_ids = {c.account.account_id: 0 for c in COMPANIES}
        self.pending: dict[str, list[Dated]] = {"messages": [], "reporting_events": []}
        self.tags = tag_ids()

    def run(self, days: Sequence[date], scale: float, progress: Callable[[int, int], None] | None) -> None:
        totals = [round(CONVERSATIONS * scale * company.share) for company in COMPANIES]
        counts = [daily_counts(c, days, total, self.rng) for c, total in zip(COMPANIES, totals, strict=True)]
        told = 0
        for told, beginning in enumerate(self._beginnings(days, counts), start=1):
            self._converse(beginning, days)
            if told % BATCH == 0:
                self._write_until(beginning.at)
                if progress:
                    progress(told, sum(totals))
        self._write_until(self.now + DAY)
        self.people.write_all()
        self.writer.flush()
        self.writer.wait()
        if progress:
            progress(told, told)

    def _beginnings(self, days: Sequence[date], counts: Sequence[Sequence[int]]) -> Iterator[_Beginning]:
        """The first messages of all companies' conversations, in order of time."""
        for index, day in enumerate(days):
            moments = [
                _Beginning(at, company, offset)
                for company, count in zip(COMPANIES, counts, strict=True)
                for offset in (utc_offset(company, day),)
                for at in starts(company, day, count[index], offset, self.rng)
            ]
            yield from (b for b in sorted(moments, key=attrgetter("at")) if b.at < self.now)

    def _converse(self, beginning: _Beginning, days: Sequence[date]) -> None:
        """Tell one conversation and keep its rows."""
        rng, company = self.rng, beginning.company
        inbox = rng.choices(company.inboxes, [i.share for i in company.inboxes])[0]
        contact = self.people.someone(company, inbox, beginning.at)
        number = self.writer.next_id("conversations")
        self.display_ids[company.account.account_id] += 1
        thread = Thread(company, inbox, contact, number, beginning.at, beginning.offset, self.now, rng)
        elapsed = 1 - (self.now - beginning.at) / (len(days) * DAY)
        subject = tell(thread, self.libraries[company.account.segment], _who(company, elapsed, rng), self.now, rng)
        if rng.random() < _DELETED:
            return
        self.pending["messages"] += thread.messages
        self.pending["reporting_events"] += thread.events
        self.writer.add("conversations", number, self._conversation(thread, subject))
        for label in thread.labels:
            row = f"{self.tags[label]}\tConversation\t{number}\tlabels\t{stamp(thread.last_activity)}"
            self.writer.add("taggings", self.writer.next_id("taggings"), row)

    def _conversation(self, thread: Thread, subject: str) -> str:
        rng, inbox = self.rng, thread.inbox
        snoozed = self.now + DAY * (1 + 5 * rng.random()) if thread.status == SNOOZED and rng.random() < 0.5 else None
        fields = (
            thread.company.account.account_id,
            inbox.id,
            thread.status,
            thread.assignee.id if thread.assignee else NULL,
            stamp(thread.created),
            stamp(thread.updated),
            thread.contact.id,
            self.display_ids[thread.company.account.account_id],
            _moment(thread.contact_seen),
            _moment(thread.agent_seen),
            json_text(attributes.of_conversation(inbox, subject, rng)),
            thread.contact.links[inbox.id],
            UUID(int=rng.getrandbits(128), version=4),
            stamp(thread.last_activity),
            thread.team_id or NULL,
            thread.campaign_id or NULL,
            _moment(snoozed),
            "{}",
            _moment(thread.agent_seen),
            _moment(thread.first_reply),
            NULL if thread.priority is None else thread.priority,
            _moment(thread.waiting_since),
            ", ".join(thread.labels) or NULL,
        )
        return "\t".join(map(str, fields))

    def _write_until(self, moment: float) -> None:
        """Give ids, in order of time, to what happened before `moment`, and send all that was collected."""
        for table, waiting in self.pending.items():
            waiting.sort(key=itemgetter(0))
            due = [row for row in waiting if row.at < moment]
            self.pending[table] = waiting[len(due) :]
            for row in due:
                row_id = self.writer.next_id(table)
                self.writer.add(table, row_id, row.rest)
                for other, rest in row.attached:
                    self.writer.add(other, self.writer.next_id(other), f"{row_id}\t{rest}")
        self.writer.flush()


def _moment(at: float | None) -> str:
    return NULL if at is None else stamp(at)


def _who(company: Company, elapsed: float, rng: Random) -> Agent:
    """The person who takes a conversation that begins after this fraction of the period."""
    there = [agent for agent in company.agents if elapsed < agent.gone_after]
    return rng.choices(there, [agent.share for agent in there])[0]
