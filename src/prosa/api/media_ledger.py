"""Which media files a session's pages have named. Streamlit itself serves a file to anybody who has its address."""

import re
from collections import OrderedDict
from typing import Any

SESSIONS = 1000  # remembered at once; the one unused for longest goes first
FILES = 2000  # remembered for one session
FILE = re.compile(rb"/media/[0-9a-f]{16,}|/_stcore/upload_file/[0-9a-f-]{36}/[0-9a-f-]{36}")


class MediaLedger:
    """The files that each session may fetch or upload, learnt from what the server sent to the session's pages."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, OrderedDict[bytes, None]] = OrderedDict()

    def note(self, session: str, frame: bytes) -> None:
        """Remember the files that a websocket frame to this session names."""
        if b"/media/" not in frame and b"/upload_file/" not in frame:
            return
        files = self._files.setdefault(session, OrderedDict())
        self._files.move_to_end(session)
        for match in FILE.finditer(frame):
            files[match[0]] = None
            files.move_to_end(match[0])
        _trim(files, FILES)
        _trim(self._files, SESSIONS)

    def allows(self, session: str, path: str) -> bool:
        """Whether this session was given the file at `path` (/media/… or /_stcore/upload_file/…)."""
        match = FILE.match(path.encode())
        return match is not None and match[0] in self._files.get(session, {})

    def forget(self, session: str) -> None:
        """The session has ended."""
        self._files.pop(session, None)


def _trim(items: OrderedDict[Any, Any], size: int) -> None:
    while len(items) > size:
        items.popitem(last=False)
