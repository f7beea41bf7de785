"""Where media are kept: a folder under PROSA_HOME, or a bucket of an S3-compatible store, such as Supabase Storage."""

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from prosa.errors import Invalid, NotFound, Unavailable
from prosa.settings import Settings

if TYPE_CHECKING:
    from obstore.store import ObjectStore, S3Config

PIECE = 256 * 1024  # bytes of one piece of a stream
WHY = {  # by the names of obstore's errors, and of Python's
    "UnauthenticatedError": "does not know the keys: see MEDIA_ACCESS_KEY_ID and MEDIA_SECRET_ACCESS_KEY",
    "PermissionDeniedError": "does not allow this with these keys: see MEDIA_ACCESS_KEY_ID and MEDIA_SECRET_ACCESS_KEY",
    "PermissionError": "may not be written to",
    "FileNotFoundError": "has no such bucket: see MEDIA_URL",
}


def put(settings: Settings, key: str, data: bytes) -> None:
    """Keep `data` under the name `key`, in place of what was there. Raises Unavailable."""
    from obstore.exceptions import BaseError  # noqa: PLC0415  (takes time to import; few processes touch media)

    try:
        _store(settings).put(key, data)
    except (BaseError, OSError) as error:
        raise _unavailable(error) from None


def get(settings: Settings, key: str) -> bytes:
    """What is kept under this name. Raises NotFound, Unavailable."""
    from obstore.exceptions import BaseError  # noqa: PLC0415

    try:
        return bytes(_store(settings).get(key).bytes())
    except FileNotFoundError:
        raise NotFound("This file is not in the media store.") from None
    except (BaseError, OSError) as error:
        raise _unavailable(error) from None


def stream(settings: Settings, key: str, first: int, end: int) -> Iterator[bytes]:
    """The bytes from `first` up to, not including, `end`, in pieces. Raises NotFound, Unavailable before the first one."""
    from obstore.exceptions import BaseError  # noqa: PLC0415

    try:
        found = _store(settings).get(key, options={"range": (first, end)} if end > first else {})
    except FileNotFoundError:
        raise NotFound("This file is not in the media store.") from None
    except (BaseError, OSError) as error:
        raise _unavailable(error) from None
    return (bytes(piece) for piece in found.stream(min_chunk_size=PIECE))


def delete(settings: Settings, key: str) -> None:
    """Remove what is kept under this name, if anything is. Raises Unavailable."""
    from obstore.exceptions import BaseError  # noqa: PLC0415

    try:
        _store(settings).delete(key)
    except FileNotFoundError as error:
        if settings.media_url is not None:  # a bucket says nothing about a missing file: the bucket itself is missing
            raise _unavailable(error) from None
    except (BaseError, OSError) as error:
        raise _unavailable(error) from None


def delete_below(settings: Settings, folder: str) -> None:
    """Remove everything whose name begins with `folder`/. Raises Unavailable; then try again."""
    from obstore.exceptions import BaseError  # noqa: PLC0415

    try:
        store = _store(settings)
        for found in store.list(prefix=folder):
            store.delete([file["path"] for file in found])
    except (BaseError, OSError) as error:
        raise _unavailable(error) from None


def _unavailable(error: Exception) -> Unavailable:
    """The error that the operator reads. The store's own message would name addresses and keys."""
    why = WHY.get(type(error).__name__, f"does not answer ({type(error).__name__})")
    return Unavailable(f"The media store {why}.")


@lru_cache(maxsize=4)
def _store(settings: Settings) -> "ObjectStore":
    from obstore.store import LocalStore, S3Store  # noqa: PLC0415

    if settings.media_url is None:
        return LocalStore(settings.prosa_home / "media", mkdir=True)
    parts = urlsplit(settings.media_url)
    if parts.scheme != "s3" or not parts.netloc:
        raise Invalid("MEDIA_URL: must be s3://bucket or s3://bucket/prefix, or empty for a folder in PROSA_HOME")
    endpoint = s3_endpoint(settings)
    options = {
        "endpoint": endpoint, "region": settings.media_region,
        "access_key_id": settings.media_access_key_id,
        "secret_access_key": settings.media_secret_access_key,
    }  # fmt: skip
    return S3Store(
        parts.netloc, prefix=parts.path.strip("/") or None,
        config=cast("S3Config", {name: value for name, value in options.items() if value is not None}),
        client_options={"allow_http": bool(endpoint and endpoint.startswith("http://")), "timeout": "60s"},
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=60)},  # jobs try again by themselves
    )  # fmt: skip


def s3_endpoint(settings: Settings) -> str | None:
    """The store's address; Supabase's follows from SUPABASE_URL (https://supabase.com/docs/guides/storage/s3/authentication)."""
    if settings.media_endpoint or not settings.supabase_url:
        return settings.media_endpoint
    return f"{settings.supabase_url.rstrip('/')}/storage/v1/s3"
