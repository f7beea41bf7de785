"""Chatwoot's words: the numbers behind its enums, and messages on their way to becoming rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from prosa.demo.rows import NULL

INCOMING, OUTGOING, ACTIVITY, TEMPLATE = 0, 1, 2, 3
OPEN, RESOLVED, PENDING, SNOOZED = 0, 1, 2, 3
SENT, DELIVERED, READ, FAILED = 0, 1, 2, 3
INCOMING_EMAIL, INPUT_CSAT = 8, 9
MEDIA = {"(image)": (0, "jpeg"), "(audio)": (1, "ogg"), "(video)": (2, "mp4"), "(file)": (3, "pdf")}
"""Chatwoot's file_type, and an extension."""

DELETED_TEXT = "This message was deleted"
NOBODY = f"{NULL}\t{NULL}"

Attributes = Mapping[str, object] | None


class Dated(NamedTuple):
    """A row that gets its id when its time has come, so that ids follow time across conversations."""

    at: float
    rest: str
    attached: tuple[tuple[str, str], ...] = ()
    """Rows (table, fields after message_id) that name this one's id."""


@dataclass(slots=True)
class Written:
    """A message before it becomes a row. `content` is in COPY's text format, or names a medium of MEDIA."""

    kind: int
    sender: str
    content: str
    private: bool = False
    status: int = SENT
    content_type: int = 0
    attributes: Attributes = None
    additional: Attributes = None
    updated: float | None = None
    attached: tuple[tuple[str, str], ...] = ()
