"""Files that came with messages: what is known of each, and why one cannot be had."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from prosa.db import Conn, TenantId, fetch_all
from prosa.errors import NotFound

COLUMNS = "message_id, position, content_type, state::text, problem, bytes, object_key"


class MediaState(StrEnum):
    """How far we have come with a file (media_state in the database)."""

    WAITING = "waiting"  # a job fetches it
    KEPT = "kept"
    REFUSED = "refused"  # too large, or of a kind that is not kept
    FAILED = "failed"  # its host did not give it
    ERASED = "erased"  # with the contact's data


@dataclass(frozen=True)
class Media:
    """One file of a message: its place (0 to 9), kind and size in bytes; `object_key` names it in the media store."""

    message_id: int
    position: int
    content_type: str
    state: MediaState
    problem: str | None
    bytes: int | None
    object_key: str | None


class NoSuchMedia(NotFound):
    """The message has no such file."""


class MediaNotKept(NotFound):
    """The message had such a file, and it is not here: not yet, or not any more."""

    def __init__(self, media: Media) -> None:
        super().__init__(_why(media))


def of_messages(conn: Conn, tenant: TenantId, message_ids: Sequence[int]) -> dict[int, list[Media]]:
    """The files of each of these messages that has any, in their order."""
    found: defaultdict[int, list[Media]] = defaultdict(list)
    for media in _select(conn, tenant, message_ids):
        found[media.message_id].append(media)
    return found


def find_kept(conn: Conn, tenant: TenantId, conversation_id: int, message_id: int, position: int) -> Media:
    """The file, if the media store has it. Raises NoSuchMedia, or MediaNotKept, which says why it is not there."""
    row = conn.execute(
        "select from messages where tenant_id = %s and conversation_id = %s and id = %s",
        [tenant, conversation_id, message_id],
    ).fetchone()
    files = _select(conn, tenant, [message_id]) if row is not None else []
    media = next((file for file in files if file.position == position), None)
    if media is None:
        raise NoSuchMedia(f"Message {message_id} of conversation {conversation_id} has no file {position}.")
    if media.state is not MediaState.KEPT:
        raise MediaNotKept(media)
    return media


def _why(media: Media) -> str:
    match media.state:
        case MediaState.WAITING:
            return "This file is still being fetched from the provider. Try again in a moment."
        case MediaState.ERASED:
            return "This file was erased together with the contact's data."
        case _:
            return f"This file is not kept. {media.problem or 'The provider did not give it.'}"


def _select(conn: Conn, tenant: TenantId, message_ids: Sequence[int]) -> list[Media]:
    sql = f"select {COLUMNS} from message_media where tenant_id = %s and message_id = any(%s) order by message_id, position"
    return fetch_all(conn, Media, sql.encode(), [tenant, list(message_ids)])
