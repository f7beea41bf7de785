"""The one error tree. Facts travel as attributes; HTTP codes live in one table, in `api/errors.py`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


class ProsaError(Exception):
    """Something that Prosa knows how to explain. The message is for people and says what to do."""


class NotFound(ProsaError):
    """The thing does not exist, or belongs to another tenant: the two must look the same."""


class Conflict(ProsaError):
    """The thing exists, but not in a state that allows this."""


class NameTaken(Conflict):
    """Another one of this tenant has the name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The name '{name}' is taken.")


class Invalid(ProsaError):
    """The input cannot be accepted as it is. `at` names the field of a request that is wrong, such as body.from_number."""

    def __init__(self, message: str, *, at: str | None = None) -> None:
        super().__init__(message)
        self.at = at


class Unauthenticated(ProsaError):
    """Nobody is logged in, or the credentials are wrong."""


class Forbidden(ProsaError):
    """The caller is known, but the role does not allow this."""


class Busy(ProsaError):
    """Another process is doing the same thing right now."""


class Unavailable(ProsaError):
    """Something that Prosa depends on (a database, a provider) does not answer."""


def wrong_fields(error: "ValidationError") -> str:
    """The first ten fields that Pydantic refused, with reasons but without the values, which may be personal."""
    found = error.errors(include_input=False, include_url=False)[:10]
    return "; ".join(f"{'.'.join(map(str, each['loc'])) or 'all'}: {each['msg']}" for each in found)
