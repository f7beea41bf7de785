"""Two habits of clients that no route need know of: HEAD, and a slash too many or too few at a path's end."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

OWN_WAYS = ("/app", "/assets")  # mounted there, with rules of their own for paths
WITH_SLASH = "/conversations"  # the one route that is written with a slash at its end


class Lenient:
    """ASGI middleware. HEAD is answered as GET, without the body (RFC 9110, 9.3.2); `/health/` is `/health`.

    A redirect would do for the slash, but many clients repeat a POST without its body, its key, or not at all. The path as
    it came stays in `raw_path`, for signatures.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as the routes know it."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def send_head(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        scope = {**scope, "path": _as_routed(scope["path"])}
        if scope["method"] == "HEAD":
            return await self.app({**scope, "method": "GET"}, receive, send_head)
        return await self.app(scope, receive, send)


def _as_routed(path: str) -> str:
    bare = path.rstrip("/") if path.endswith("/") and not path.endswith("//") else path
    if bare == WITH_SLASH:
        return f"{bare}/"
    return path if path.startswith(OWN_WAYS) else bare or "/"
