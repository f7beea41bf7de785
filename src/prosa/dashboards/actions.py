"""What pages share that change something: messages about success and errors, and confirmation before an action."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import streamlit as st

from prosa.dashboards import gate
from prosa.dashboards.widgets import plain
from prosa.errors import ProsaError
from prosa.tenancy.model import Principal

DONE = "_done"
COUNT = "_acts"  # how many things were done in this tab
Wrong = Mapping[type[ProsaError], str]  # kinds of errors, each with the text that explains it


def done(text: str) -> None:
    """Draw the page again, with this message on top."""
    st.session_state[DONE] = text
    st.session_state[COUNT] = st.session_state.get(COUNT, 0) + 1
    st.rerun()


def anew(key: str) -> str:
    """The key of a form that must be empty again once it has done something.

    A double click finds the form gone, so nothing is done twice. Streamlit's own `clear_on_submit` empties the form before we
    know whether it did anything, and the second click would send empty fields.
    """
    return f"{key}-{st.session_state.get(COUNT, 0)}"


def show_done() -> None:
    """Show the message of the previous run, if any. Each page that changes something calls this under its title.

    The message keeps an empty place when there is none. Otherwise Streamlit would redraw everything below it when the message
    comes or goes, and close a popover in which somebody is typing. For some seconds it stays in sight of who pressed a button
    far below it.
    """
    place = st.empty()
    if text := st.session_state.pop(DONE, None):
        place.container(key="done").success(plain(text), icon=":material/check_circle:")


def show_secret(name: str, text: str, kept: str) -> None:
    """The secret that the session's state holds by this name, if any, until the button says that it has been kept."""
    if name not in st.session_state:
        return
    with st.container(border=True):
        st.info(text, icon=":material/key:")
        st.code(st.session_state[name], language=None, wrap_lines=True)
        if st.button(kept):
            del st.session_state[name]
            st.rerun()


@contextmanager
def explaining_errors(me: Principal, texts: Wrong) -> Iterator[None]:
    """Show errors of the block in the user's language, with the text that `texts` names for the error's class.

    A ProsaError without a text of its own gets a general one. Any other exception passes through to the part's error boundary,
    which logs it.
    """
    t = gate.texts(me)
    try:
        yield
    except ProsaError as error:
        key = next((texts[cls] for cls in type(error).__mro__ if cls in texts), "act.failed")
        st.error(t(key), icon=":material/error:")


def confirm(me: Principal, key: str, label: str, question: str, act: Callable[[], None], *, typed: str = "") -> None:
    """A button that asks before it acts. `typed`: a word that has to be typed first, for what cannot be undone."""
    t = gate.texts(me)
    with st.popover(label, icon=":material/warning:" if typed else None):
        st.markdown(question)
        if typed:
            word = st.text_input(t("act.type", word=typed), key=f"{key}-typed", autocomplete="off")
        if st.button(t("act.yes"), key=f"{key}-yes", type="primary", disabled=bool(typed) and word.strip() != typed):
            act()


def fresh(key: str, present: object) -> bool:
    """Whether nobody has changed a form's values since this browser last drew it. Asked before the form is drawn.

    Streamlit fills a form again if its values have changed meanwhile: saving would then keep another person's values, or none.
    """
    seen = f"_seen-{key}"
    before = st.session_state.get(seen, present)
    st.session_state[seen] = present
    return bool(before == present)


def changed_meanwhile(me: Principal) -> None:
    """What is shown instead of saving if somebody else has changed the form's values since it was drawn."""
    st.warning(gate.texts(me)("act.changed_meanwhile"), icon=":material/sync_problem:")
