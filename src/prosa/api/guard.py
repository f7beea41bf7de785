"""The ASGI guard round the Streamlit app: without a live session nothing of it answers.

Streamlit trusts whoever reaches it. It checks a websocket's Origin without the port; it lets a reconnecting websocket
resume any session whose id it names; it serves media files to everybody; it keeps whatever a browser uploads in memory, as
long as a page is open. The guard closes all four.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from contextlib import suppress
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from prosa.api import shell
from prosa.api.forms import LONGEST_NEXT
from prosa.api.media_ledger import MediaLedger
from prosa.api.origin import is_same_origin
from prosa.api.session import session_token
from prosa.dashboards.i18n import browser_tag, choose_locale
from prosa.settings import Settings
from prosa.tenancy.model import Principal, UserRole

# Streamlit resumes a session only for the same value of this header (server.trustedUserHeaders in its config.toml).
IDENTITY = b"x-prosa-session"
ADDRESS = b"x-prosa-address"  # for prosa.dashboards.gate: Streamlit tells pages no address that is on this machine
SESSION_ENDED = 4401  # close code: the application's own range, in memory of HTTP 401
WITH_CHARTS = ("", "home", "overview")  # pages whose charts' program is worth fetching before the first chart is there
UPLOAD = "/_stcore/upload_file/"
MOST_UPLOADS = 30  # of one session, of 2 MB each (config.toml), in the memory of the process that serves everybody
RECHECK_SECONDS = 10.0  # an open socket outlives the end of its session by this at most, where another process ended it

Find = Callable[[str | None, bool], Principal | None]


class Guard:
    """`app`, for those who are logged in. `find(token, touch)` looks a session up; `pages` are the paths that it draws."""

    def __init__(
        self, app: ASGIApp, *, find: Find, settings: Settings, pages: Collection[str] = ("",), missing: str = ""
    ) -> None:
        self.app = app
        self.pages, self.missing = pages, missing
        self.find = find
        self.settings = settings
        self._sockets: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)
        self._media = MediaLedger()
        self._uploads: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, pass on, or refuse."""
        connection = HTTPConnection(scope)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path.startswith("/static/"):  # Streamlit's programs are no secret, and the same for everybody
            return await self.app(scope, receive, send)
        document = scope["type"] == "http" and "text/html" in connection.headers.get("accept", "")
        principal = await run_in_threadpool(self.find, session_token(connection, self.settings), document)
        if scope["type"] == "websocket":
            if principal is None or not is_same_origin(connection, self.settings):
                await receive()
                return await send({"type": "websocket.close", "code": 1008})  # before accepting: HTTP 403
            return await self._websocket(principal, _vouched(scope, principal), receive, send)
        if principal is None:
            response: Response = _refusal(document, _asked(scope))
        elif not self._may_fetch(principal, path):
            response = PlainTextResponse("Not found", 404)
        elif document and scope["method"] == "GET" and path.strip("/") not in self.pages:
            response = RedirectResponse(f"{scope.get('root_path', '')}/{self.missing}", 303)
        elif document and scope["method"] == "GET":
            tag = browser_tag(choose_locale(connection.cookies.get("prosa_lang"), principal.locale))
            theme, charts = connection.cookies.get("prosa_theme"), path.strip("/") in WITH_CHARTS
            response = shell.page(tag, session_key(principal), theme, charts=charts)
        else:
            return await self.app(_vouched(scope, principal), receive, _with_headers(send))
        await response(scope, receive, send)

    def end(self, principal: Principal) -> None:
        """Cut every open page of a session that has ended. To be called on the event loop."""
        key = session_key(principal)
        self._media.forget(key)
        self._uploads.pop(key, None)
        for ended in self._sockets.pop(key, ()):
            if not ended.done():
                ended.set_result(None)

    def _may_fetch(self, principal: Principal, path: str) -> bool:
        """Streamlit's interface for programs is off, and so are its numbers over every company's pages.

        A media file is for the session whose page named it.
        """
        if path.startswith(("/_stcore/agent", "/_stcore/metrics")):
            return False
        if path.startswith(UPLOAD):
            return self._may_upload(principal, path)
        if path.startswith("/media/"):
            return self._media.allows(session_key(principal), path)
        return True

    def _may_upload(self, principal: Principal, path: str) -> bool:
        """No page of a client's takes a file. Others send some, to addresses that their own pages were given."""
        key = session_key(principal)
        if principal.role is UserRole.CLIENT or not self._media.allows(key, path):
            return False
        self._uploads[key] += 1
        return self._uploads[key] <= MOST_UPLOADS

    async def _websocket(self, principal: Principal, scope: Scope, receive: Receive, send: Send) -> None:
        key = session_key(principal)
        ended = asyncio.get_running_loop().create_future()
        self._sockets[key].add(ended)
        watch = asyncio.create_task(self._watch(principal, session_token(HTTPConnection(scope), self.settings)))

        async def receive_until_ended() -> Message:
            message = asyncio.ensure_future(receive())
            try:
                await asyncio.wait({message, ended}, return_when=asyncio.FIRST_COMPLETED)
                if message.done():
                    return message.result()
            finally:
                message.cancel()
            with suppress(Exception):  # the browser may be gone already
                await send({"type": "websocket.close", "code": SESSION_ENDED})
            return {"type": "websocket.disconnect", "code": SESSION_ENDED}

        async def send_and_remember(message: Message) -> None:
            if not ended.done():
                self._media.note(key, message.get("bytes") or b"")
                await send(message)

        try:
            await self.app(scope, receive_until_ended, send_and_remember)
        finally:
            watch.cancel()
            sockets = self._sockets.get(key, set())
            sockets.discard(ended)
            if not sockets:
                self._sockets.pop(key, None)

    async def _watch(self, principal: Principal, token: str | None) -> None:
        """Notice the end of a session that came from elsewhere: expiry, another process, a closed account."""
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            with suppress(Exception):  # the database may be away for a moment; the next look decides
                if await run_in_threadpool(self.find, token, False) is None:
                    return self.end(principal)


def session_key(principal: Principal) -> str:
    """A name of the session that reveals nothing: its number, not its token."""
    return f"{principal.tenant_id}-{principal.user_id}-{principal.session_id}"


def _vouched(scope: Scope, principal: Principal) -> Scope:
    """The request with the identity that we know, whatever it claimed about itself."""
    vouched = {IDENTITY: session_key(principal), ADDRESS: scope["client"][0] if scope.get("client") else "unknown"}
    headers = [(name, value) for name, value in scope["headers"] if name.lower() not in vouched]
    return {**scope, "headers": [*headers, *((name, value.encode()) for name, value in vouched.items())]}


def _asked(scope: Scope) -> str:
    """The page with its filters, for a view is shared by its address; without them where they are longer than any of ours."""
    query = scope["query_string"].decode("latin-1")
    whole = f"{scope['path']}?{query}"
    return whole if query and len(whole) <= LONGEST_NEXT else scope["path"]


def _refusal(document: bool, path: str) -> Response:
    if document:
        return RedirectResponse(f"/login?next={quote(path)}", 303)
    return PlainTextResponse("Log in first.", 401)


def _with_headers(send: Send) -> Send:
    """What Streamlit answers itself is never cached by proxies, framed or sniffed."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            extra = {"Cache-Control": "private, no-store", **shell.SECURITY_HEADERS}
            names = {name.lower().encode() for name in extra}
            kept = [(name, value) for name, value in message["headers"] if name.lower() not in names]
            message["headers"] = [*kept, *((name.lower().encode(), value.encode()) for name, value in extra.items())]
        await send(message)

    return send_with_headers
