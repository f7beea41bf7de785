"""Files for browsers: our own (static/), and how any is sent compressed and kept by the browser."""

import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
COMPRESSIBLE = {".js": "text/javascript", ".css": "text/css"}
# The part of Plotly that draws lines and bars: npm plotly.js-basic-dist-min of that version, MIT. static/charts.js names it too.
PLOTLY = "/assets/plotly-basic-4.1.1.min.js"


@cache
def address(name: str) -> str:
    """Where a file of ours is. The address changes with the content: a browser may keep what it got for ever."""
    return f"/assets/{name}?v={sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def compressed(folder: Path, path: str) -> Response | None:
    """A program or style sheet of the folder, gzipped, to be kept for ever. None where `path` names no such file."""
    file = (folder / path.lstrip("/")).resolve()
    if file.suffix not in COMPRESSIBLE or folder not in file.parents or not file.is_file():
        return None
    headers = {
        "Content-Encoding": "gzip",
        "Vary": "Accept-Encoding",
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(_gzipped(file), media_type=COMPRESSIBLE[file.suffix], headers=headers)


@cache
def _gzipped(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), 6)


class Assets(StaticFiles):
    """Our own files at /assets."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, compressed for whoever takes it so."""
        takes_gzip = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        found = compressed(STATIC, path) if takes_gzip else None
        return found or await super().get_response(path, scope)
