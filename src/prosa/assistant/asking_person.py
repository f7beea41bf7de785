"""Whether a contact asks for a person, decided by rules: no model has to be asked, and none may overlook it."""

import re

from prosa.conversations.suppressions import plain

PEOPLE = "|".join((
    "atendentes?", "pessoas?", "humano", "humana", "gente", "alguem", "agente", "consultora?", "vendedora?", "operadora?",
    "human", "person", "someone", "agent", "representative", "persona", "asesora?",
))  # fmt: skip
WANTING = "|".join((
    "falar", "conversar", "falo", "fala", "atendimento", "atendid[oa]", "transferir", "transfere", "passar", "passa", "chamar",
    "chama", "quero", "queria", "preciso", "speak", "talk", "connect", "hablar", "comunicar",
))  # fmt: skip
LINK = "com|por|para|pra|to|with|con|um|uma|a|an|una"
REQUEST = re.compile(
    rf"\b(?:{WANTING})\b(?:\s+\w+){{0,3}}?\s+(?:{LINK})\s+(?:\w+\s+){{0,2}}?(?:{PEOPLE})\b"
    r"|^(?:um |uma |o |a |an )?(?:atendente|humano|human|agente humano|pessoa real|asesor)(?: por favor| please| pf)?$"
)
DENIAL = re.compile(rf"\b(?:nao|no|not|don t|dont)\s+(?:\w+\s+){{0,2}}?(?:{WANTING})\b")


def asks_for_person(text: str) -> bool:
    """In Portuguese, English and Spanish: "quero falar com um atendente", "humano por favor", "talk to a human"."""
    said = plain(text)
    return bool(REQUEST.search(said)) and not DENIAL.search(said)
