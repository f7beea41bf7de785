"""Sources, how far they have been read, and what a run did."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import Lock

from prosa.db import TenantId

EVERY_MINUTES = 30  # a worker reads each source so often (prosa.jobs.etl)
ID_SPACE = 10**11  # a mirrored row's id is source_id * ID_SPACE + the source's own id (migration 0003)


def server_name(fingerprint: bytes) -> str:
    """A short name for a Chatwoot server, made of its fingerprint. It does not reveal the address."""
    return fingerprint.hex()[:16]


class Mode(StrEnum):
    """How much of a source a run reads."""

    INCREMENTAL = "incremental"  # what changed since the last run; everything where there was none, recorded as full
    FULL = "full"  # everything, compared row by row with what is here
    RECONCILE = "reconcile"  # also deletions and old edits: compares fingerprints of id ranges, then reads the ranges that differ


@dataclass(frozen=True)
class Source:
    """A Chatwoot account, or chosen inboxes of one, that a tenant reads."""

    tenant_id: TenantId
    tenant_slug: str
    id: int
    name: str
    dsn_encrypted: bytes
    server_fingerprint: bytes
    account_id: int
    chosen_inboxes: list[int] | None

    @property
    def base(self) -> int:
        """Added to an id of the source to get the id in the store."""
        return self.id * ID_SPACE


@dataclass(frozen=True)
class Watermark:
    """How far one stream of a source has been read."""

    stream: str
    snapshot_xmin: int  # every source transaction below this one has been read
    read_at: datetime  # the source's clock then
    last_id: int  # the source's highest id then
    loaded_to: int | None = None  # during a first load: conversations up to this id are in the store


@dataclass
class Phase:
    """Counts of one step of a run."""

    name: str
    seconds: float = 0
    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    rejected: int = 0

    def add(self, other: "Phase") -> None:
        """Add another phase's counts to these."""
        for key in ("seconds", "read", "inserted", "updated", "unchanged", "deleted", "rejected"):
            setattr(self, key, getattr(self, key) + getattr(other, key))

    @classmethod
    def sum(cls, phases: Iterable["Phase"]) -> "Phase":
        """Counts over all phases except facts, which are computed here and not read from the source."""
        summed = cls("total")
        for phase in phases:
            if phase.name != "facts":
                summed.add(phase)
        return summed


@dataclass
class Run:
    """One tenant's part of a run, as it goes into etl_runs."""

    source: Source
    id: int
    mode: Mode  # as asked for
    recorded_mode: Mode = field(init=False)  # full where an incremental run has to read everything
    bytes_read: int = 0
    phases: dict[str, Phase] = field(default_factory=dict)
    watermarks: list[Watermark] = field(default_factory=list)
    unassigned_inboxes: list[str] = field(default_factory=list)
    refused: str | None = None  # why the run was refused (brake.py)
    _counting: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.recorded_mode = self.mode

    def total(self) -> Phase:
        """Counts over all phases."""
        return Phase.sum(self.phases.values())

    def count(self, *phases: Phase) -> None:
        """Add these phases' counts to the run's. Several threads may do so at once."""
        with self._counting:
            for phase in phases:
                self.phases.setdefault(phase.name, Phase(phase.name)).add(phase)

    def count_bytes(self, read: int) -> None:
        """Add bytes that were read of the source. Several threads may do so at once."""
        with self._counting:
            self.bytes_read += read
