"""Logging in and out: the pages, the cookie, and what open pages ask."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from prosa.api.forms import (
    FROM_OUR_PAGE,
    HOME,
    LONGEST_NEXT,
    Next,
    address_of,
    inner_path,
    open_ticket,
    page,
    seal_ticket,
)
from prosa.api.guard import Guard, session_key
from prosa.api.limits import LimitedRoute
from prosa.api.session import AppSettings, Db, cookie_name, find_principal, session_token, uses_https
from prosa.db import Database
from prosa.errors import Invalid, Unauthenticated
from prosa.gateways import mail
from prosa.settings import Settings
from prosa.tenancy.model import (
    ChooseTenant,
    LoggedIn,
    SecondFactorNeeded,
    TenantChoice,
    TenantSuspended,
    TooManyTries,
)
from prosa.tenancy.sessions import LIFETIME, log_in, log_out

router = APIRouter(include_in_schema=False, route_class=LimitedRoute)
NOTICES = {"password": "password.done", "ended": "login.ended"}  # by what has led to the login


@router.get("/login")
async def form(request: Request, db: Db, settings: AppSettings, next_path: Next = HOME, done: str = "") -> Response:
    """The login form; whoever is logged in goes on. `done` says what came before: a password was set, or a session ended."""
    if await run_in_threadpool(find_principal, db, session_token(request, settings), touch=False):
        return RedirectResponse(inner_path(next_path), 303)
    return login_page(request, next_path=inner_path(next_path), notice=NOTICES.get(done, ""))


@router.post("/login", dependencies=FROM_OUR_PAGE)
async def submit(
    request: Request, db: Db, settings: AppSettings,
    email: Annotated[str, Form(max_length=320)] = "", password: Annotated[str, Form(max_length=1000)] = "",
    tenant: Annotated[str, Form(max_length=63)] = "", code: Annotated[str, Form(max_length=40)] = "",
    ticket: Annotated[str, Form(max_length=4000)] = "",
    next_path: Annotated[str, Form(alias="next", max_length=LONGEST_NEXT)] = HOME,
) -> Response:  # fmt: skip
    """Log in, or show the next step, or the form again with what was wrong."""
    next_path = inner_path(next_path)
    try:
        if ticket:
            email, password, chosen = open_ticket(settings, ticket)
            tenant = tenant or chosen
        logged_in = await run_in_threadpool(
            log_in, db, email, password, address=address_of(request), user_agent=request.headers.get("user-agent", ""),
            tenant_slug=tenant or None, code=code.strip(), secret_keys=settings.secret_keys,
        )  # fmt: skip
    except ChooseTenant as choose:
        sealed = seal_ticket(settings, email, password, "")
        return login_page(request, next_path=next_path, choices=choose.choices, ticket=sealed)
    except SecondFactorNeeded as needed:
        sealed = seal_ticket(settings, email, password, tenant)
        error = "login.wrong_code" if needed.wrong else ""
        return login_page(request, 401 if error else 200, next_path=next_path, ticket=sealed, code=True, error=error)
    except TooManyTries as brake:
        minutes = -(-brake.wait_seconds // 60)
        answer = login_page(request, 429, next_path=next_path, email=email, error="login.brake", minutes=minutes)
        answer.headers["Retry-After"] = str(brake.wait_seconds)
        return answer
    except Unauthenticated as refused:
        error = "login.suspended" if isinstance(refused, TenantSuspended) else "login.wrong"
        return login_page(request, 401, next_path=next_path, email=email, error=error)
    except Invalid:
        return login_page(request, 401, next_path=next_path, error="login.took_too_long")
    await end_session(request, db, settings)  # a new token at each login, and the old login's pages are cut
    return _welcome(settings, logged_in, next_path)


@router.post("/logout", dependencies=FROM_OUR_PAGE)
async def logout(request: Request, db: Db, settings: AppSettings) -> Response:
    """End the session and cut every page of it."""
    await end_session(request, db, settings)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(cookie_name(settings), path="/", secure=uses_https(settings), httponly=True, samesite="lax")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.get("/auth/ping")
async def ping(request: Request, db: Db, settings: AppSettings) -> Response:
    """What open pages poll: 204 with the session's name while it lives, else 401. This does not keep the session alive."""
    principal = await run_in_threadpool(find_principal, db, session_token(request, settings), touch=False)
    if principal is None:
        return Response(status_code=401)
    return Response(status_code=204, headers={"X-Prosa-Session": session_key(principal), "Cache-Control": "no-store"})


def login_page(
    request: Request, status: int = 200, *, next_path: str, email: str = "", error: str = "", minutes: int = 0,
    choices: list[TenantChoice] | None = None, ticket: str = "", code: bool = False, notice: str = "",
) -> Response:  # fmt: skip
    """The login page: e-mail and password, then the tenant if there are several, then the code if the account asks for one."""
    return page(
        request, "login.html", status, next=next_path, email=email, error=error, minutes=minutes,
        choices=choices or [], ticket=ticket, code=code, notice=notice,
        can_mail=mail.is_configured(request.app.state.settings),
    )  # fmt: skip


async def end_session(request: Request, db: Database, settings: Settings) -> None:
    """End the session of the request's cookie, here and in the pages that it has open."""
    principal = await run_in_threadpool(find_principal, db, session_token(request, settings), touch=False)
    if principal is None:
        return
    await run_in_threadpool(log_out, db, principal)
    guard: Guard | None = request.app.state.guard
    if guard is not None:
        guard.end(principal)


def _welcome(settings: Settings, logged_in: LoggedIn, next_path: str) -> Response:
    response = RedirectResponse(next_path, 303)
    response.set_cookie(
        cookie_name(settings), logged_in.token, max_age=int(LIFETIME.total_seconds()), path="/",
        secure=uses_https(settings), httponly=True, samesite="lax",
    )  # fmt: skip
    return response
