"""The way into one tenant: a form of the page itself (api/preferences.py), which works without any script."""

from html import escape


def form_html(tenant: int, label: str, *, inline: bool = False) -> str:
    """The markup of the button."""
    return (
        f'<form method="post" action="/act" class="prosa-enter{" prosa-inline" if inline else ""}">'
        f'<input type="hidden" name="tenant" value="{tenant}"><button>{escape(label)}</button></form>'
    )
