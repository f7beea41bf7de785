"""From the settings to an open database: whose server it is, and by which logins."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from prosa.crypto import derive
from prosa.db.connection import Database, pool
from prosa.db.embedded import EmbeddedServer
from prosa.errors import Invalid
from prosa.settings import Settings

OWNER = "prosa_owner"  # owns the embedded database's objects; no superuser, so what works here works on Supabase too
DATABASE = "prosa"


@dataclass(frozen=True)
class Logins:
    """Connection URLs: the owner's, who migrates, and the application's two."""

    owner: str
    app: str
    platform: str


@contextmanager
def open_database(settings: Settings, *, max_size: int = 10, platform: bool = True) -> Iterator[Database]:
    """Pools to the database of the settings; the embedded server runs for as long as this is held."""
    with server(settings) as logins:
        database = Database(
            app_dsn=logins.app,
            platform_dsn=logins.platform if platform else None,
            app=pool(logins.app, max_size=max_size),
            platform=pool(logins.platform, max_size=max_size) if platform else None,
        )
        try:
            yield database
        finally:
            database.close()


@contextmanager
def server(settings: Settings) -> Iterator[Logins]:
    """The logins of DATABASE_URL's server, or of the embedded one, which runs for as long as this is held."""
    if settings.database_url is not None:
        yield logins(settings, settings.database_url)
        return
    with EmbeddedServer(settings.prosa_home).running() as embedded:
        yield logins(settings, embedded.dsn(DATABASE, OWNER, role_password(settings, OWNER)))


def logins(settings: Settings, owner_url: str) -> Logins:
    """The application's logins, derived from the owner's URL: same server and database, other user and password.

    Raises Invalid, without the URL's password, where it cannot be read.
    """
    if not _well_formed(owner_url):
        raise Invalid(
            "DATABASE_URL: cannot be read; it is written postgresql://user:password@host:5432/database. In a password "
            "@ is written as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25."
        )
    return Logins(
        owner=owner_url,
        app=_as_user(owner_url, "prosa_app", role_password(settings, "prosa_app")),
        platform=_as_user(owner_url, "prosa_platform", role_password(settings, "prosa_platform")),
    )


def role_password(settings: Settings, role: str) -> str:
    """A login's password, derived from SECRET_KEY, so that no machine needs another secret."""
    return derive(settings.secret_keys[0], f"database role {role}").hex()


def _well_formed(url: str) -> bool:
    """Whether the URL's parts are what they seem: an unescaped @ or / in a password would make a piece of it the host."""
    parts = urlsplit(url)
    try:
        conninfo_to_dict(url)
    except ProgrammingError:
        return False
    behind = parts.path if "@" in parts.netloc else parts.path + parts.query
    return parts.netloc.count("@") <= 1 and "@" not in behind and not parts.fragment


def _as_user(url: str, user: str, password: str) -> str:
    """The URL with another user. A pooler's suffix stays (Supabase's pooler wants `user.project`)."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    _, dot, project = (parts.username or "").partition(".")
    return urlunsplit(parts._replace(netloc=f"{quote(user)}{dot}{project}:{password}@{host}"))
