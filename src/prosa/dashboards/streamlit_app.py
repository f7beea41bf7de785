"""The dashboards as an ASGI application, to be mounted behind the guard."""

from pathlib import Path

import streamlit as st
import structlog
from streamlit import config

from prosa.dashboards import gate, navigation  # noqa: F401  (every page is imported before gc.freeze, not at its first visit)

log = structlog.get_logger()

SCRIPT = Path(__file__).parent / "shell" / "app.py"


def create(connection: gate.Connection) -> st.App:
    """The Streamlit application over `connection`. One for a process: Streamlit keeps its state in the process."""
    gate.connect(connection)
    app = st.App(SCRIPT, on_script_error=_log_error)
    # Options that something asked for before were read and kept without our file, and with them whose session may be resumed.
    config.get_config_options(force_reparse=True)
    return app


def _log_error(error: Exception) -> None:
    """Log what failed. The page shows only that something failed (showErrorDetails is off)."""
    log.error("a page failed", exc_info=error)
