"""Forgotten passwords and invitations: asking for a link, and setting a password by one."""

from typing import Annotated

import structlog
from fastapi import APIRouter, BackgroundTasks, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from prosa.api.forms import FROM_OUR_PAGE, address_of, locale_of, page
from prosa.api.limits import LimitedRoute
from prosa.api.session import AppSettings, Db
from prosa.dashboards import account_mails
from prosa.db import Database
from prosa.errors import Invalid, NotFound, Unavailable
from prosa.gateways import mail
from prosa.settings import Settings
from prosa.tenancy import links
from prosa.tenancy.passwords import MIN_LENGTH

log = structlog.get_logger()
router = APIRouter(include_in_schema=False, route_class=LimitedRoute)
Token = Annotated[str, Query(max_length=100)]


@router.get("/forgot")
async def ask_form(request: Request, settings: AppSettings) -> Response:
    """The form to ask for a link. If no e-mail can be sent, the page says whom to ask instead."""
    return page(request, "forgot.html", sent=False, can_mail=mail.is_configured(settings))


@router.post("/forgot", dependencies=FROM_OUR_PAGE)
async def ask(
    request: Request, db: Db, settings: AppSettings, later: BackgroundTasks,
    email: Annotated[str, Form(max_length=320)] = "",
) -> Response:  # fmt: skip
    """Answer everybody the same, and as fast. Whatever an account of this e-mail makes necessary happens afterwards."""
    if mail.is_configured(settings):
        later.add_task(send_links, db, settings, email, locale=locale_of(request), address=address_of(request))
    return page(request, "forgot.html", sent=True, can_mail=mail.is_configured(settings))


@router.get("/password")
async def set_form(request: Request, db: Db, token: Token = "") -> Response:
    """The form to set a password, for the holder of a link that still works."""
    return await _set_page(request, db, token)


@router.post("/password", dependencies=FROM_OUR_PAGE)
async def set_password(
    request: Request, db: Db, token: Annotated[str, Form(max_length=100)] = "",
    password: Annotated[str, Form(max_length=1000)] = "", again: Annotated[str, Form(max_length=1000)] = "",
) -> Response:  # fmt: skip
    """Set it and go on to the login."""
    if password != again:
        return await _set_page(request, db, token, "password.differ")
    try:
        await run_in_threadpool(links.use, db, token, password, address=address_of(request))
    except Invalid:
        return await _set_page(request, db, token, "password.too_short")
    except NotFound:
        return await _set_page(request, db, token)
    return RedirectResponse("/login?done=password", 303)


def send_links(db: Database, settings: Settings, email: str, *, locale: str, address: str) -> None:
    """Send one message with a link for each company in which this e-mail has an account; nothing if there are none.

    The links lead to the address of our settings. One that the request named would hand the token to whoever sent the request.
    """
    asked = links.ask(db, email, address=address)
    if not asked:
        return
    found = [(link.tenant_name, f"{settings.own_url}{links.PATH}{link.token}") for link in asked]
    try:
        mail.send(settings, account_mails.reset(email.strip().lower(), found, locale=locale))
    except Unavailable:
        log.exception("a password link was not sent")


async def _set_page(request: Request, db: Database, token: str, error: str = "") -> Response:
    def find() -> links.Link | None:
        with db.anonymous() as conn:
            return links.find(conn, token)

    link = await run_in_threadpool(find) if token else None
    status = 404 if link is None else 422 if error else 200
    return page(request, "password.html", status, link=link, token=token, error=error, least=MIN_LENGTH)
