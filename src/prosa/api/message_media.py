"""Files that came with messages, for programs and for the conversation's page."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request, Response
from fastapi.responses import StreamingResponse

from prosa.api.conversations import Reader
from prosa.api.limits import Id
from prosa.api.problems import PROBLEMS
from prosa.api.session import AppSettings, Db
from prosa.conversations import media
from prosa.conversations.media import Media
from prosa.db import Role
from prosa.gateways import media_store

router = APIRouter(prefix="/conversations", tags=["conversations"], responses=PROBLEMS)

SHOWN = ("image/", "audio/", "video/")  # shown in the page; everything else is a download
ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "audio/ogg": "ogg",
    "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/amr": "amr", "video/mp4": "mp4", "video/3gpp": "3gp",
    "application/pdf": "pdf", "text/plain": "txt", "text/csv": "csv", "text/vcard": "vcf", "text/x-vcard": "vcf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/msword": "doc", "application/vnd.ms-excel": "xls", "application/vnd.ms-powerpoint": "ppt",
}  # fmt: skip
# Whoever wrote the file is a stranger: nothing in it is run, guessed at or framed. A shared computer's cache asks first.
HEADERS = {
    "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "private, no-cache", "Accept-Ranges": "bytes",
}  # fmt: skip
ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
FILE: dict[str, Any] = {
    "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    "headers": {"Content-Disposition": {
        "schema": {"type": "string"}, "example": 'inline; filename="4711-0.jpg"',
        "description": "`inline` for pictures, sound and film; `attachment` for the rest",
    }},
}  # fmt: skip
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file, as the contact sent it", **FILE},
    206: {"description": "The part of it that Range asked for", **FILE},
    304: {"description": "As you have it (If-None-Match)"},
    416: {"description": "Range begins behind the end of the file"},
}
Position = Annotated[int, Path(ge=0, le=9, description="Of the message's files, from 0.", examples=[0])]


@router.get(
    "/{conv_id}/messages/{message_id}/media/{position}", summary="A file that came with a message",
    response_class=Response, responses=ANSWERS,
)  # fmt: skip
def get_media(
    request: Request, conv_id: Id, message_id: Id, position: Position, caller: Reader, db: Db, settings: AppSettings,
    range_: Annotated[str | None, Header(alias="Range", max_length=100)] = None,
) -> Response:  # fmt: skip
    """Streamed from the media store.

    404 if the message has no such file, or the file is not fetched yet, was refused, or was erased: `detail` says which.
    """
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        file = media.find_kept(conn, caller.tenant_id, conv_id, message_id, position)
    size = file.bytes or 0
    headers = {**HEADERS, "ETag": f'"{message_id}-{position}-{size}"', "Content-Disposition": _disposition(file)}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    part = _part(range_, size)
    if part is not None and part[0] >= part[1]:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    first, end = part or (0, size)
    pieces = media_store.stream(settings, file.object_key or "", first, end)
    headers["Content-Length"] = str(end - first)
    if part is not None:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    return StreamingResponse(pieces, 206 if part else 200, headers, file.content_type)


def _disposition(file: Media) -> str:
    """Show the file in the page if a browser only draws or plays it. The name is ours, not the sender's."""
    how = "inline" if file.content_type.startswith(SHOWN) else "attachment"
    ending = ENDINGS.get(file.content_type, "bin")
    return f'{how}; filename="{file.message_id}-{file.position}.{ending}"'


def _part(asked: str | None, size: int) -> tuple[int, int] | None:
    """The first byte and the one behind the last of what `Range` asks for; None: the whole (RFC 9110, section 14.2).

    Several ranges at once, and what is no range, are answered with the whole, as the RFC allows.
    """
    match = ONE_RANGE.fullmatch(asked or "")
    if match is None or match.group() == "bytes=-":
        return None
    first, last = match.groups()
    if not first:  # the last so many bytes
        return max(0, size - int(last)), size
    return int(first), min(int(last) + 1, size) if last else size
