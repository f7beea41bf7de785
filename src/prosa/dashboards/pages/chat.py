"""The conversation as a chat: icon and side show who speaks, notes are set apart, and what the judgement rests on is marked."""

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from prosa.conversations.media import Media
from prosa.conversations.transcript import MOST, Said
from prosa.dashboards import widgets
from prosa.dashboards.format import Format
from prosa.dashboards.gate import formats, texts
from prosa.dashboards.i18n import Translate
from prosa.dashboards.pages import attachments
from prosa.tenancy.model import Principal


def show(
    me: Principal, conversation_id: int, said: Sequence[Said], evidence: Sequence[int], *, contact: str,
    files: Mapping[int, Sequence[Media]],
) -> None:  # fmt: skip
    """Draw the messages under the days on which they were written, in the tenant's time; `files` by message."""
    t, form = texts(me), formats(me)
    if not said:
        return widgets.hint(t("talk.no_messages"))
    if len(said) >= MOST:
        widgets.hint(t("talk.cut", count=form.number(MOST)))
    lines, day, before = [], "", None
    for message in said:
        if form.date(message.at) != day:
            day, before = form.date(message.at), None
            lines.append(f'<li class="prosa-day"><span>{escape(day)}</span></li>')
        media = attachments.html(conversation_id, files.get(message.id, ()), t, form)
        speaker = (message.sender, message.private, message.author)
        is_same = speaker == before
        lines.append(_line(message, message.id in evidence, contact, media, t, form, is_same=is_same))
        before = speaker
    st.html(
        f'<div class="prosa-chat-frame" role="region" tabindex="0" aria-label="{escape(t("talk.messages"))}">'
        f'<ol class="prosa-chat">{"".join(lines)}</ol></div>'
    )


def _line(
    message: Said, is_evidence: bool, contact: str, media: str, t: Translate, form: Format, *, is_same: bool
) -> str:
    """One message. If the speaker goes on (`is_same`), name and icon are left to those who listen."""
    kind = "note" if message.private else message.sender
    role = t(f"sender.{kind}")
    who = contact if kind == "contact" else message.author or role
    also = "" if who == role or is_same else f"{escape(role)} · "
    mark = f'<span class="prosa-mark">{escape(t("talk.evidence"))}</span>' if is_evidence else ""
    status = f" · {t(f'status.{message.status}')}" if message.status and kind in ("agent", "bot") else ""
    body = f"<p>{escape(message.body)}</p>" if message.body else ""
    if message.deleted:
        body = f'<p class="prosa-note">{escape(t("talk.deleted"))}</p>'
    elif not message.body and not media:
        body = f'<p class="prosa-note">{escape(t("talk.media"))}</p>'
    classes = f"prosa-said prosa-from-{kind}" + " prosa-evidence" * is_evidence + " prosa-goes-on" * is_same
    return (
        f'<li class="{classes}">'
        f'<span class="prosa-icon" aria-hidden="true"></span><div><header><strong>{escape(who)}</strong>'
        f'<span class="prosa-note">{also}'
        f'<time datetime="{message.at.isoformat()}">{escape(form.time(message.at))}</time>{escape(status)}</span>{mark}'
        f"</header>{body}{media}</div></li>"
    )
