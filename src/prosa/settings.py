"""Settings, from environment variables and a `.env` file. Every variable is described in `.env.example`.

A plain dataclass: importing pydantic-settings would cost each command more time than an idle ETL run takes.
"""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from prosa.errors import Invalid


def _number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise ValueError(f"must be a whole number, not {text!r}") from None
        if not low <= value <= high:
            raise ValueError(f"must be between {low} and {high}")
        return value

    return parse


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return text.lower()

    return parse


def _switch(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError("must be true or false")


def _keys(text: str) -> list[str]:
    return [key.strip() for key in text.split(",") if key.strip()]


def _some(keys: list[str], where: str) -> list[str]:
    if not keys:
        raise Invalid(
            f"{where} holds no key. Put back the one that this installation had: what is stored opens with no other."
        )
    return keys


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in text.split(",") if name.strip())


def _url(text: str) -> str:
    if "://" not in text:
        raise ValueError("must be a URL with a scheme, such as https://")
    return text


def _postgresql(text: str) -> str:
    if not text.startswith(("postgresql://", "postgres://")):
        raise ValueError("must be a URL such as postgresql://user:password@host:5432/database")
    return text


def _home() -> Path:
    data = os.environ.get("XDG_DATA_HOME") or str(Path("~/.local/share").expanduser())
    return Path(data) / "prosa"


def variable(default: Any = None, parse: Callable[[str], Any] = str, *, secret: bool = False) -> Any:
    """A field that is read from the variable of the same name in upper case."""
    return field(default=default, repr=not secret, metadata={"parse": parse})


@dataclass(frozen=True)
class Settings:
    """A field for each variable, under the same name in lower case. Secrets are left out of `repr`, and so of logs."""

    database_url: str | None = variable(parse=_postgresql, secret=True)
    secret_key: str | None = variable(secret=True)
    public_url: str | None = variable(parse=_url)
    api_host: str = variable("127.0.0.1")
    api_port: int = variable(8000, _number(0, 65535))
    api_debug: bool = variable(False, _switch)
    metrics_token: str | None = variable(secret=True)

    chatwoot_database_url: str | None = variable(parse=_url, secret=True)
    chatwoot_hosts: tuple[str, ...] = variable((), _names)

    twilio_account_sid: str | None = variable()
    twilio_auth_token: str | None = variable(secret=True)
    twilio_phone_number: str | None = variable()
    twilio_api_base_url: str | None = variable(parse=_url)

    openai_api_key: str | None = variable(secret=True)
    openai_base_url: str | None = variable(parse=_url)
    openai_model: str = variable("gpt-4o-mini")
    openai_requests_per_minute: int = variable(500, _number(1, 10_000_000))
    openai_tokens_per_minute: int = variable(200_000, _number(1, 2_000_000_000))
    openai_requests_per_day: int | None = variable(parse=_number(1, 2_000_000_000))
    openai_tokens_per_day: int | None = variable(parse=_number(1, 2_000_000_000_000))

    smtp_host: str | None = variable()
    smtp_port: int = variable(587, _number(1, 65535))
    smtp_security: str = variable("starttls", _one_of("starttls", "tls", "none"))
    smtp_username: str | None = variable()
    smtp_password: str | None = variable(secret=True)
    mail_from: str | None = variable()

    supabase_url: str | None = variable(parse=_url)
    supabase_key: str | None = variable(secret=True)

    media_url: str | None = variable(parse=_url)
    media_endpoint: str | None = variable(parse=_url)
    media_region: str | None = variable()
    media_access_key_id: str | None = variable()
    media_secret_access_key: str | None = variable(secret=True)

    conversation_expiration_minutes: int = variable(1440, _number(1, 10_000_000))
    conversation_idle_timeout_minutes: int = variable(60, _number(1, 10_000_000))

    prosa_home: Path = field(default_factory=_home, metadata={"parse": lambda text: Path(text).expanduser()})

    @property
    def own_url(self) -> str:
        """The address under which the world reaches us: PUBLIC_URL, or this machine's if that is not set. No slash at its end.

        It is never taken from a request's headers, which anybody can write.
        """
        return (self.public_url or http_url(self.api_host, self.api_port)).rstrip("/")

    @cached_property
    def secret_keys(self) -> list[str]:
        """The keys in SECRET_KEY, newest first (it may list several, separated by commas, for rotation).

        Without the variable, a key is made once and kept under PROSA_HOME, in a file of the same form. Machines that share a
        database must share the key, so there it has to be set.
        """
        if self.secret_key is not None:
            return _some(_keys(self.secret_key), "SECRET_KEY")
        path = self.prosa_home / "secret.key"
        if not path.exists():
            self.prosa_home.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(f".{os.getpid()}")
            unfinished.touch(mode=0o600)
            with unfinished.open("w") as file:
                file.write(secrets.token_urlsafe(32))
                file.flush()
                os.fsync(
                    file.fileno()
                )  # a power cut must not leave it empty: without the key nobody reads the database
            try:
                os.link(unfinished, path)  # whoever comes first wins; a second process then reads the same key
            except FileExistsError:
                pass
            finally:
                unfinished.unlink()
        return _some(_keys(path.read_text()), str(path))


def http_url(host: str, port: int) -> str:
    """The address of a web process that listens on this host and port. An IPv6 address is put into brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def read(environment: Mapping[str, str]) -> Settings:
    """Settings from `environment`. An empty variable counts as unset. Raises Invalid naming the variable."""
    values = {}
    for f in fields(Settings):
        name = f.name.upper()
        if text := environment.get(name, "").strip():
            try:
                values[f.name] = f.metadata["parse"](text)
            except ValueError as error:
                raise Invalid(f"{name}: {error}") from None
    return Settings(**values)


@cache
def get_settings() -> Settings:
    """The settings of this process: the environment first, then `.env` in the current folder."""
    file: dict[str, str | None] = {}
    if Path(".env").exists():
        from dotenv import dotenv_values  # noqa: PLC0415  (most processes have no such file)

        try:
            file = dotenv_values(".env")
        except OSError as error:
            raise Invalid(f"{Path('.env').absolute()} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise Invalid(f"{Path('.env').absolute()} must be UTF-8.") from None
    return read({**{k: v for k, v in file.items() if v is not None}, **os.environ})
