"""Gives every request an id and one log line, and counts it in the metrics."""

import re
import time
import uuid

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from prosa.api import errors
from prosa.tenancy import audit

log = structlog.get_logger()

METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}  # a client may invent others without end
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Metrics:
    """What `/metrics` shows of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        labels = ("method", "route", "status")
        self.requests = Counter("prosa_http_requests", "HTTP requests.", labels, registry=self.registry)
        self.seconds = Histogram(
            "prosa_http_request_seconds", "Time to answer an HTTP request.", ("route",), registry=self.registry
        )


class Observing:
    """ASGI middleware. A sensible `X-Request-ID` of the client is kept, so that it can follow its request through."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note how it went."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope["request_id"] = request_id
        status = None

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update({"X-Request-ID": request_id, **scope.get("more_headers", {})})
            await send(message)

        started = time.perf_counter()
        audit.come_from(scope["client"][0] if scope.get("client") else None)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            except Exception:
                log.exception("request failed", method=scope["method"], path=scope["path"])
                if status is not None:
                    raise  # half an answer is out: only breaking the connection tells the client
                await errors.unexpected(Request(scope))(scope, receive, send_with_id)
            finally:
                self._note(scope, status or 500, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or scope.get("root_path") or "other"
        method = scope["method"] if scope["method"] in METHODS else "other"
        self.metrics.requests.labels(method, route, status).inc()
        self.metrics.seconds.labels(route).observe(seconds)
        if not route.startswith(("/app", "/assets", "/health", "/auth/ping")):
            log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))
