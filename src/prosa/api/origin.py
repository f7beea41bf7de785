"""Where a request comes from: the check that keeps other sites from acting with a user's cookie."""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from prosa.errors import Forbidden
from prosa.settings import Settings

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class CrossOrigin(Forbidden):
    """A browser sent this from a page of another site."""


def is_same_origin(connection: HTTPConnection, settings: Settings) -> bool:
    """Whether the page that sent this is ours: same scheme, host and port.

    Browsers send Origin with every POST and every websocket handshake; what sends none is no browser and has nobody's
    cookie but its own. The host is the one the browser itself named, or PUBLIC_URL's, for proxies that rename it.
    """
    if connection.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return False
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    scheme = {"ws": "http", "wss": "https"}.get(connection.url.scheme, connection.url.scheme)
    ours = {f"{scheme}://{connection.headers.get('host')}"}
    if settings.public_url:
        parts = urlsplit(settings.public_url)
        ours.add(f"{parts.scheme}://{parts.netloc}")
    return origin in ours


def check_same_origin(connection: HTTPConnection, settings: Settings) -> None:
    """Raise CrossOrigin unless the request comes from a page of ours."""
    if not is_same_origin(connection, settings):
        raise CrossOrigin("This request comes from another site.")
