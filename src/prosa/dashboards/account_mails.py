"""The e-mails that users get about their accounts."""

from collections.abc import Sequence

from prosa.dashboards.i18n import translator
from prosa.gateways.mail import Mail


def reset(to: str, links: Sequence[tuple[str, str]], *, locale: str) -> Mail:
    """The e-mail to somebody who asked for a new password. `links`: (company, address), one for each account."""
    t = translator(locale)
    lines = "\n\n".join(f"{company}:\n{address}" for company, address in links)
    return Mail(to, t("letter.reset_subject"), t("letter.reset_text", links=lines))


def invitation(to: str, name: str, company: str, address: str, *, locale: str) -> Mail:
    """The e-mail with the link by which somebody new sets a password."""
    t = translator(locale)
    text = t("letter.invite_text", name=name or to, company=company, address=address)
    return Mail(to, t("letter.invite_subject", company=company), text)


def renewal(to: str, company: str, address: str, *, locale: str) -> Mail:
    """The e-mail with the link that an administrator sends to somebody who forgot a password."""
    t = translator(locale)
    return Mail(to, t("letter.reset_subject"), t("letter.reset_text", links=f"{company}:\n{address}"))
