"""Pages of a list. A cursor is the position of a page's last row in the list's order, so new rows never shift what follows."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from fastapi import Query

from prosa.api.limits import LARGEST_ID
from prosa.errors import Invalid

T = TypeVar("T")
Limit = Annotated[int, Query(ge=1, le=200, description="Rows of a page.")]
Cursor = Annotated[str | None, Query(max_length=200, description="The next_cursor of the page before.")]


def page_of(
    found: Sequence[T], limit: int, position: Callable[[T], Sequence[object]]
) -> tuple[Sequence[T], str | None]:
    """The rows of one page, out of up to `limit` + 1 rows, and the next page's cursor (None: this is the last).

    `position` gives what a row is ordered by.
    """
    page = found[:limit]
    return page, _cursor_after(position(page[-1])) if len(found) > limit else None


def _cursor_after(position: Sequence[object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(position, default=str).encode()).decode().rstrip("=")


def time_and_id(cursor: str | None) -> tuple[datetime, int] | None:
    """The position in a list that is ordered by time and id. Raises Invalid for a cursor that was never given out."""
    if cursor is None:
        return None
    match _position(cursor):
        case [str(time), int(row_id)] if 0 <= row_id <= LARGEST_ID:
            try:
                return datetime.fromisoformat(time).astimezone(UTC), row_id
            except (ValueError, OverflowError):
                raise _unknown() from None
    raise _unknown()


def only_id(cursor: str | None) -> int:
    """The position in a list that is ordered by id; 0 at its beginning. Raises Invalid like `time_and_id`."""
    if cursor is None:
        return 0
    match _position(cursor):
        case [int(row_id)] if 0 <= row_id <= LARGEST_ID:
            return row_id
    raise _unknown()


def id_and_name(cursor: str | None) -> tuple[int, str]:
    """The position in a list that is ordered by id and name; before everything at its beginning. Raises Invalid."""
    if cursor is None:
        return 0, ""
    match _position(cursor):
        case [int(row_id), str(name)] if 0 <= row_id <= LARGEST_ID and name.isidentifier():
            return row_id, name
    raise _unknown()


def _position(cursor: str) -> object:
    try:
        found = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise _unknown() from None
    if isinstance(found, list) and any(isinstance(part, bool) for part in found):  # Python's True is an int
        raise _unknown()
    return found


def _unknown() -> Invalid:
    return Invalid("cursor: must be the next_cursor of an earlier answer", at="query.cursor")
