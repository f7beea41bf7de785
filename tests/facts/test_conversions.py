"""Conversions: stated by somebody, once, with the ad that brought the contact; taken back for good."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from tests.facts import builder

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.errors import Conflict, Invalid, NotFound
from prosa.facts import conversions, label_rules, outcomes
from prosa.facts.conversion_import import MOST_LINES, Report, import_csv
from prosa.facts.conversions import Stated
from prosa.facts.outcomes import NoSuchOutcome, Origin, OutcomeKind

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
ZONE = ZoneInfo("America/Sao_Paulo")
SALE = Stated(OutcomeKind.CONVERSION, NOW - timedelta(days=1), reference="pedido-7", amount=Decimal(99), currency="BRL")


class Shop:
    """One tenant's outcomes."""

    def __init__(self, db: Database, tenant: TenantId) -> None:
        self.db, self.tenant = db, tenant
        people = [
            (1, "+551187654321", "ana@exemplo.com.br"),
            (2, "+5521912345678", "Bia@Exemplo.com.br"),
            (3, None, None),
        ]
        with db.tenant(tenant) as conn:
            builder.save(conn, tenant, [
                builder.Conversation(10, datetime(2026, 3, 1, 12, tzinfo=UTC), labels=("venda", "vip")),
                builder.Conversation(11, datetime(2026, 3, 5, 12, tzinfo=UTC)),
                builder.Conversation(20, datetime(2026, 3, 2, 12, tzinfo=UTC), contact_id=2, labels=("venda",)),
            ])  # fmt: skip
            for id, phone, email in people:
                conn.execute("insert into contacts (tenant_id, id, phone, email) values (%s, %s, %s, %s)",
                             [tenant, id, phone, email])  # fmt: skip

    def record(
        self, conversation: int = 10, stated: Stated = SALE, origin: Origin = Origin.API
    ) -> conversions.Recorded:
        with self.db.tenant(self.tenant) as conn:
            return conversions.record(conn, self.tenant, conversation, stated, origin=origin, actor="apikey:1", now=NOW)

    def undo(self, outcome: int) -> None:
        with self.db.tenant(self.tenant) as conn:
            conversions.undo(conn, self.tenant, outcome, actor="user:1", now=NOW)

    def stated(self) -> list[tuple[int, str, str]]:
        """(conversation, kind, origin), as they were stated."""
        with self.db.tenant(self.tenant) as conn:
            found = outcomes.page(conn, self.tenant, limit=100)
        return [(o.conversation_id, o.kind.value, o.origin.value) for o in reversed(found)]

    def load(self, text: str, encoding: str = "utf-8") -> Report:
        with self.db.tenant(self.tenant) as conn:
            return import_csv(conn, self.tenant, text.encode(encoding), zone=ZONE, actor="user:1", now=NOW)


@pytest.fixture
def shop(db: Database, tenant: TenantId) -> Shop:
    return Shop(db, tenant)


def test_a_repeated_request_states_nothing_new(shop: Shop) -> None:
    first, second = shop.record(), shop.record()
    assert (first.is_new, second.is_new) == (True, False)
    assert first.outcome == second.outcome
    assert shop.stated() == [(10, "conversion", "api")]
    with pytest.raises(Conflict):
        shop.record(20)


def test_what_is_taken_back_stays_so_when_it_is_told_again(shop: Shop) -> None:
    told = shop.record().outcome
    assert told
    shop.undo(told.id)
    assert shop.record().outcome is None
    assert shop.stated() == []
    with pytest.raises(NoSuchOutcome):
        shop.undo(told.id)


@pytest.mark.parametrize(
    "stated",
    [
        Stated(OutcomeKind.VISIT, NOW + timedelta(hours=1)),
        Stated(OutcomeKind.CONVERSION, NOW, amount=Decimal(-1), currency="BRL"),
        Stated(OutcomeKind.CONVERSION, NOW, amount=Decimal(1)),
    ],
)
def test_nonsense_is_refused(shop: Shop, stated: Stated) -> None:
    with pytest.raises(Invalid):
        shop.record(stated=stated)


def test_the_ad_that_brought_the_contact_stays_with_the_conversion(shop: Shop) -> None:
    """The last one answered before it, in any conversation of the contact."""
    ads = [(10, 1, "primeiro", 2), (11, 2, "segundo", 6), (11, 3, "depois", 12), (20, 4, "de outra", 3)]
    with shop.db.tenant(shop.tenant) as conn:
        for conversation, message, ad, day in ads:
            conn.execute(
                """insert into ad_referrals (tenant_id, conversation_id, message_id, ad_id, click_id, created_at)
                   values (%s, %s, %s, %s, 'ctwa-' || %s::text, %s)""",
                [shop.tenant, conversation, message, ad, ad, datetime(2026, 3, day, tzinfo=UTC)],
            )
    outcome = shop.record(10).outcome
    assert outcome and outcome.referral == {"ad_id": "segundo", "click_id": "ctwa-segundo"}
    with shop.db.tenant(shop.tenant) as conn:  # to Twilio he is another contact, with the ninth digit
        builder.save(conn, shop.tenant, [builder.Conversation(30, NOW, source="twilio", contact_id=3)])
        conn.execute("update conversations set contact_key = '+5511987654321' where tenant_id = %s and id = 30",
                     [shop.tenant])  # fmt: skip
        conn.execute("""insert into ad_referrals (tenant_id, conversation_id, message_id, ad_id, created_at)
                        values (%s, 30, 5, 'no Twilio', %s)""", [shop.tenant, SALE.at - timedelta(hours=1)])  # fmt: skip
        [known] = outcomes.of_conversation(conn, shop.tenant, 10)
    assert known.referral == {"ad_id": "no Twilio"}


def test_a_label_rule_states_what_labels_say_once_and_not_what_was_taken_back(shop: Shop) -> None:
    with shop.db.tenant(shop.tenant) as conn:
        rule = label_rules.add(conn, shop.tenant, " venda ", OutcomeKind.CONVERSION, actor="user:1")
        with pytest.raises(Conflict):
            label_rules.add(conn, shop.tenant, "venda", OutcomeKind.CONVERSION, actor="user:1")
    assert sorted(shop.stated()) == [(10, "conversion", "label_rule"), (20, "conversion", "label_rule")]
    with shop.db.tenant(shop.tenant) as conn:
        [outcome] = outcomes.of_conversation(conn, shop.tenant, 10)
    shop.undo(outcome.id)
    with shop.db.tenant(shop.tenant) as conn:
        assert label_rules.apply(conn, shop.tenant) == 0
        conn.execute("update conversations set labels = '{venda}' where tenant_id = %s and id = 11", [shop.tenant])
        assert label_rules.apply(conn, shop.tenant, [20]) == 0
        assert label_rules.apply(conn, shop.tenant, [11]) == 1
        label_rules.remove(conn, shop.tenant, rule.id, actor="user:1")
        assert label_rules.list_rules(conn, shop.tenant) == []
    assert len(shop.stated()) == 2


LIST = """Telefone;E-mail;Data;Valor;Tipo
(11) 98765-4321;;06/03/2026;R$ 1.234,56;
;BIA@exemplo.com.br;2026-03-09;99.90;visita
+55 21 1234-5678;;09/03/2026;;venda
;;09/03/2026;;
11 8765-4321;;ontem;;
11 8765-4321;;11/03/2026;;
"""


def test_a_crms_list_is_matched_by_phone_in_both_forms_or_by_e_mail(shop: Shop) -> None:
    report = shop.load(LIST)
    assert (report.recorded, report.repeated) == (2, 0)
    assert shop.stated() == [(11, "conversion", "csv"), (20, "visit", "csv")], "11: begun last before the sale"
    assert [line.line for line in report.unmatched] == [4, 5, 6, 7]
    with shop.db.tenant(shop.tenant) as conn:
        sale, visit = reversed(outcomes.page(conn, shop.tenant))
    assert (sale.amount, sale.currency, visit.amount) == (Decimal("1234.56"), "BRL", Decimal("99.90"))
    assert sale.at == datetime(2026, 3, 7, 2, 59, 59, tzinfo=UTC), "the end of the day in São Paulo"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("R$ 1.500", "1500.00"), ("1.234.567", "1234567.00"), ("1,500", "1500.00"), ("1.500,00", "1500.00"),
     ("1500.5", "1500.50"), ("0.999", "1.00"), ("99,9", "99.90")],
)  # fmt: skip
def test_an_amount_is_read_as_money_is_written(shop: Shop, written: str, meant: str) -> None:
    assert shop.load(f"email;data;valor\nana@exemplo.com.br;05/03/2026;{written}\n").recorded == 1
    with shop.db.tenant(shop.tenant) as conn:
        assert [o.amount for o in outcomes.page(conn, shop.tenant, limit=10)] == [Decimal(meant)]


def test_of_two_columns_for_phones_the_one_that_says_something_counts(shop: Shop) -> None:
    lines = "Telefone;Celular;Data\n(11) 98765-4321;;05/03/2026\n;21 91234-5678;05/03/2026\n"
    assert shop.load(lines) == Report(recorded=2)
    assert [conversation for conversation, *_ in shop.stated()] == [11, 20]


def test_importing_the_same_list_again_changes_nothing(shop: Shop) -> None:
    twice = "phone,date,amount\n+5511987654321,2026-03-06,10\n+5511987654321,2026-03-06,10\n"
    assert shop.load(twice).recorded == 2, "two equal lines are two sales"
    again = shop.load(twice)
    assert (again.recorded, again.repeated) == (0, 2)
    assert len(shop.stated()) == 2


@pytest.mark.parametrize("garbage", [
    "06/03/2026;nan", "06/03/2026;inf", "06/03/2026;1e400", "06/03/2026;--1", "01/01/0026;10", "0001-01-01T00:00:00+14:00;10",
    "9999-12-31T23:59:59-14:00;10", "31/02/2026;10", "agora;10",
])  # fmt: skip
def test_a_line_of_garbage_is_reported_and_the_others_are_stated(shop: Shop, garbage: str) -> None:
    report = shop.load(f"telefone;data;valor\n11987654321;{garbage}\n11987654321;06/03/2026;10\n")
    assert (report.recorded, [line.line for line in report.unmatched]) == (1, [2])


def test_odd_bytes_and_odd_offsets_do_no_harm(shop: Shop) -> None:
    text = (
        "telefone;data;obs;ref\n11987654321;2026-03-06T10:00:00+23:30;a\0b;r\0\n\0\0\n11987654321;06/03/2026\n;;;;;;\n"
    )
    assert shop.load(text).recorded == 2
    with pytest.raises(Invalid):
        shop.load("telefone;data\n" * 1 + '"' + "x" * 200_000)


def test_a_list_that_is_too_long_is_refused_before_anything_is_stated(shop: Shop) -> None:
    with shop.db.tenant(shop.tenant) as conn:
        lines = "telefone;data\n" + "11987654321;06/03/2026\n" * (MOST_LINES + 1)
        with pytest.raises(Invalid, match="import it in parts"):
            import_csv(conn, shop.tenant, lines.encode(), zone=ZONE, actor="user:1", now=NOW)
        assert outcomes.page(conn, shop.tenant) == []


def test_a_file_of_excel_and_a_file_that_is_no_list(shop: Shop) -> None:
    written = "Telefone;Data;Observação\r\n11987654321;06/03/2026;Plano açaí\r\n11;;\r\n"
    assert shop.load(written, "cp1252").recorded == 1
    for text, encoding, line in ((written.replace(";", "\t"), "utf-16", 3), ("sep=;\r\n" + written, "utf-8-sig", 4)):
        report = shop.load(text, encoding)
        assert (report.repeated, [each.line for each in report.unmatched]) == (1, [line])
    with pytest.raises(Invalid, match="save it as CSV"):
        shop.load("PK\x03\x04[Content_Types].xml")
    for text in ("", "nome;idade\nAna;3\n", "telefone\n119\n", "x" * 200_000):
        with pytest.raises(Invalid):
            shop.load(text)


def test_another_tenant_sees_and_undoes_nothing(shop: Shop, db: Database, make_tenant: Callable[[], TenantId]) -> None:
    told = shop.record().outcome
    other = make_tenant()
    with db.tenant(other) as conn:
        assert outcomes.page(conn, other) == []
        with pytest.raises(NoSuchOutcome):
            conversions.undo(conn, other, told.id, actor="user:9", now=NOW)
        with pytest.raises(NotFound):
            conversions.record(conn, other, 10, SALE, origin=Origin.API, actor="apikey:9", now=NOW)
