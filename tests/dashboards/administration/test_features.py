"""The parts of the product: switched with their configuration kept, and said what they cost and need."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest
from tests.dashboards.administration.conftest import SETTINGS
from tests.dashboards.rendered import shown

from prosa.assistant.model import wanted
from prosa.conversations import policy
from prosa.dashboards.pages.administration.features import PARTS
from prosa.db import Database
from prosa.remarketing import policy as remarketing
from prosa.settings import Settings
from prosa.tenancy.features import get_feature, list_features, set_feature
from prosa.tenancy.model import Principal

OpenPage = Callable[[Principal, str], AppTest]


def test_a_part_is_switched_for_what_reads_it_and_keeps_its_configuration(
    db: Database, admin: Principal, open_page: OpenPage
) -> None:
    def confirm(key: str) -> str:
        app = open_page(admin, "administration.features")
        next(button for button in app.button if button.key == f"{key}-yes").click().run()
        return shown(app)

    with db.tenant(admin.tenant_id) as conn:
        set_feature(conn, admin.tenant_id, "remarketing", enabled=False, config={"tone": "curto"}, actor="test")
    confirm("turn_on-remarketing")
    confirm("turn_on-sentiment")
    assert "falta algo" in confirm("turn_on-reply")  # no model, no number
    confirm("turn_off-closure")
    with db.tenant(admin.tenant_id) as conn:
        found = remarketing.read(conn, admin.tenant_id)
        assert (found.enabled, found.tone) == (True, "curto")
        assert set(wanted(list_features(conn, admin.tenant_id), likely_farewell=False)) == {"sentiment", "reply"}
        assert policy.read(conn, admin.tenant_id, SETTINGS).detection is None
    assert len(PARTS) == shown(open_page(admin, "administration.features")).count("<dt>Custo</dt>")


def test_what_replies_may_say_is_kept_unless_somebody_changed_it_meanwhile(
    db: Database, admin: Principal, open_page: OpenPage, press: Callable[[AppTest, str], AppTest],
    fill: Callable[[AppTest, str, str], None],
) -> None:  # fmt: skip
    def facts() -> str | None:
        with db.tenant(admin.tenant_id) as conn:
            feature = get_feature(conn, admin.tenant_id, "reply")
        return feature.config["facts"] if feature else None

    app, late = (open_page(admin, "administration.features") for _ in range(2))
    fill(late, "O que é verdade sobre a empresa", "Abrimos às 9h.")
    fill(app, "O que é verdade sobre a empresa", "Abrimos às 8h.")
    press(app, "Salvar")
    assert facts() == "Abrimos às 8h."
    late = press(late, "Salvar")
    assert "outra pessoa mudou" in late.warning[0].value
    assert facts() == "Abrimos às 8h."


@pytest.mark.parametrize("way", ["ask", "ask_model"])
def test_saving_the_rules_keeps_how_a_likely_farewell_is_settled(
    db: Database, admin: Principal, open_page: OpenPage, way: str
) -> None:
    with db.tenant(admin.tenant_id) as conn:
        config = {way: True, "question": "Fechamos?"}
        set_feature(conn, admin.tenant_id, "closure", enabled=True, config=config, actor="test")
    app = open_page(admin, "administration.rules")
    next(button for button in app.button if button.key == "save-closure").click().run()
    with db.tenant(admin.tenant_id) as conn:
        feature = get_feature(conn, admin.tenant_id, "closure")
        assert feature is not None
        assert feature.config[way] is True
        asked = policy.read(conn, admin.tenant_id, Settings()).question
        assert asked == ("Fechamos?" if way == "ask" else None)
