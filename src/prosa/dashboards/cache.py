"""The only way the dashboards cache: the tenant and the role are part of the key, or the function is refused."""

import logging
from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, Concatenate, ParamSpec, TypeVar, get_type_hints

import streamlit as st

from prosa.tenancy.model import Principal

# The pages are imported before Streamlit's server runs, which it would warn of, once for each cached query.
logging.getLogger("streamlit.runtime.caching.cache_data_api").setLevel(logging.ERROR)
P = ParamSpec("P")
R = TypeVar("R")


def tenant_cache(
    *, seconds: float = 60, max_entries: int = 500
) -> Callable[[Callable[Concatenate[Principal, P], R]], Callable[Concatenate[Principal, P], R]]:
    """Keep answers for `seconds`, per tenant, role and arguments. The first parameter must be a Principal.

    Streamlit's own `st.cache_data` would share one tenant's answer with the next wherever the tenant is not among the
    hashed arguments. Answers are copied on every hit, so a page may change what it gets.
    """

    def decorate(function: Callable[Concatenate[Principal, P], R]) -> Callable[Concatenate[Principal, P], R]:
        first = next(iter(signature(function).parameters), "")
        if get_type_hints(function).get(first) is not Principal:
            raise TypeError(f"{function.__qualname__}: the first parameter of a cached query must be a Principal")

        def ask(tenant_id: int, role: str, _me: Principal, args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
            return function(_me, *args, **kwargs)

        ask.__qualname__ = function.__qualname__  # Streamlit keys its store by name and source
        ask.__module__ = function.__module__
        cached = st.cache_data(ttl=seconds, max_entries=max_entries, show_spinner=False)(ask)

        @wraps(function)
        def call(me: Principal, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if not isinstance(me, Principal):
                raise TypeError("no tenant, no cache")
            return cached(me.tenant_id, str(me.role), me, args, kwargs)

        return call

    return decorate
