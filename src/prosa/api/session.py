"""Who is asking: the session's cookie, or an API key."""

from typing import Annotated

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from prosa.api.origin import SAFE_METHODS, check_same_origin
from prosa.db import Database
from prosa.errors import Unauthenticated
from prosa.settings import Settings
from prosa.tenancy.api_keys import find_key
from prosa.tenancy.model import ApiKeyHolder, Principal
from prosa.tenancy.sessions import find_session

# The dependencies are coroutines so that the tenant they bind to the log is bound in the request's own context, and so that
# those which only look something up need no thread.
Caller = Principal | ApiKeyHolder
bearer = HTTPBearer(auto_error=False, description="An API key: `prosa apikey create --tenant SLUG`.")


def cookie_name(settings: Settings) -> str:
    """The session's cookie. Behind https `__Host-` keeps other hosts of the domain from planting one."""
    return "__Host-prosa" if uses_https(settings) else "prosa"


def uses_https(settings: Settings) -> bool:
    """Whether the world reaches this installation over TLS, which PUBLIC_URL alone can know."""
    return (settings.public_url or "").startswith("https://")


def session_token(connection: HTTPConnection, settings: Settings) -> str | None:
    """The token in the cookie, if there is one."""
    return connection.cookies.get(cookie_name(settings))


def find_principal(db: Database, token: str | None, *, touch: bool = True) -> Principal | None:
    """Who is logged in by this token. `touch` counts as a use of the session."""
    if not token:
        return None
    with db.anonymous() as conn:
        return find_session(conn, token, touch=touch)


async def database(request: Request) -> Database:
    """The application's database."""
    db: Database = request.app.state.db
    return db


async def app_settings(request: Request) -> Settings:
    """The application's settings."""
    settings: Settings = request.app.state.settings
    return settings


Db = Annotated[Database, Depends(database)]
AppSettings = Annotated[Settings, Depends(app_settings)]


async def current_user(request: Request, db: Db, settings: AppSettings) -> Principal:
    """The person who is logged in. Raises Unauthenticated, or CrossOrigin for a change sent by another site's page."""
    principal = await run_in_threadpool(find_principal, db, session_token(request, settings))
    if principal is None:
        raise Unauthenticated("Log in first, or send an API key: Authorization: Bearer …")
    if request.method not in SAFE_METHODS:
        check_same_origin(request, settings)
    structlog.contextvars.bind_contextvars(tenant_id=principal.tenant_id)
    return principal


async def current_caller(
    request: Request, db: Db, settings: AppSettings,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Caller:  # fmt: skip
    """The program or person who asks. An API key goes first; a wrong one never falls back to the cookie."""
    if credentials is None:
        return await current_user(request, db, settings)
    holder = await run_in_threadpool(_find_holder, db, credentials.credentials)
    if holder is None:
        raise Unauthenticated("This API key is unknown or revoked.")
    structlog.contextvars.bind_contextvars(tenant_id=holder.tenant_id)
    return holder


def _find_holder(db: Database, key: str) -> ApiKeyHolder | None:
    with db.anonymous() as conn:
        return find_key(conn, key)


CurrentUser = Annotated[Principal, Depends(current_user)]
CurrentCaller = Annotated[Caller, Depends(current_caller)]
