"""Reports: each period is told once, at the tenant's own time; the paper says what the KPIs say; a link opens one report."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.facts.builder import Conversation, save
from tests.inbox import Inbox

from prosa.dashboards.reports import content, delivery, html, links, pdf, schedules
from prosa.dashboards.reports.links import Shared
from prosa.dashboards.reports.schedules import Frequency, Schedule
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.errors import Invalid, NotFound, Unavailable
from prosa.facts import kpis
from prosa.facts.model import Period
from prosa.settings import Settings

WEEK = Period(date(2026, 11, 9), date(2026, 11, 16))
KEYS = ["a key"]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def order(frequency: Frequency = Frequency.WEEKLY, *, told: date = date(2026, 11, 9), hour: int = 8) -> Schedule:
    return Schedule(1, frequency, ["ana@example.com"], hour, "pt_BR", told)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 11, 16, 7, 59, tzinfo=UTC), None),  # Monday, too early
        (datetime(2026, 11, 16, 8, tzinfo=UTC), WEEK),
        (datetime(2026, 11, 17, 3, tzinfo=UTC), WEEK),  # the worker was down on Monday
        (
            datetime(2026, 11, 23, 7, tzinfo=UTC),
            None,
        ),  # the next Monday: the week before last is no news, the last one not yet due
    ],
)
def test_a_week_is_told_on_monday_at_its_hour(now: datetime, expected: Period | None) -> None:
    found = schedules.due(order(), now)
    assert found == expected


@given(st.sampled_from(Frequency), st.integers(0, 730 * 24), st.integers(0, 23))
def test_no_period_is_told_twice(frequency: Frequency, hours: int, hour: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    told = order(frequency, told=schedules.period_before(frequency, now.date()).end, hour=hour)
    assert schedules.due(told, now) is None
    later = now.replace(hour=23) + timedelta(days=32)
    period = schedules.due(told, later)
    assert period is not None
    assert period.first >= told.told_until
    assert period.end <= later.date()


def test_only_one_worker_tells_a_period(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        schedules.add(
            conn, tenant, frequency=Frequency.WEEKLY, recipients=["a@example.com"], hour=8, locale="en", actor="t"
        )
        found = schedules.read(conn, tenant)[0]
        period = Period(found.told_until, found.told_until + timedelta(days=7))
        assert schedules.claim(conn, tenant, found, period)
        assert not schedules.claim(conn, tenant, found, period)


@pytest.mark.parametrize(
    "people", [[], ["nobody"], ["a@example.com\nBcc: x@example.com"], ["a@example.com"] * 1 + ["b@"]]
)
def test_what_is_no_address_is_refused(db: Database, tenant: TenantId, people: list[str]) -> None:
    with db.tenant(tenant) as conn, pytest.raises(Invalid):
        schedules.add(conn, tenant, frequency=Frequency.WEEKLY, recipients=people, hour=8, locale="pt_BR", actor="t")


def talk(db: Database, tenant: TenantId, *, conversations: int) -> None:
    with db.tenant(tenant) as conn:
        at = datetime(2026, 11, 10, 15, tzinfo=UTC)
        save(conn, tenant, [Conversation(n, at, messages_agent=0) for n in range(1, conversations + 1)])


def test_the_paper_says_what_the_kpis_say(db: Database, tenant: TenantId) -> None:
    talk(db, tenant, conversations=1234)
    with db.tenant(tenant) as conn:
        report = content.build(conn, tenant, WEEK, locale="pt_BR")
        counted = kpis.kpis(conn, tenant, period=WEEK).conversations
    assert counted == 1234
    assert next(card.value for card in report.groups[0][1] if card.label == "Conversas") == "1.234"
    assert [bar.value for bar in report.columns.bars] == ["0", "1.234", "0", "0", "0", "0", "0"]
    assert "1.234" in html.render(report)
    assert pdf.render(report).startswith(b"%PDF-")


def test_an_empty_period_says_so(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        report = content.build(conn, tenant, WEEK, locale="en")
    assert "No conversation began in this period." in html.render(report)
    assert pdf.render(report).startswith(b"%PDF-")


def test_names_are_text_not_markup(db: Database, tenant: TenantId) -> None:
    with db.operator() as conn:
        conn.execute("update tenants set name = '<script>x</script> 🏋️ Ação' where id = %s", [tenant])
    with db.tenant(tenant) as conn:
        report = content.build(conn, tenant, WEEK, locale="pt_BR")
    assert "<script>" not in html.render(report)
    assert pdf.render(report)


def test_a_link_opens_its_report_for_a_month() -> None:
    shared = Shared(TenantId(7), WEEK, "en")
    sealed = links.seal(KEYS, shared, now=NOW)
    assert links.open_sealed(KEYS, sealed, now=NOW + timedelta(days=29)) == shared
    with pytest.raises(NotFound):
        links.open_sealed(KEYS, sealed, now=NOW + timedelta(days=30, seconds=1))
    with pytest.raises(NotFound):
        links.open_sealed(["another key"], sealed, now=NOW)


@given(st.text())
def test_a_made_up_link_opens_nothing(sealed: str) -> None:
    with pytest.raises(NotFound):
        links.open_sealed(KEYS, sealed, now=NOW)


def test_it_goes_by_mail_with_the_pdf_and_a_link(db: Database, tenant: TenantId, inbox: tuple[Inbox, int]) -> None:
    box, port = inbox
    settings = Settings(
        smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", secret_key="k", public_url="https://p.example"
    )
    delivery.send(db, settings, tenant, WEEK, to="ana@example.com", locale="pt_BR")
    parts = list(box.messages[0].walk())
    assert [p.get_content_type() for p in parts if not p.is_multipart()] == [
        "text/plain",
        "text/html",
        "application/pdf",
    ]
    text = next(p for p in parts if p.get_content_type() == "text/plain").get_payload(decode=True).decode()
    sealed = text.split("https://p.example/reports/shared/")[1].strip()
    assert links.open_sealed(settings.secret_keys, sealed, now=datetime.now(UTC)).tenant == tenant


def test_a_server_that_is_away_is_told(db: Database, tenant: TenantId) -> None:
    away = Settings(smtp_host="127.0.0.1", smtp_port=1, smtp_security="none", secret_key="k")
    with pytest.raises(Unavailable):
        delivery.send(db, away, tenant, WEEK, to="ana@example.com", locale="pt_BR")
