"""Drafts for another sender, as CSV."""

import csv
import io
from collections.abc import Iterable

from prosa.facts.export.text import neutral
from prosa.remarketing.model import Draft

HEADER = ("draft_id", "phone", "body", "template", "variables", "conversation_id", "campaign_id", "variant")


def as_csv(drafts: Iterable[Draft]) -> bytes:
    """RFC 4180 in UTF-8 with a byte order mark, which Excel wants; a cell that a spreadsheet would compute is text."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEADER)
    for draft in drafts:
        variables = "; ".join(f"{name}={value}" for name, value in draft.variables.items())
        writer.writerow([
            draft.id, draft.contact_address, neutral(draft.body), draft.whatsapp_template_id or "", neutral(variables),
            draft.conversation_id, draft.campaign_id or "", neutral(draft.variant or ""),
        ])  # fmt: skip
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()
