"""The one table from our errors to HTTP, and their form on the wire: RFC 9457, application/problem+json.

A person who follows a link gets a page instead: a browser would show a problem document as a line of code.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException
from starlette.routing import Match

from prosa import errors
from prosa.api import forms, wording
from prosa.tenancy.model import TooManyRequests, TooManyTries

log = structlog.get_logger()

STATUS: dict[type[Exception], HTTPStatus] = {
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.Busy: HTTPStatus.CONFLICT,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyTries: HTTPStatus.TOO_MANY_REQUESTS,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
}
# What a page says, as texts of the dashboards, by the sort of problem or its status.
SAID: dict[str | HTTPStatus, tuple[str, str]] = {
    "link-over": ("problem.link_over", "problem.link_over_text"),
    HTTPStatus.UNAUTHORIZED: ("gate.ended", "gate.ended_hint"),
    HTTPStatus.FORBIDDEN: ("gate.refused", "gate.forbidden_hint"),
    HTTPStatus.NOT_FOUND: ("missing.heading", "missing.text"),
    HTTPStatus.SERVICE_UNAVAILABLE: ("problem.unavailable", "problem.unavailable_text"),
}
OTHER = ("problem.other", "problem.other_text")
# FastAPI's words for a body that is not UTF-8, or nested without end
PLAINER = {
    "There was an error parsing the body": "The body cannot be read as JSON: is it UTF-8, and not nested too deeply?"
}


def install(app: FastAPI) -> None:
    """Answer every error as a problem document."""
    app.add_exception_handler(errors.ProsaError, _ours)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _database_gone)
    app.add_exception_handler(PoolTimeout, _database_gone)


def status_of(error: Exception) -> HTTPStatus:
    """The status of the nearest class in the table; 500 for one that nobody listed."""
    found = (STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)
    return next(found, HTTPStatus.INTERNAL_SERVER_ERROR)


def problem(
    request: Request, status: HTTPStatus, detail: str, *, kind: str = "", headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:  # fmt: skip
    """A problem document. `kind` names the sort of problem for programs; `detail` explains this case to people."""
    if _is_followed_link(request):
        title, text = SAID.get(kind) or SAID.get(status, OTHER)
        way = "/login" if status is HTTPStatus.UNAUTHORIZED else "/"
        reference = request.scope.get("request_id")
        return forms.page(request, "problem.html", status, title=title, text=text, way=way, reference=reference)
    body = {
        "type": f"urn:prosa:problem:{kind}" if kind else "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "instance": request.url.path,
        "request_id": request.scope.get("request_id"),
        **more,
    }
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


def _is_followed_link(request: Request) -> bool:
    """Whether a browser asks for something that it will show as a page. What it loads into a page, such as a frame, is none."""
    shown_as = request.headers.get("sec-fetch-dest", "document")  # browsers say it where the connection is safe
    return request.method == "GET" and shown_as == "document" and "text/html" in request.headers.get("accept", "")


async def _ours(request: Request, error: Exception) -> Response:
    status = status_of(error)
    headers = {}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyTries | TooManyRequests):
        headers["Retry-After"] = str(error.wait_seconds)
    kind = re.sub(r"(?<!^)(?=[A-Z])", "-", type(error).__name__).lower()
    at = error.at if isinstance(error, errors.Invalid) else None
    more = {"errors": [{"at": at, "message": str(error)}]} if at else {}
    return problem(request, status, str(error), kind=kind, headers=headers, **more)


async def _unreadable(request: Request, error: Exception) -> Response:
    """What is wrong and where, without the input itself, which may be personal."""
    assert isinstance(error, RequestValidationError)
    found = [{"at": wording.place(e), "message": wording.explain(e)} for e in error.errors()]
    detail = "; ".join(f"{e['at']}: {e['message']}" for e in found)
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, kind="invalid", errors=found)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = {"Allow": _allowed(request)} if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED else error.headers
    detail = PLAINER.get(error.detail, error.detail)
    return problem(request, HTTPStatus(error.status_code), detail, headers=headers)


def _allowed(request: Request) -> str:
    """Every method of the path: Starlette names only the first route's. HEAD goes where GET does (prosa.api.lenient)."""

    def is_served(method: str) -> bool:
        scope = {**request.scope, "method": "GET" if method == "HEAD" else method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)

    return ", ".join(filter(is_served, ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")))


async def _database_gone(request: Request, error: Exception) -> Response:
    log.error("database unavailable", error=type(error).__name__)
    detail = "The database does not answer. Try again in a moment."
    headers = {"Retry-After": "5"}
    return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, detail, kind="unavailable", headers=headers)


def unexpected(request: Request) -> Response:
    """The answer to an error that nobody foresaw. The cause stays in the log, under the request's id."""
    detail = "Something went wrong on our side. Tell the operator this request_id."
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail, kind="unexpected")
