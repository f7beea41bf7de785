"""Files of messages as the chat shows them: pictures, sound and film in their place, others as links.

A file that is not kept is named, with the reason. The files themselves come from the REST API, under the page's own session.
"""

from collections.abc import Sequence
from html import escape

from prosa.conversations.media import Media, MediaState
from prosa.dashboards.format import Format
from prosa.dashboards.i18n import Translate


def html(conversation_id: int, files: Sequence[Media], t: Translate, form: Format) -> str:
    """The markup of a message's files."""
    return "".join(f'<div class="prosa-media">{_file(conversation_id, file, t, form)}</div>' for file in files)


def _file(conversation_id: int, file: Media, t: Translate, form: Format) -> str:
    family, _, ending = file.content_type.partition("/")
    kind = t(f"media.{family if family in ('image', 'audio', 'video') else 'file'}")
    if file.state is not MediaState.KEPT:
        return f'<span class="prosa-note">{escape(t(f"media.{file.state}", kind=kind))}</span>'
    address = f"/conversations/{conversation_id}/messages/{file.message_id}/media/{file.position}"
    match family:
        case "image":
            picture = f'<img src="{address}" alt="{escape(kind)}" loading="lazy">'
            return f'<a href="{address}" target="_blank" rel="noopener">{picture}</a>'
        case "audio":
            return f'<audio src="{address}" controls preload="none" aria-label="{escape(kind)}"></audio>'
        case "video":
            return f'<video src="{address}" controls preload="none" aria-label="{escape(kind)}"></video>'
    size = form.number((file.bytes or 0) / 1000, 0 if (file.bytes or 0) >= 10_000 else 1)
    said = t("media.open", kind=kind, ending=ending.rsplit(".", 1)[-1], size=size)
    return f'<a class="prosa-document" href="{address}" target="_self" download>{escape(said)}</a>'
