"""Tables of text that every reader, screen reader and telephone can use: on a narrow screen each row becomes a card."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st


@dataclass(frozen=True)
class Html:
    """A cell that is markup of ours already."""

    markup: str


Cell = str | Html


def table(
    caption: str, headers: Sequence[str], rows: Sequence[Sequence[Cell]], *, numbers: Collection[int] = ()
) -> None:
    """A table; `caption` is for screen readers, `numbers` the columns to be set flush right."""
    st.html(table_html(caption, headers, rows, numbers=numbers))


def table_html(
    caption: str, headers: Sequence[str], rows: Sequence[Sequence[Cell]], *, numbers: Collection[int] = ()
) -> str:
    """The markup of a table."""
    classes = ["prosa-number" if i in numbers else "" for i in range(len(headers))]
    head = "".join(
        f'<th scope="col" class="{cls}">{escape(name)}</th>' for name, cls in zip(headers, classes, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{cls}" data-label="{escape(name)}">{_markup(cell)}</td>'
            for cell, name, cls in zip(row, headers, classes, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<table class="prosa-table"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def badge(text: str, tone: str = "quiet") -> str:
    """A small mark; `tone` is good, bad, warn or quiet."""
    return f'<span class="prosa-badge prosa-badge-{escape(tone)}">{escape(text)}</span>'


def line(title: str, details: str, *badges: str) -> None:
    """A row of a list: its name with marks, and details in small print, separated by middle dots.

    Each part stands for itself, so a text that runs from right to left does not turn the others round.
    """
    parts = " · ".join(f"<bdi>{escape(part)}</bdi>" for part in details.split(" · "))
    st.html(
        f'<div class="prosa-line"><strong><bdi>{escape(title)}</bdi> {" ".join(badges)}</strong>'
        f'<span class="prosa-note">{parts}</span></div>'
    )


def _markup(cell: Cell) -> str:
    return cell.markup if isinstance(cell, Html) else escape(cell)
