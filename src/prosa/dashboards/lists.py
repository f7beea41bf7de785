"""Long lists: a search field if there are many lines, and pages that a browser draws quickly."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import streamlit as st

from prosa.dashboards import widgets
from prosa.dashboards.gate import formats, texts
from prosa.tenancy.model import Principal

Item = TypeVar("Item")
MANY, MOST = 8, 40


def folded(text: str) -> str:
    """The text without accents and capitals, as people search, and as they expect names to be sorted: Ótica after Oficina."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def told_apart(names: Iterable[tuple[int, str, str]]) -> dict[int, str]:
    """Names by id, from (id, name, slug). A name that several share gets the slug added."""
    given = list(names)
    often = Counter(folded(name) for _, name, _ in given)
    return {number: f"{name} ({slug})" if often[folded(name)] > 1 else name for number, name, slug in given}


def narrowed(
    me: Principal, items: Sequence[Item], text: Callable[[Item], str], *, key: str, most: int = MOST
) -> list[Item]:
    """The items whose text contains the search text, at most `most`. The search field is shown only above many items."""
    if len(items) <= MANY:
        return list(items)
    t, form = texts(me), formats(me)
    typed = st.text_input(
        t("list.search"), key=f"{key}-search", placeholder=t("list.search"), label_visibility="collapsed",
        icon=":material/search:", max_chars=100, width=360,
    )  # fmt: skip
    found = [item for item in items if folded(typed.strip()) in folded(text(item))]
    if len(found) > most:
        widgets.hint(t("list.cut", shown=form.number(most), all=form.number(len(found))))
    elif not found:
        widgets.hint(t("list.nothing", typed=typed))
    return found[:most]
