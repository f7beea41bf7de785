"""What is read from variables, and what a mistake in one is answered."""

from pathlib import Path

import pytest

from prosa.db.opening import logins
from prosa.errors import Invalid
from prosa.settings import Settings, get_settings, http_url, read

SERVER = "postgresql://owner:{}@db.example.com:5432/prosa"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("API_PORT", "http", "API_PORT: must be a whole number, not 'http'"),
        ("API_PORT", "70000", "API_PORT: must be between 0 and 65535"),
        ("API_DEBUG", "maybe", "API_DEBUG: must be true or false"),
        ("PUBLIC_URL", "prosa.example.com", "PUBLIC_URL: must be a URL with a scheme, such as https://"),
        ("DATABASE_URL", "mysql://db/prosa", "DATABASE_URL: must be a URL such as postgresql://user:password@host"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_its_variables_name(name: str, value: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read({name: value})
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize("password", ["s3cr@t", "s3c/ret", "s3c?ret", "s3c#ret", "s3c%ret"])
def test_a_password_that_is_not_written_as_a_url_asks_is_said_so_and_not_shown(password: str) -> None:
    """Its own @ or / would make a piece of it the host, which an error names."""
    with pytest.raises(Invalid, match="DATABASE_URL: cannot be read") as refused:
        logins(Settings(secret_key="k"), SERVER.format(password))
    assert "s3c" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [SERVER.format("s3cr%40t"), "postgresql:///prosa?host=/run/postgresql", "postgres://u@[::1],h:1/x?sslmode=require"],
)
def test_urls_that_libpq_reads_are_taken(url: str) -> None:
    assert logins(Settings(secret_key="k"), url).app.startswith(("postgresql://prosa_app:", "postgres://prosa_app:"))


def test_an_ipv6_address_stands_in_brackets() -> None:
    assert http_url("::1", 8000) == "http://[::1]:8000"
    assert Settings(api_host="::1").own_url == "http://[::1]:8000"


@pytest.mark.parametrize("content", ["", " , \n"])
def test_a_lost_key_is_said_so_and_not_replaced(tmp_path: Path, content: str) -> None:
    """Nothing that is stored would open with another one."""
    (tmp_path / "secret.key").write_text(content)
    for settings in (Settings(prosa_home=tmp_path), Settings(secret_key=",")):
        with pytest.raises(Invalid, match="holds no key"):
            _ = settings.secret_keys
    assert (tmp_path / "secret.key").read_text() == content


def test_a_file_of_settings_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes("MAIL_FROM=José <a@example.com>".encode("latin-1"))
    with pytest.raises(Invalid, match="must be UTF-8"):
        get_settings.__wrapped__()
