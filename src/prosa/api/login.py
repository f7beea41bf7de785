"""Logging in and out: the pages, the cookie, and the small routes that an open page asks."""

import json
import re
import time
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool

from prosa import __version__, crypto
from prosa.api import shell
from prosa.api.guard import Guard, session_key
from prosa.api.origin import check_same_origin
from prosa.api.session import AppSettings, Db, cookie_name, find_principal, session_token, uses_https
from prosa.dashboards import i18n
from prosa.db import Database
from prosa.errors import Invalid, Unauthenticated
from prosa.settings import Settings
from prosa.tenancy.model import ChooseTenant, LoggedIn, TenantChoice, TooManyTries
from prosa.tenancy.sessions import LIFETIME, log_in, log_out

HOME = "/app/"
LANGUAGE_COOKIE = "prosa_lang"
YEAR = 365 * 24 * 3600  # seconds
CHOICE_SECONDS = 300  # to choose a tenant before the password has to be typed again
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
Next = Annotated[str, Query(alias="next", max_length=200)]


def same_origin(request: Request, settings: AppSettings) -> None:
    """Dependency of whatever changes something for the holder of a cookie."""
    check_same_origin(request, settings)


router = APIRouter(include_in_schema=False)
FROM_OUR_PAGE = [Depends(same_origin)]


@router.get("/login")
async def form(request: Request, db: Db, settings: AppSettings, next_path: Next = HOME) -> Response:
    """The form; who is logged in already goes on."""
    if await run_in_threadpool(find_principal, db, session_token(request, settings), touch=False):
        return RedirectResponse(inner_path(next_path), 303)
    return page(request, next_path=inner_path(next_path))


@router.post("/login", dependencies=FROM_OUR_PAGE)
async def submit(
    request: Request, db: Db, settings: AppSettings,
    email: Annotated[str, Form(max_length=320)] = "", password: Annotated[str, Form(max_length=1000)] = "",
    tenant: Annotated[str, Form(max_length=63)] = "", ticket: Annotated[str, Form(max_length=4000)] = "",
    next_path: Annotated[str, Form(alias="next", max_length=200)] = HOME,
) -> Response:  # fmt: skip
    """Log in, or show the form again with what was wrong."""
    next_path = inner_path(next_path)
    try:
        if ticket:
            email, password = _open_ticket(settings, ticket)
        logged_in = await run_in_threadpool(
            log_in, db, email, password, address=_address(request),
            user_agent=request.headers.get("user-agent", ""), tenant_slug=tenant or None,
        )  # fmt: skip
    except ChooseTenant as choose:
        sealed = _seal_ticket(settings, email, password)
        return page(request, next_path=next_path, choices=choose.choices, ticket=sealed)
    except TooManyTries as brake:
        minutes = -(-brake.wait_seconds // 60)
        answer = page(request, 429, next_path=next_path, email=email, error="login.brake", minutes=minutes)
        answer.headers["Retry-After"] = str(brake.wait_seconds)
        return answer
    except Unauthenticated:
        return page(request, 401, next_path=next_path, email=email, error="login.wrong")
    except Invalid:
        return page(request, 401, next_path=next_path, error="login.took_too_long")
    await _end_session(request, db, settings)  # a new token at each login, and the old login's pages are cut
    return _welcome(settings, logged_in, next_path)


@router.post("/logout", dependencies=FROM_OUR_PAGE)
async def logout(request: Request, db: Db, settings: AppSettings) -> Response:
    """End the session and cut every page of it."""
    await _end_session(request, db, settings)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(cookie_name(settings), path="/", secure=uses_https(settings), httponly=True, samesite="lax")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.get("/auth/ping")
async def ping(request: Request, db: Db, settings: AppSettings) -> Response:
    """What open pages ask: 204 and the session's name while it lives, else 401. It does not keep the session alive."""
    principal = await run_in_threadpool(find_principal, db, session_token(request, settings), touch=False)
    if principal is None:
        return Response(status_code=401)
    return Response(status_code=204, headers={"X-Prosa-Session": session_key(principal), "Cache-Control": "no-store"})


@router.get("/language/{locale}")
async def language(locale: str, settings: AppSettings, next_path: Next = "/login") -> Response:
    """Remember the language of this browser and go back."""
    response = RedirectResponse("/login" if next_path == "/login" else inner_path(next_path), 303)
    if locale in i18n.LOCALES:
        secure = uses_https(settings)
        response.set_cookie(LANGUAGE_COOKIE, locale, max_age=YEAR, secure=secure, httponly=True, samesite="lax")
    return response


def page(
    request: Request, status: int = 200, *, next_path: str, email: str = "", error: str = "", minutes: int = 0,
    choices: list[TenantChoice] | None = None, ticket: str = "",
) -> HTMLResponse:  # fmt: skip
    """The login page, in the language of the cookie or the browser."""
    locale = i18n.choose_locale(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language"))
    html = templates.get_template("login.html").render(
        t=i18n.translator(locale), locale=locale, tag=i18n.browser_tag(locale), locales=i18n.LOCALES,
        version=__version__, next=next_path, email=email, error=error, minutes=minutes, choices=choices or [],
        ticket=ticket,
    )  # fmt: skip
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": POLICY, **shell.SECURITY_HEADERS}
    return HTMLResponse(html, status, headers=headers)


def inner_path(path: str) -> str:
    """`path` where it leads into the dashboards, else their home: no redirect to other sites."""
    return path if re.fullmatch(r"/app/[\w/-]*(\?[\w=&,.-]*)?", path) else HOME


def _welcome(settings: Settings, logged_in: LoggedIn, next_path: str) -> Response:
    response = RedirectResponse(next_path, 303)
    response.set_cookie(
        cookie_name(settings), logged_in.token, max_age=int(LIFETIME.total_seconds()), path="/",
        secure=uses_https(settings), httponly=True, samesite="lax",
    )  # fmt: skip
    return response


async def _end_session(request: Request, db: Database, settings: Settings) -> None:
    """End the session of the request's cookie, here and in the pages that it has open."""
    token = session_token(request, settings)
    principal = await run_in_threadpool(find_principal, db, token, touch=False)
    if principal is None or token is None:
        return

    def end() -> None:
        with db.anonymous() as conn:
            log_out(conn, token)

    await run_in_threadpool(end)
    guard: Guard | None = request.app.state.guard
    if guard is not None:
        guard.end(principal)


def _address(request: Request) -> str:
    """The peer of the socket; behind a trusted proxy, who the proxy says it is (uvicorn's proxy_headers)."""
    return request.client.host if request.client else "unknown"


def _seal_ticket(settings: Settings, email: str, password: str) -> str:
    """E-mail and password for the second step, readable by nobody but us, for five minutes."""
    return crypto.encrypt(settings.secret_keys, json.dumps([time.time() + CHOICE_SECONDS, email, password])).decode()


def _open_ticket(settings: Settings, ticket: str) -> tuple[str, str]:
    """E-mail and password. Raises Invalid for a ticket that is not ours or too old."""
    until, email, password = json.loads(crypto.decrypt(settings.secret_keys, ticket.encode()))
    if time.time() > until:
        raise Invalid("The choice of a tenant took too long.")
    return email, password
