"""Reports by e-mail."""

from datetime import UTC, datetime

from prosa.dashboards.i18n import translator
from prosa.dashboards.reports import content, html, links, pdf
from prosa.db import Database, Role, TenantId
from prosa.facts.model import Period
from prosa.gateways import mail
from prosa.gateways.mail import Attachment, Mail
from prosa.settings import Settings


def send(db: Database, settings: Settings, tenant: TenantId, period: Period, *, to: str, locale: str) -> None:
    """Build the report and hand it to the mail server. Raises Unavailable if the server does not take it."""
    with db.tenant(tenant, role=Role.CLIENT) as conn:
        report = content.build(conn, tenant, period, locale=locale)
    t = translator(locale)
    subject = t("reports.subject", tenant=report.tenant, span=report.span)
    text = t("reports.mail_text", tenant=report.tenant, span=report.span)
    if settings.public_url:
        text += "\n\n" + address(settings, tenant, period, locale=locale, base=settings.public_url)
    file = Attachment(f"{report.file_name}.pdf", pdf.render(report), "application/pdf")
    mail.send(settings, Mail(to, subject, text, html.render(report), (file,)))


def address(settings: Settings, tenant: TenantId, period: Period, *, locale: str, base: str) -> str:
    """The address under which anybody who has it can read the report for a while."""
    shared = links.Shared(tenant, period, locale)
    return f"{base.rstrip('/')}/reports/shared/{links.seal(settings.secret_keys, shared, now=datetime.now(UTC))}"
