"""Logging: readable lines on a terminal, JSON elsewhere; never a body, a token or a whole phone number.

`configure` is called once in a process. Modules then use `structlog.get_logger()`; what goes through the standard library comes
out in the same form. Modules that short commands use as well (prosa.analysis, remarketing.syncing) log through the standard
library: such commands configure nothing, and structlog would take a tenth of a second to import and write into what the command
prints. Request and tenant ids are bound with `structlog.contextvars`.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any

import structlog

SECRET = re.compile(r"(password|passwd|secret|token|authorization|cookie|api_?key|dsn|body|content)$", re.IGNORECASE)
PHONE = re.compile(r"(\+\d{2})\d{4,9}(\d{4})\b")
URL_PASSWORD = re.compile(r"(://[^:/@\s]+:)[^@\s]+@")
HIDDEN = "[hidden]"
# Libraries that log each of their steps, some with the data in it.
TALKATIVE = ("procrastinate", "streamlit", "uvicorn.error", "uvicorn.access", "httpx", "httpx2", "httpcore", "httpcore2",
             "urllib3", "openai", "twilio.http_client", "asyncio", "watchdog")  # fmt: skip


def configure(*, debug: bool = False) -> None:
    """Send every log line of this process to standard error. To be called after the imports."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=_renderer(), foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    for logger in map(logging.getLogger, logging.root.manager.loggerDict):  # some libraries bring handlers of their own
        logger.handlers, logger.propagate = [], True
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def hide_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Drop values with telling names, and leave of phone numbers only the country and the last four digits."""
    return {key: HIDDEN if _is_secret(key) else _clean(value) for key, value in event.items()}


@lru_cache(maxsize=1000)  # the same few names return in every line
def _is_secret(key: str) -> bool:
    return SECRET.search(key) is not None


def _clean(value: object) -> object:
    if isinstance(value, str):
        return PHONE.sub(r"\1…\2", URL_PASSWORD.sub(rf"\1{HIDDEN}@", value))
    if isinstance(value, Mapping):
        return {k: HIDDEN if _is_secret(str(k)) else _clean(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    return value


def _renderer() -> structlog.types.Processor:
    if sys.stderr.isatty():
        return structlog.dev.ConsoleRenderer()
    return structlog.processors.JSONRenderer(ensure_ascii=False)
