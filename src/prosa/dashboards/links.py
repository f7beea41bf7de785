"""Addresses of pages, such as the list of the conversations behind a number, with its filters as parameters."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus, urlencode

from prosa.facts import filter_query
from prosa.facts.model import Filter, Period

Rows = Callable[..., str]  # `rows` of a period and a filter: takes the changes, returns the address
LISTS = ("leads", "overview", "live", "remarketing")  # the pages that name conversations
_quoted = lru_cache(maxsize=4096)(quote_plus)  # the same words over and over: a heat map alone has 168 links


def query(period: Period, where: Filter, **more: str) -> list[tuple[str, str]]:
    """The parameters of the list's address."""
    dates = [("period", "custom"), ("from", period.first.isoformat()), ("to", period.last.isoformat())]
    return dates + filter_query.write(where) + list(more.items())


def rows(period: Period, where: Filter, *, sort: str = "", **changes: Any) -> str:
    """The address of the list of conversations in this period, with `changes` applied to the filter."""
    given = query(period, replace(where, **changes), **({"sort": sort} if sort else {}))
    return f"/app/leads?{urlencode(given, quote_via=_quoted)}"


def file(fmt: str, period: Period, where: Filter) -> str:
    """The address of the same conversations as a file."""
    given = [
        ("format", fmt),
        ("from", period.first.isoformat()),
        ("to", period.last.isoformat()),
        *filter_query.write(where),
    ]
    return f"/exports/conversations?{urlencode(given)}"


def conversation(conversation_id: int, back: str = "") -> str:
    """The conversation's own page. `back` is the list it is opened from, as an address below /app/, with its filters."""
    given = {"id": conversation_id} | ({"back": back} if back else {})
    return f"/app/conversation?{urlencode(given, quote_via=_quoted)}"


def back_to(asked: str) -> tuple[str, str]:
    """The list that a conversation was opened from: its page and its address. If the address names none, the list of all.

    Anybody may write such an address, but it leads nowhere except to pages of ours.
    """
    page = asked.partition("?")[0]
    return (page, f"/app/{asked}") if page in LISTS else (LISTS[0], f"/app/{LISTS[0]}")


def segment(segment_id: int, *, page: int = 1) -> str:
    """The conversations of a segment."""
    return f"/app/remarketing?segment={segment_id}" + (f"&page={page}" if page > 1 else "")


def campaign(campaign_id: int, figure: str, variant: str | None, *, page: int = 1) -> str:
    """The people behind a figure in a campaign's table; without a variant, those of its holdout group."""
    given = {"campaign": campaign_id, "figure": figure, "variant": variant, "page": page if page > 1 else None}
    return f"/app/remarketing?{urlencode({name: value for name, value in given.items() if value is not None})}"
