"""Bounds on what a client may send: size, characters, addresses, times."""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Path, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import AfterValidator
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from prosa.conversations import addresses
from prosa.conversations.addresses import Address, BadAddress
from prosa.errors import Invalid

LARGEST_BODY = 256 * 1024  # bytes
LARGEST_ID = 2**63 - 1  # PostgreSQL's bigint


def storable(text: str) -> str:
    """The text, unless PostgreSQL cannot hold it: NUL, or half of a surrogate pair (JSON can carry both)."""
    if "\x00" in text:
        raise ValueError("must not contain the character U+0000")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("must be whole Unicode characters, not halves of surrogate pairs") from None
    return text


Text = Annotated[str, AfterValidator(storable)]
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]


class LimitedRoute(APIRoute):
    """A route that reads no more than LARGEST_BODY of a request's body, and answers 413 to more."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, over a bounded body."""
        handle = super().get_route_handler()

        async def limited(request: Request) -> Response:
            return await handle(Request(request.scope, _bounded(request.receive)))

        return limited


def _bounded(receive: Receive) -> Receive:
    read = 0

    async def receive_bounded() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > LARGEST_BODY:
            raise HTTPException(413, f"The body must not be larger than {LARGEST_BODY} bytes.")
        return message

    return receive_bounded


def address(given: str, at: str, *, read: Callable[[str], Address] = addresses.parse) -> Address:
    """The address in the field `at`. Raises BadAddress, which names the field."""
    try:
        return read(given)
    except BadAddress as error:
        raise BadAddress(f"{at.rpartition('.')[2]}: {error}", at=at) from None


def in_utc(time: datetime | None, at: str) -> datetime | None:
    """The moment of the field `at` in UTC. A time without an offset is taken to be UTC.

    Raises Invalid beyond the calendar's ends. (PostgreSQL refuses offsets of 16 hours and more, which Python knows.)
    """
    if time is None:
        return None
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError:
        raise Invalid("A time must be between the years 1 and 9999, in UTC too.", at=at) from None
