"""The web application: REST API, login pages, and the dashboards behind their guard."""

from hmac import compare_digest
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from fastapi.security import HTTPAuthorizationCredentials
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.staticfiles import StaticFiles

from prosa import __version__
from prosa.api import (
    ai_results,
    analytics,
    assets,
    audit_export,
    campaigns,
    conversations,
    conversions,
    errors,
    exports,
    label_rules,
    login,
    message_media,
    messages,
    passwords,
    preferences,
    remarketing,
    reports,
    shell,
    twilio,
    twilio_status,
    webhook_endpoints,
)  # fmt: skip
from prosa.api.description import DescribedApp, operation_id
from prosa.api.guard import Find, Guard
from prosa.api.lenient import Lenient
from prosa.api.observing import Metrics, Observing
from prosa.api.problems import PROBLEMS
from prosa.api.session import AppSettings, Db, bearer, cookie_name, current_caller, find_principal, session_token
from prosa.api.waking import Waker
from prosa.db import Database
from prosa.errors import Forbidden
from prosa.settings import Settings
from prosa.tenancy.model import PLATFORM, Principal

if TYPE_CHECKING:
    import streamlit as st

DESCRIPTION = "Conversations, analytics and remarketing of one tenant. Authenticate with an API key as a bearer token."


def create_app(database: Database, settings: Settings, *, api: bool = True, dashboards: bool = True) -> FastAPI:
    """The application over an open database. `api` and `dashboards` choose what this process serves."""

    def find(token: str | None, touch: bool) -> Principal | None:
        return find_principal(database, token, touch=touch)

    ui = _dashboards(database, settings, find) if dashboards else None
    app = DescribedApp(
        title="Prosa", version=__version__, description=DESCRIPTION, generate_unique_id_function=operation_id,
        separate_input_output_schemas=False,
        openapi_url="/openapi.json" if api else None, lifespan=ui.lifespan() if ui else None,
    )  # fmt: skip
    app.state.db, app.state.settings, app.state.metrics = database, settings, Metrics()
    app.state.waker, app.state.arrivals = Waker(database), twilio.together(database)
    app.state.guard = _guard(ui, find, settings) if ui else None
    errors.install(app)
    app.add_middleware(Observing, metrics=app.state.metrics)
    app.add_middleware(Lenient)
    app.add_middleware(assets.Kept, folders=_kept(dashboards=dashboards))  # added last, so the outermost
    if api:  # the webhooks first: routes are tried in order, and all others would cost a webhook a third of its time
        app.include_router(twilio.router)
        app.include_router(twilio_status.router)
    _add_basics(app)
    for pages in (login, passwords, preferences):
        app.include_router(pages.router)
    for files in (audit_export, reports, exports, message_media):  # the dashboards link to these, so they need no API
        app.include_router(files.router)
    if api:
        for resource in (conversations, messages, ai_results, analytics, conversions, label_rules, remarketing, campaigns,
                         webhook_endpoints):  # fmt: skip
            app.include_router(resource.router)
    app.mount("/assets", StaticFiles(directory=assets.STATIC), name="assets")
    if app.state.guard is not None:
        app.add_route("/app", lambda _: RedirectResponse("/app/", 308))
        app.mount("/app", app.state.guard)
    return app


def _kept(*, dashboards: bool) -> dict[str, Path]:
    """The folders of files that `assets.Kept` answers for, by the path's beginning."""
    return {"/assets/": assets.STATIC, **({"/app/static/": shell.PROGRAMS.parent} if dashboards else {})}


def _dashboards(database: Database, settings: Settings, find: Find) -> "st.App":
    """The Streamlit application. Imported here: a process that serves the API alone takes 77 MB instead of 112."""
    from prosa.dashboards import gate, streamlit_app  # noqa: PLC0415

    return streamlit_app.create(gate.Connection(database, find, cookie_name(settings), settings))


def _guard(ui: "st.App", find: Find, settings: Settings) -> Guard:
    """The guard around the dashboards."""
    from prosa.dashboards import navigation  # noqa: PLC0415

    return Guard(ui, find=find, settings=settings, pages=navigation.paths(), missing=navigation.MISSING)


def _add_basics(app: FastAPI) -> None:
    to_browser: dict[int | str, dict[str, Any]] = {
        303: {"description": "A browser is sent to the dashboards, or to log in"}
    }
    app.get("/", summary="What this is", responses=to_browser)(describe)
    app.get("/health", summary="Whether this process and its database work", responses={503: PROBLEMS[503]})(health)
    app.get("/metrics", include_in_schema=False)(metrics)


def describe(request: Request, db: Db, settings: AppSettings) -> Response:
    """Programs get the API's description; a browser is sent to the dashboards, or to log in."""
    if "text/html" in request.headers.get("accept", ""):
        known = find_principal(db, session_token(request, settings), touch=False)
        return RedirectResponse("/app/" if known else "/login", 303)
    return JSONResponse({"name": "Prosa", "version": __version__, "openapi": "/openapi.json", "docs": "/docs"})


def health(db: Db) -> dict[str, str]:
    """Answers 503 where the database does not."""
    with db.anonymous() as conn:
        conn.execute("select 1")
    return {"status": "ok", "version": __version__}


async def metrics(
    request: Request, db: Db, settings: AppSettings,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Response:  # fmt: skip
    """Prometheus metrics, which count every tenant's requests: for this machine, METRICS_TOKEN or an operator's session."""
    token = credentials.credentials if credentials else ""
    known = compare_digest(token.encode(), (settings.metrics_token or "").encode()) and token != ""
    if not known and not _is_loopback(request):
        caller = await current_caller(request, db, settings, credentials)
        if caller.tenant_id != PLATFORM:
            raise Forbidden("These are the operators' numbers, over all companies.")
    return PlainTextResponse(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _is_loopback(request: Request) -> bool:
    """Whether the request comes from this machine itself, and not through a proxy on it."""
    if request.client is None or any(name in request.headers for name in ("x-forwarded-for", "forwarded")):
        return False
    return ip_address(request.client.host).is_loopback
