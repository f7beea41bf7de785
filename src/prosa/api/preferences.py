"""Language and theme of this browser, and the tenant that an operator looks into."""

import re
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from prosa.api.forms import (
    FROM_OUR_PAGE,
    HOME,
    LANGUAGE_COOKIE,
    LONGEST_NEXT,
    THEME_COOKIE,
    THEMES,
    YEAR,
    address_of,
    inner_path,
)
from prosa.api.guard import Guard
from prosa.api.limits import LimitedRoute
from prosa.api.session import AppSettings, Db, find_principal, session_token, uses_https
from prosa.dashboards import i18n
from prosa.db import Database, TenantId
from prosa.errors import NotFound
from prosa.settings import Settings
from prosa.tenancy.model import PLATFORM, Principal
from prosa.tenancy.sessions import act_for
from prosa.tenancy.users import set_locale

router = APIRouter(include_in_schema=False, route_class=LimitedRoute)
BEFORE_LOGIN = re.compile(r"/login|/forgot|/password\?token=[\w-]{1,100}")
Choice = Annotated[str, Form(max_length=20)]
NextField = Annotated[str, Form(alias="next", max_length=LONGEST_NEXT)]


@router.post("/language", dependencies=FROM_OUR_PAGE)
async def choose_language(
    request: Request, db: Db, settings: AppSettings, choice: Choice = "", next_path: NextField = "/login"
) -> Response:
    """Remember the language for this browser, and for the user if one is logged in, and go back."""
    if choice in i18n.LOCALES:
        await run_in_threadpool(_save_language, db, session_token(request, settings), choice)
    return _remember(settings, next_path, LANGUAGE_COOKIE, choice if choice in i18n.LOCALES else None)


@router.post("/theme", dependencies=FROM_OUR_PAGE)
async def choose_theme(settings: AppSettings, choice: Choice = "", next_path: NextField = "/login") -> Response:
    """Remember the theme of this browser and go back."""
    return _remember(settings, next_path, THEME_COOKIE, choice if choice in THEMES else None)


@router.post("/act", dependencies=FROM_OUR_PAGE)
async def act(
    request: Request, db: Db, settings: AppSettings, tenant: Annotated[int, Form(ge=0, le=2**62)] = 0,
    next_path: NextField = HOME,
) -> Response:  # fmt: skip
    """Let an operator look into a tenant; 0 leads back. Pages that are open now are cut: they belong to another tenant."""
    token = session_token(request, settings)
    before = await run_in_threadpool(find_principal, db, token, touch=False)
    if before is None or token is None:
        return RedirectResponse("/login", 303)
    try:
        await run_in_threadpool(_act, db, token, TenantId(tenant) if tenant else None, address_of(request))
    except NotFound:
        return RedirectResponse(HOME, 303)
    _cut(request, before)
    return RedirectResponse(inner_path(next_path), 303)


def _save_language(db: Database, token: str | None, locale: str) -> None:
    """Remember the language for e-mails to this person, and for the next browser."""
    me = find_principal(db, token, touch=False)
    if me is None:
        return
    with db.operator() if me.home == PLATFORM else db.tenant(me.home) as conn:
        set_locale(conn, me.home, me.user_id, locale)


def _act(db: Database, token: str, tenant: TenantId | None, address: str) -> None:
    with db.anonymous() as conn:
        act_for(conn, token, tenant, address=address)


def _cut(request: Request, before: Principal) -> None:
    guard: Guard | None = request.app.state.guard
    if guard is not None:
        guard.end(before)


def _remember(settings: Settings, next_path: str, cookie: str, value: str | None) -> Response:
    response = RedirectResponse(next_path if BEFORE_LOGIN.fullmatch(next_path) else inner_path(next_path), 303)
    if value is not None:
        secure = uses_https(settings)
        response.set_cookie(cookie, value, max_age=YEAR, secure=secure, httponly=True, samesite="lax")
    return response
