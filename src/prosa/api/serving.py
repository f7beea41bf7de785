"""The web process: uvicorn round the application."""

import gc

import uvicorn
from fastapi import FastAPI

from prosa import log
from prosa.api.app import create_app
from prosa.db import open_database
from prosa.settings import Settings


def serve(settings: Settings, *, host: str, port: int, api: bool, dashboards: bool) -> None:
    """Serve until SIGTERM or SIGINT; open requests get three seconds to finish."""
    with open_database(settings, max_size=20, platform=dashboards) as db:
        app = create_app(db, settings, api=api, dashboards=dashboards)
        log.configure(debug=settings.api_debug)  # Streamlit has set up its own in between
        # Streamlit collects garbage after every run of a page. What the imports left is not to be walked each time:
        # this takes a page from 210 to 50 ms of processor time.
        gc.collect()
        gc.freeze()
        uvicorn.Server(server_config(app, settings, host=host, port=port)).run()


def server_config(app: FastAPI, settings: Settings, *, host: str, port: int) -> uvicorn.Config:
    """How uvicorn is to serve.

    Forwarded headers count only where PUBLIC_URL says that there is a proxy, and only from the addresses of
    FORWARDED_ALLOW_IPS (uvicorn's variable; 127.0.0.1 by default). Anyone else could write in them whatever they like.
    """
    return uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, server_header=False,
        timeout_graceful_shutdown=3, proxy_headers=settings.public_url is not None,
    )  # fmt: skip
