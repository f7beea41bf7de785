"""What a campaign caused: reply and conversion rates of its arms, each against the holdout group, with an interval.

All members of an arm count from the moment they joined it, even those whose message a rule held back (intention to treat).
Without them the reachable would be compared with everybody.

Rates have Wilson's score interval, differences Newcombe's hybrid of two of them (method 10): R. G. Newcombe, "Interval
estimation for the difference between independent proportions", Statistics in Medicine 17 (1998), 873–890.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from statistics import NormalDist

from babel.numbers import format_decimal

from prosa.db import Conn, TenantId, fetch_all
from prosa.remarketing.policy import Policy

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2)
ENOUGH = 30  # people in each arm; with fewer, effects are not computed


@dataclass(frozen=True)
class Arm:
    """One arm's counts of people; `variant` is None for the holdout group."""

    variant: str | None
    people: int
    messaged: int
    replied: int
    converted: int


@dataclass(frozen=True)
class Interval:
    """A share or a difference of shares, -1 to 1, with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def is_real(self) -> bool:
        """Whether the interval excludes "no difference at all"."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Effect:
    """An arm compared with another one; `conversions` and `replies` are None if either has too few people."""

    arm: Arm
    against: Arm
    conversions: Interval | None
    replies: Interval | None


@dataclass(frozen=True)
class Report:
    """A campaign's arms, and each variant compared with the holdout group, or without one with the first variant."""

    arms: list[Arm]
    effects: list[Effect]


# The people of a campaign, each with what came of it.
PEOPLE = """
with member as (
  select m.contact_key, m.conversation_id, m.variant, m.joined_at, m.joined_at + %(attribution)s as until
  from campaign_members m where m.tenant_id = %(tenant)s and m.campaign_id = %(campaign)s
), theirs as (
  select m.contact_key, c.id from member m
  join conversations c on c.tenant_id = %(tenant)s and c.id = m.conversation_id
  union
  select m.contact_key, c.id from member m
  join conversations own on own.tenant_id = %(tenant)s and own.id = m.conversation_id
  join conversations c on c.tenant_id = %(tenant)s and c.contact_id = own.contact_id
  union
  select m.contact_key, c.id from member m
  join conversations c on c.tenant_id = %(tenant)s and c.contact_key = m.contact_key and c.source <> 'chatwoot'
)
select m.variant, m.conversation_id, m.joined_at, true as people,
  exists (
    select from drafts d where d.tenant_id = %(tenant)s and d.campaign_id = %(campaign)s and d.contact_key = m.contact_key
      and d.claimed_at is not null and d.state <> 'failed') as messaged,
  exists (
    select from theirs t join messages x on x.tenant_id = %(tenant)s and x.conversation_id = t.id
    where t.contact_key = m.contact_key and x.sender = 'contact' and x.created_at > m.joined_at
      and x.created_at <= m.until) as replied,
  exists (
    select from theirs t join outcomes o on o.tenant_id = %(tenant)s and o.conversation_id = t.id
    where t.contact_key = m.contact_key and o.kind = 'conversion' and o.at > m.joined_at and o.at <= m.until) as converted
from member m
"""


class Figure(StrEnum):
    """A column of the arms' table."""

    PEOPLE = "people"
    MESSAGED = "messaged"
    REPLIED = "replied"
    CONVERTED = "converted"


def report(conn: Conn, tenant: TenantId, campaign_id: int, *, policy: Policy) -> Report:
    """What the campaign has caused so far. A reply or conversion counts within the tenant's period of attribution."""
    counts = ", ".join(f"count(*) filter (where {figure}) as {figure}" for figure in Figure)
    sql = f"select variant, {counts} from ({PEOPLE}) m group by variant order by variant nulls first"
    values = {"tenant": tenant, "campaign": campaign_id, "attribution": policy.attribution}
    arms = fetch_all(conn, Arm, sql.encode(), values)
    return Report(arms, [compare(arm, arms[0]) for arm in arms[1:]])


def conversations(
    conn: Conn,
    tenant: TenantId,
    campaign_id: int,
    figure: Figure,
    variant: str | None,
    *,
    policy: Policy,
    skip: int,
    limit: int,
) -> list[int]:
    """The people behind a figure of `report`, by the conversations they joined with, the last to join first."""
    sql = f"""select conversation_id from ({PEOPLE}) m where {figure} and variant is not distinct from %(variant)s
              order by joined_at desc, conversation_id desc limit %(limit)s offset %(skip)s"""
    values = {"tenant": tenant, "campaign": campaign_id, "attribution": policy.attribution, "variant": variant,
              "limit": limit, "skip": skip}  # fmt: skip
    return [number for (number,) in conn.execute(sql.encode(), values)]


def compare(arm: Arm, against: Arm) -> Effect:
    """The differences between two arms; none if either has too few people to say anything."""
    if min(arm.people, against.people) < ENOUGH:
        return Effect(arm, against, None, None)
    return Effect(arm, against, difference(arm.converted, arm.people, against.converted, against.people),
                  difference(arm.replied, arm.people, against.replied, against.people))  # fmt: skip


def share(count: int, total: int) -> Interval:
    """Wilson's score interval of a share (E. B. Wilson, JASA 22, 1927). `total` is at least 1."""
    p, z2 = count / total, Z * Z
    middle, spread = p + z2 / (2 * total), Z * sqrt(p * (1 - p) / total + z2 / (4 * total * total))
    return Interval(p, max(0.0, (middle - spread) / (1 + z2 / total)), min(1.0, (middle + spread) / (1 + z2 / total)))


def difference(count: int, total: int, other_count: int, other_total: int) -> Interval:
    """The difference of two shares, the first minus the second, with Newcombe's interval."""
    a, b = share(count, total), share(other_count, other_total)
    low = sqrt((a.value - a.low) ** 2 + (b.high - b.value) ** 2)
    high = sqrt((a.high - a.value) ** 2 + (b.value - b.low) ** 2)
    return Interval(a.value - b.value, a.value - b.value - low, a.value - b.value + high)


SENTENCES = {
    "pt": {
        "few": "Ainda há poucas pessoas em cada grupo para dizer se a mensagem faz diferença.",
        "rates": "Converteram {rate} dos que {treated}, contra {other} dos que {control}: {points} pontos percentuais "
                 "(de {low} a {high}, com 95% de confiança).",
        "real": "A diferença é real.", "chance": "Pode ser acaso.",
        "variant": "eram do grupo “{}”", "holdout": "ficaram sem mensagem",
    },
    "en": {
        "few": "There are too few people in each group to say whether the message makes a difference.",
        "rates": "{rate} of those who {treated} converted, against {other} of those who {control}: {points} percentage "
                 "points ({low} to {high}, with 95% confidence).",
        "real": "The difference is real.", "chance": "It may be chance.",
        "variant": "were in the group “{}”", "holdout": "got no message",
    },
}  # fmt: skip


def sentence(effect: Effect, locale: str) -> str:
    """Whether the difference in conversions is real, in plain words: in Portuguese, or else in English."""
    words = SENTENCES["pt" if locale.startswith("pt") else "en"]
    if effect.conversions is None:
        return words["few"]

    def number(value: float, *, sign: bool = False) -> str:
        return format_decimal(100 * value, "+0.0;-0.0" if sign else "0.0", locale=locale)

    def who(arm: Arm) -> str:
        return words["holdout"] if arm.variant is None else words["variant"].format(arm.variant)

    found = effect.conversions
    rates = words["rates"].format(
        rate=number(effect.arm.converted / effect.arm.people) + "%", treated=who(effect.arm),
        other=number(effect.against.converted / effect.against.people) + "%", control=who(effect.against),
        points=number(found.value, sign=True), low=number(found.low, sign=True), high=number(found.high, sign=True),
    )  # fmt: skip
    return f"{rates} {words['real' if found.is_real else 'chance']}"
