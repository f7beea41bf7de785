"""Each company's remarketing in the demo: two segments, a template, and drafts that wait for somebody to read them.

No sender is connected, so what is approved can only be handed over as a file: no made-up contact is ever messaged.
"""

from collections.abc import Sequence
from datetime import datetime

from prosa.db import Database, TenantId
from prosa.remarketing import campaigns, filling, policy, segments, whatsapp_templates
from prosa.remarketing.campaign_model import CampaignState
from prosa.remarketing.definition import define
from prosa.remarketing.whatsapp_templates import FoundTemplate
from prosa.tenancy.features import set_feature

FELL_SILENT, NEVER_ANSWERED = "Interessados que silenciaram", "Interessados sem resposta"
DRAFTS = 12
TEMPLATE = FoundTemplate(
    "demo-retomada", "retomar_conversa", "pt_BR", "marketing",
    "Oi, {{1}}! Aqui é da {{2}}. Nossa conversa ficou pela metade: você queria {{3}}. Ainda posso ajudar? "
    "Se não quiser mais receber mensagens, responda SAIR.", "approved",
)  # fmt: skip
VARIABLES = {"1": "{{ nome or 'tudo bem' }}", "2": "{{ empresa }}", "3": "{{ objetivo or 'mais informações' }}"}


def prepare(
    db: Database, tenant: TenantId, *, secret_keys: Sequence[str], actor: str, now: datetime
) -> None:  # fmt: skip
    """Set it up once. A company that has segments is left alone."""
    with db.tenant(tenant) as conn:
        if segments.list_segments(conn, tenant):
            return
        set_feature(conn, tenant, policy.FEATURE, enabled=True, actor=actor)
        silent = segments.save(conn, tenant, FELL_SILENT, define({"situation": "fell_silent"}), actor=actor)
        segments.save(conn, tenant, NEVER_ANSWERED, define({"situation": "never_answered"}), actor=actor)
        whatsapp_templates.sync(conn, tenant, provider="chatwoot", account="demo", found=[TEMPLATE], now=now)
        template = whatsapp_templates.list_templates(conn, tenant)[0]
        variant: dict[str, object] = {
            "name": "Convite",
            "author": "template",
            "whatsapp_template_id": template.id,
            "variables": VARIABLES,
        }
        campaign = campaigns.create(
            conn, tenant,
            {"name": "Retomar conversas", "segment_id": silent.id, "variants": [variant], "holdout_percent": 10, "cap": DRAFTS},
            tenant_variables={}, actor=actor,
        )  # fmt: skip
        campaigns.set_state(conn, tenant, campaign.id, CampaignState.ACTIVE, actor=actor)
    filling.fill(db, tenant, campaign.id, secret_keys=secret_keys, now=now)
