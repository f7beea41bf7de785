"""An installation with a home and an embedded database of its own, for as long as a measurement takes."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prosa.db.embedded import EmbeddedServer
from prosa.db.migrate import migrate
from prosa.settings import Settings


@contextmanager
def installation() -> Iterator[tuple[Settings, EmbeddedServer]]:
    """A migrated database in a temporary home."""
    with tempfile.TemporaryDirectory(prefix="prosa-bench-") as folder:
        Path(folder).chmod(0o711)  # the server's own user must be able to walk there, when we are root
        settings = Settings(prosa_home=Path(folder) / "home", secret_key="bench")
        with EmbeddedServer(settings.prosa_home).running() as server:
            migrate(settings)
            yield settings, server
