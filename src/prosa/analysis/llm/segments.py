"""Fields that a company wants to know about its contacts: presets by segment, and a tenant's own."""

from collections.abc import Mapping

from prosa.analysis.offline.extract import known_segment

PRESETS: Mapping[str, Mapping[str, str]] = {
    "gym": {
        "goal": "what the contact trains for, such as weight loss or strength",
        "physical_condition": "fitness, injuries, health conditions, how long without training",
        "modality": "class or activity of interest",
        "schedule": "when the contact wants to train",
    },
    "education": {
        "course": "course of interest",
        "modality": "in person, online or hybrid",
        "period": "morning, afternoon, evening, weekend",
        "level": "schooling so far",
    },
    "health": {
        "procedure": "procedure, exam or speciality",
        "urgency": "pain, emergency, a date that is near",
        "insurance": "health plan, or private payment",
        "preferred_time": "when the contact can come",
    },
    "retail": {
        "product": "product of interest",
        "size": "size, colour or variant",
        "budget": "how much the contact wants to spend",
        "store": "store or city",
    },
    "finance": {
        "product": "credit, insurance, investment, card, consortium",
        "profile": "employed, retired, civil servant, company",
        "amount": "amount wanted",
        "term": "term or number of instalments",
    },
    "ecommerce": {
        "product": "product of interest",
        "order": "order number",
        "issue": "delivery, exchange, payment or defect",
        "region": "city or state of delivery",
    },
}


def wanted_fields(segment: str | None, own: Mapping[str, str] | None) -> Mapping[str, str]:
    """Field -> what to look for: the tenant's own fields if it has defined any, otherwise its segment's."""
    if own:
        return own
    return PRESETS.get(known_segment(segment) or "", {})
