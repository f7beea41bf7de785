"""What a caller of the REST API may do: scopes of API keys, roles of users, and how often."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from typing import Annotated

from fastapi import Query, Request
from starlette.concurrency import run_in_threadpool

from prosa.api.session import Caller, CurrentCaller, Db
from prosa.db import Database
from prosa.errors import Forbidden, Invalid, NotFound
from prosa.tenancy import usage
from prosa.tenancy.model import PLATFORM, ApiKeyHolder, KeyScope, TooManyRequests, UserRole
from prosa.tenancy.usage import Usage

OwnerId = Annotated[
    str | None,
    Query(max_length=63, description="The tenant: its slug or its number; may be left out. Another's is 404."),
]


def may(scope: KeyScope, *, write: bool = False, repeatable: Collection[str] = ()) -> Callable[..., Awaitable[Caller]]:
    """A dependency: the caller, if an API key has `scope` (a key without scopes has all), or a user's role allows it.

    Raises Forbidden, TooManyRequests for an API key that calls too often, NotFound for another tenant's `owner_id`, and
    Invalid for a query parameter that is given twice and is not `repeatable`: which of the two was meant?
    """

    async def check(request: Request, caller: CurrentCaller, db: Db, owner_id: OwnerId = None) -> Caller:
        if isinstance(caller, ApiKeyHolder):
            used = await run_in_threadpool(_count, db, caller)
            request.scope["more_headers"] = _headers(used)
            if used.is_over:
                raise TooManyRequests(used.resets_in)
            if caller.scopes and scope not in caller.scopes:
                raise Forbidden(f"This API key lacks the scope {scope}.")
        elif caller.tenant_id == PLATFORM:
            raise Forbidden("An operator has no conversations: use an API key of the tenant.")
        elif write and caller.role is UserRole.CLIENT:
            raise Forbidden("Your role may read, and not change.")
        check_owner(caller, owner_id)
        _check_repeats(request, repeatable)
        return caller

    return check


def check_owner(caller: Caller, owner_id: str | int | None) -> None:
    """Raise NotFound unless `owner_id` is the caller's own tenant, by slug or by number. None always passes."""
    if owner_id is not None and str(owner_id) not in (caller.tenant_slug, str(caller.tenant_id)):
        raise NotFound("There is no such owner.")


def _check_repeats(request: Request, repeatable: Collection[str]) -> None:
    given = Counter(name for name, _ in request.query_params.multi_items() if name not in repeatable)
    for name, times in given.items():
        if times > 1:
            raise Invalid(f"{name}: must be given once; it stands there {times} times", at=f"query.{name}")


def _count(db: Database, holder: ApiKeyHolder) -> Usage:
    with db.tenant(holder.tenant_id) as conn:
        return usage.count(conn, holder)


def _headers(used: Usage) -> dict[str, str]:
    """RateLimit fields as in draft-ietf-httpapi-ratelimit-headers-06, which clients know."""
    return {
        "RateLimit-Limit": str(usage.REQUESTS_PER_MINUTE),
        "RateLimit-Remaining": str(used.remaining),
        "RateLimit-Reset": str(used.resets_in),
    }
