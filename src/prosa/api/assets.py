"""Files for browsers: our own (static/) and Streamlit's, sent from memory, compressed, and kept by the browser."""

import gzip
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

STATIC = Path(__file__).parent / "static"
KINDS = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}
PACKED = {".woff2"}  # is compressed already
# The part of Plotly that draws lines and bars: npm plotly.js-basic-dist-min of that version, MIT. static/charts.js names it too.
PLOTLY = "/assets/plotly-basic-4.1.1.min.js"


@cache
def address(name: str) -> str:
    """The address of a file of ours. It changes with the content, so a browser may keep what it got for ever."""
    return f"/assets/{name}?v={sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


class Kept:
    """ASGI middleware: programs, style sheets and fonts, whose addresses change with their content. They are no secret.

    `folders`, by the path's beginning. A first page asks for a hundred files; through all layers of the application each took
    1.5 ms of processor time, and a font 5. Whatever is not found here is left to the application.
    """

    def __init__(self, app: ASGIApp, folders: Mapping[str, Path]) -> None:
        self.app, self.folders = app, folders
        self._answers: dict[str, Response] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        answer = await self._answer(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        await (answer or self.app)(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response | None:
        path: str = scope["path"]
        beginning = next((beginning for beginning in self.folders if path.startswith(beginning)), None)
        if beginning is None or "gzip" not in Headers(scope=scope).get("accept-encoding", ""):
            return None
        if path not in self._answers:
            found = await run_in_threadpool(_compressed, self.folders[beginning], path.removeprefix(beginning))
            if found is None:
                return None
            self._answers[path] = found
        return self._answers[path]


def _compressed(folder: Path, path: str) -> Response | None:
    """A file of the folder, to be kept for ever. None where `path` names no such file."""
    file = (folder / path.lstrip("/")).resolve()
    if file.suffix not in KINDS or folder not in file.parents or not file.is_file():
        return None
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    if file.suffix in PACKED:
        return Response(file.read_bytes(), media_type=KINDS[file.suffix], headers=headers)
    headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(gzip.compress(file.read_bytes(), 6), media_type=KINDS[file.suffix], headers=headers)
