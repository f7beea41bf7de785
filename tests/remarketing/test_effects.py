"""What a campaign caused: the intervals against published figures, and who counts in which arm."""

from datetime import timedelta
from itertools import product

import pytest
from tests.remarketing.conftest import ALWAYS, NOW, Company

from prosa.remarketing import campaign_model, campaigns, effects, policy, segments
from prosa.remarketing.campaign_model import Campaign
from prosa.remarketing.definition import define
from prosa.remarketing.effects import Arm, Figure


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090), ((5, 56, 0, 29), -0.0381, 0.1926),
     ((10, 10, 0, 10), 0.6075, 1.0)],
)  # fmt: skip
def test_differences_have_newcombes_interval(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    """The examples a, c, e and h of Newcombe's table II, method 10."""
    found = effects.difference(*counts)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_a_share_has_wilsons_interval() -> None:
    """81 of 263: .2553 to .3662 (Newcombe 1998, Statistics in Medicine 17, 857–872, table I, method 3)."""
    found = effects.share(81, 263)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)


@pytest.mark.parametrize(
    ("arm", "holdout", "expected"),
    [
        (Arm("a", 400, 390, 90, 60), Arm(None, 400, 0, 20, 20), "A diferença é real."),
        (Arm("a", 400, 390, 90, 22), Arm(None, 400, 0, 20, 20), "Pode ser acaso."),
        (Arm("a", 29, 29, 9, 20), Arm(None, 400, 0, 20, 20), "Ainda há poucas pessoas"),
    ],
)
def test_a_plain_sentence_says_whether_it_is_real(arm: Arm, holdout: Arm, expected: str) -> None:
    assert expected in effects.sentence(effects.compare(arm, holdout), "pt_BR")


def test_the_sentence_names_rates_and_bounds_in_the_readers_form() -> None:
    effect = effects.compare(Arm("a", 400, 390, 90, 60), Arm(None, 400, 0, 20, 20))
    assert effects.sentence(effect, "pt_BR").startswith(
        "Converteram 15,0% dos que eram do grupo “a”, contra 5,0% dos que ficaram sem mensagem: +10,0 pontos"
    )
    assert "15.0% of those who were in the group “a” converted" in effects.sentence(effect, "en")


def campaign(company: Company, **changes: object) -> Campaign:
    with company.db.tenant(company.tenant) as conn:
        segment = segments.save(conn, company.tenant, "todos", define({}), actor="user:1")
        given = {"name": "volta", "segment_id": segment.id, "holdout_percent": 20,
                 "variants": [{"name": "a", "author": "ai"}, {"name": "b", "author": "ai", "weight": 3}], **changes}  # fmt: skip
        return campaigns.create(conn, company.tenant, given, tenant_variables={}, actor="user:1")


def test_arms_are_drawn_by_hash_in_their_shares_and_always_the_same(company: Company) -> None:
    made = campaign(company)
    keys = [f"+55119{n:08}" for n in range(20_000)]
    drawn = [campaign_model.variant_of(made, company.tenant, key) for key in keys]
    names = [variant.name if variant else None for variant in drawn]
    shares = [names.count(name) / len(names) for name in (None, "a", "b")]
    assert shares == pytest.approx([0.2, 0.2, 0.6], abs=0.01)
    again = [campaign_model.variant_of(made, company.tenant, key) for key in keys]
    assert drawn == again


def test_who_replied_and_converted_after_joining_is_counted_in_his_arm(company: Company) -> None:
    """Before joining, or after the period of attribution, counts for nothing; both spellings are one person."""
    company.rules(hours=ALWAYS, attribution_days=7)
    made = campaign(company)
    arms = {}
    for n, variant in enumerate(["a", "a", "b", None]):
        phone = f"+551198765{n:04}"
        arms[n] = company.hears(phone, at=NOW - timedelta(days=1))
        with company.db.tenant(company.tenant) as conn:
            conn.execute(
                """insert into campaign_members (tenant_id, campaign_id, contact_key, conversation_id, variant, joined_at)
                   values (%s, %s, %s, %s, %s, %s)""",
                [company.tenant, made.id, phone, arms[n], variant, NOW],
            )
    company.hears("+551187650000", at=NOW + timedelta(days=1))
    company.converts(arms[0], at=NOW + timedelta(days=2))
    company.converts(arms[1], at=NOW - timedelta(hours=1))
    company.converts(arms[2], at=NOW + timedelta(days=8))
    company.converts(arms[3], at=NOW + timedelta(days=6))
    with company.db.tenant(company.tenant) as conn:
        rules = policy.read(conn, company.tenant)
        report = effects.report(conn, company.tenant, made.id, policy=rules)
        behind = {
            (arm.variant, figure): effects.conversations(
                conn, company.tenant, made.id, figure, arm.variant, policy=rules, skip=0, limit=9
            )
            for arm, figure in product(report.arms, Figure)
        }
    for arm, figure in product(report.arms, Figure):
        assert len(behind[arm.variant, figure]) == getattr(arm, figure), "as many rows as the figure says"
    assert (behind["a", Figure.CONVERTED], behind[None, Figure.CONVERTED]) == ([arms[0]], [arms[3]])
    assert report.arms == [Arm(None, 1, 0, 0, 1), Arm("a", 2, 0, 1, 1), Arm("b", 1, 0, 0, 0)]
    assert [(e.arm.variant, e.against.variant, e.conversions) for e in report.effects] == [
        ("a", None, None),
        ("b", None, None),
    ]
