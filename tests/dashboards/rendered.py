"""What a page that ran by AppTest shows."""

import re

from streamlit.testing.v1 import AppTest


def html(app: AppTest) -> str:
    """All HTML of the page, without its sidebar. Fails if the page raised an exception."""
    assert not app.exception
    return "\n".join(element.proto.body for element in app.main.get("html"))


def shown(app: AppTest) -> str:
    """All HTML of the page and its sidebar. Fails if the page raised an exception."""
    return "\n".join([html(app), *(element.proto.body for element in app.sidebar.get("html"))])


def skipped(page: str) -> list[str]:
    """Headings that stand more than one level below the one before them: a screen reader's user misses a level there."""
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    return [f"h{above} > h{level}" for above, level in zip([0, *levels], levels, strict=False) if level > above + 1]
