"""The JSON that Chatwoot keeps beside a message or a conversation, per channel."""

from random import Random

from prosa.demo.cast import EMAIL, FACEBOOK, INSTAGRAM, TWILIO, WEB, WHATSAPP, Inbox

_NUL = "\x00"
_ADS = {
    "gym": ("Primeira semana grátis", "Matrícula por R$ 1", "Treine com a gente em novembro"),
    "clinic": ("Avaliação sem custo", "Clareamento em 2 sessões", "Harmonização com desconto"),
    "shop": ("Coleção Verão", "Frete grátis acima de R$ 199", "Jogo de cama 400 fios"),
}
_PAGES = ("", "/planos", "/contato", "/promocoes", "/blog/dicas", "/unidades")


def of_first_message(inbox: Inbox, segment: str, rng: Random) -> dict[str, object] | None:
    """Click-to-WhatsApp: the ad stands in `content_attributes.referral` of the message that it caused.

    Chatwoot keeps Meta's own keys there, for Twilio too (github.com/chatwoot/chatwoot, pull request 14681).
    """
    if inbox.channel_type not in (WHATSAPP, TWILIO) or rng.random() > 0.14:
        return None
    headline = rng.choice(_ADS[segment])
    ad = 120_210_000_000_000_000 + sum(map(ord, headline)) * 7919
    return {
        "referral": {
            "source_url": f"https://fb.me/{ad % 10**9:09d}",
            "source_id": str(ad),
            "source_type": "ad",
            "headline": headline,
            "body": f"{headline}. Chame no WhatsApp!" + (_NUL if rng.random() < 0.08 else ""),
            "media_type": "image",
            "ctwa_clid": f"ARA{rng.getrandbits(160):040x}",
        }
    }


def of_contact_message(inbox: Inbox, rng: Random) -> dict[str, object] | None:
    """Now and then a quoted message or a story."""
    chance = rng.random()
    if inbox.channel_type == INSTAGRAM and chance < 0.04:
        return {
            "image_type": "story_mention",
            "story_id": str(rng.getrandbits(56)),
            "story_sender": inbox.address,
        }
    if inbox.channel_type in (WHATSAPP, INSTAGRAM, FACEBOOK) and chance < 0.06:
        return {"in_reply_to_external_id": f"wamid.HBgN{rng.getrandbits(128):032x}"}
    return None


def of_email(inbox: Inbox, sender: str, subject: str, body: str, rng: Random) -> dict[str, object]:
    """What Chatwoot keeps of a received e-mail; some mail programs leave a NUL behind."""
    plain = body + (_NUL if rng.random() < 0.1 else "")
    return {
        "email": {
            "subject": subject,
            "from": [sender],
            "to": [inbox.address],
            "message_id": f"{rng.getrandbits(96):024x}@mail.gmail.com",
            "multipart": True,
            "text_content": {"full": plain, "reply": plain, "quoted": plain},
        },
        "cc_email": None,
        "bcc_email": None,
    }


def of_conversation(inbox: Inbox, subject: str, rng: Random) -> dict[str, object]:
    """`conversations.additional_attributes`."""
    if inbox.channel_type == EMAIL:
        return {"source": "email", "mail_subject": subject, "in_reply_to": None}
    if inbox.channel_type == WEB:
        browser = {
            "device_name": "Unknown",
            "browser_name": rng.choice(("Chrome", "Safari")),
            "platform_name": "Android",
        }
        return {"browser": browser, "referer": inbox.address + rng.choice(_PAGES), "browser_language": "pt"}
    if inbox.channel_type == INSTAGRAM:
        return {"type": "instagram_direct_message"}
    return {}
