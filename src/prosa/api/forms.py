"""What the pages before the dashboards share: how they are drawn, and what their forms may be sent from."""

import json
import re
import time
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from prosa import crypto
from prosa.api import assets, shell
from prosa.api.origin import check_same_origin
from prosa.api.session import AppSettings
from prosa.dashboards import i18n
from prosa.errors import Invalid
from prosa.settings import Settings

HOME = "/app/"
LANGUAGE_COOKIE, THEME_COOKIE = "prosa_lang", "prosa_theme"
THEMES = ("auto", "light", "dark")
YEAR = 365 * 24 * 3600  # seconds
LONGEST_NEXT = 2000  # characters: a view of the list with all its filters
TICKET_SECONDS = 300  # for a second step before the password has to be typed again
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
Next = Annotated[str, Query(alias="next", max_length=LONGEST_NEXT)]


def same_origin(request: Request, settings: AppSettings) -> None:
    """Dependency of every route that changes something for the holder of a cookie."""
    check_same_origin(request, settings)


FROM_OUR_PAGE = [Depends(same_origin)]


def page(request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page in the language of the cookie or the browser."""
    locale = locale_of(request)
    html = templates.get_template(template).render(
        t=i18n.translator(locale), locale=locale, tag=i18n.browser_tag(locale), locales=i18n.LOCALES,
        style=assets.address("login.css"), theme=theme_of(request), here=_here(request), **values,
    )  # fmt: skip
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": POLICY, **shell.SECURITY_HEADERS}
    return HTMLResponse(html, status, headers=headers)


def locale_of(request: Request) -> str:
    """The language of the cookie or the browser."""
    return i18n.choose_locale(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language"))


def theme_of(request: Request) -> str:
    """The theme that this browser chose: light, dark, or auto, which follows the device."""
    theme = request.cookies.get(THEME_COOKIE, "auto")
    return theme if theme in THEMES else "auto"


def inner_path(path: str) -> str:
    """`path` where it leads into the dashboards, else their home: no redirect to other sites."""
    return path if re.fullmatch(r"/app/[\w/-]*(\?[\w=&,.:%+~-]*)?", path) else HOME


def address_of(request: Request) -> str:
    """The address of the socket's other end; behind a trusted proxy, the one that the proxy names (uvicorn's proxy_headers)."""
    return request.client.host if request.client else "unknown"


def seal_ticket(settings: Settings, *values: str) -> str:
    """What the second step of a login needs, encrypted so that only we can read it, for five minutes."""
    return crypto.encrypt(settings.secret_keys, json.dumps([time.time() + TICKET_SECONDS, *values])).decode()


def open_ticket(settings: Settings, ticket: str) -> list[str]:
    """What `seal_ticket` sealed. Raises Invalid for a ticket that is not ours or too old."""
    until: float
    values: list[str]
    until, *values = json.loads(crypto.decrypt(settings.secret_keys, ticket.encode()))
    if time.time() > until:
        raise Invalid("The second step took too long.")
    return values


def _here(request: Request) -> str:
    """The address to which a change of language comes back."""
    path, token = request.url.path, request.query_params.get("token", "")
    if path == "/password" and token:
        return f"/password?token={quote(token)}"
    return path if path == "/forgot" else "/login"
