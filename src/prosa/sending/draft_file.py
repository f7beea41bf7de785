"""Drafts for another sender, as CSV."""

import csv
import io
from collections.abc import Iterable, Mapping

from prosa.facts.export.text import neutral
from prosa.remarketing.model import Draft

HEADER = ("draft_id", "phone", "body", "template", "variables", "conversation_id", "campaign_id", "variant")


def as_csv(drafts: Iterable[Draft], templates: Mapping[int, str]) -> bytes:
    """The drafts as a file. `templates` are the WhatsApp templates' names by id: another sender knows them by these.

    RFC 4180 in UTF-8 with a byte order mark, which Excel wants; a cell that a spreadsheet would compute is made text.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEADER)
    for draft in drafts:
        template = templates.get(draft.whatsapp_template_id or 0, "")
        variables = "; ".join(f"{name}={value}" for name, value in draft.variables.items())
        writer.writerow([
            draft.id, draft.contact_address, neutral(draft.body), neutral(template), neutral(variables),
            draft.conversation_id, draft.campaign_id or "", neutral(draft.variant or ""),
        ])  # fmt: skip
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()
