"""What a page that ran by AppTest shows."""

from streamlit.testing.v1 import AppTest


def html(app: AppTest) -> str:
    """All HTML of the page, without its sidebar. Fails if the page raised an exception."""
    assert not app.exception
    return "\n".join(element.proto.body for element in app.main.get("html"))


def shown(app: AppTest) -> str:
    """All HTML of the page and its sidebar. Fails if the page raised an exception."""
    return "\n".join([html(app), *(element.proto.body for element in app.sidebar.get("html"))])
