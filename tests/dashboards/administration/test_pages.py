"""What an administrator's pages do, and who is turned away from them."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from tests.dashboards.rendered import html, shown, skipped
from tests.facts.builder import Conversation, save

import prosa
from prosa import privacy
from prosa.analysis import corrections
from prosa.analysis.llm import policy as ai
from prosa.conversations import addresses, policy, suppressions
from prosa.conversations.model import Pair
from prosa.dashboards import brand, tables
from prosa.dashboards.i18n import catalogue, translator
from prosa.dashboards.pages.administration import analysis, setup
from prosa.db import Database
from prosa.remarketing import policy as remarketing
from prosa.settings import Settings
from prosa.tenancy import api_keys, audit, branding, links, users
from prosa.tenancy.branding import BadLogo
from prosa.tenancy.features import set_feature
from prosa.tenancy.model import SCOPES, Principal, UserRole
from prosa.tenancy.webhooks import store as webhooks

ADMINISTRATION = ("setup", "users", "connections", "features", "templates", "rules", "analysis", "limits", "opt_outs", "keys",
                  "webhooks", "branding", "privacy", "audit_log")  # fmt: skip
SOURCE = Path(prosa.__file__).parent
OpenPage = Callable[..., AppTest]
Press = Callable[[AppTest, str], AppTest]
FIELDS = "Um campo por linha, como “plano: qual plano interessa”"
Fill = Callable[[AppTest, str, str], None]


def actions(db: Database, me: Principal) -> list[str]:
    with db.tenant(me.tenant_id) as conn:
        return [entry.action for entry in audit.list_entries(conn, me.tenant_id)]


@pytest.mark.parametrize("page", ADMINISTRATION)
@pytest.mark.parametrize("locale", ["pt_BR", "en"])
def test_every_page_draws_for_an_admin_and_for_nobody_below(
    admin: Principal, open_page: OpenPage, page: str, locale: str
) -> None:
    app = open_page(replace(admin, locale=locale), f"administration.{page}")
    assert not app.error
    assert "prosa-broken" not in shown(app)
    assert skipped(html(app)) == []
    refused = open_page(replace(admin, role=UserRole.CLIENT), f"administration.{page}")
    assert len(refused.error) == 1
    assert shown(refused) == ""


def test_an_invitation_is_handed_on_once_and_lets_the_person_set_a_password(
    db: Database, admin: Principal, open_page: OpenPage, press: Press, fill: Fill
) -> None:
    app = open_page(admin, "administration.users")
    fill(app, "E-mail", "no address")
    app = press(app, "Convidar")
    assert "não é válido" in app.error[0].value
    fill(app, "E-mail", f"nova-{admin.tenant_id}@exemplo.com.br")
    app = press(app, "Convidar")
    address = app.code[0].value
    assert address.startswith("https://prosa.example.com/password?token=")
    with db.anonymous() as conn:
        assert links.find(conn, address.partition("=")[2])
    assert [field.value for field in app.text_input] == ["", ""], "the next invitation begins with an empty form"
    assert not press(app, "Já copiei").code
    assert {"user.create", "user.invite"} <= set(actions(db, admin))


def test_the_last_admin_stays_and_others_are_closed(
    db: Database, admin: Principal, open_page: OpenPage, press: Press
) -> None:
    with db.tenant(admin.tenant_id) as conn:
        other = users.add_user(
            conn, admin.tenant_id, email=f"x-{admin.tenant_id}@exemplo.com.br", password="x" * 12,
            role=UserRole.CLIENT, actor="test",
        )  # fmt: skip
    app = open_page(admin, "administration.users")
    app.session_state[f"user-{other.id}-options"] = True
    app.run().checkbox[0].check().run()
    press(app, "Desativar a conta")
    with db.tenant(admin.tenant_id) as conn:
        assert not users.find_user(conn, admin.tenant_id, other.id).active


def test_a_key_is_shown_once_and_works_until_it_is_revoked(
    db: Database, admin: Principal, open_page: OpenPage, press: Press, fill: Fill
) -> None:
    app = press(open_page(admin, "administration.keys"), "Criar chave")
    assert "para que serve" in app.error[0].value
    fill(app, "Para que serve", "rob\x00")
    assert "não podem ser guardados" in press(app, "Criar chave").error[0].value
    fill(app, "Para que serve", "robô")
    app.multiselect[0].set_value(list(SCOPES))  # every scope that the API asks for can be given
    app = press(app, "Criar chave")
    secret = app.code[0].value
    with db.anonymous() as conn:
        holder = api_keys.find_key(conn, secret)
    assert holder and holder.scopes == list(SCOPES)
    assert "Criar chave" not in [button.label for button in app.button]  # no second one by a double click
    app = press(app, "Já guardei")
    assert not app.code
    press(app, "Sim, confirmar")
    with db.anonymous() as conn:
        assert api_keys.find_key(conn, secret) is None
    assert actions(db, admin)[:2] == ["apikey.revoke", "apikey.create"]


def test_rules_are_tried_before_they_are_saved_and_then_hold(
    db: Database, admin: Principal, open_page: OpenPage, press: Press, fill: Fill
) -> None:
    app = open_page(admin, "administration.rules")
    assert "É encerrada" in shown(app)
    fill(app, "Resposta do contato", "arremate")
    assert "É encerrada" not in shown(app.run())
    fill(app, "Palavras a mais", "arremate")
    assert "É encerrada" in shown(app.run())
    with db.tenant(admin.tenant_id) as conn:
        assert policy.read(conn, admin.tenant_id, Settings()).detection.extra_keywords == ()
    next(button for button in app.button if button.key == "save-closure").click().run()
    with db.tenant(admin.tenant_id) as conn:
        assert policy.read(conn, admin.tenant_id, Settings()).detection.extra_keywords == ("arremate",)


def test_why_a_farewell_ends_a_conversation_is_said_in_words_and_the_weights_are_folded(
    admin: Principal, open_page: OpenPage, fill: Fill
) -> None:
    app = open_page(admin, "administration.rules")
    in_words, weights = html(app).split("prosa-table", 1)
    assert "Indica que terminou" in in_words and "Despedida: “tchau”" in in_words
    assert "Não precisa de mais nada: “era só isso”" in in_words, "as the contact spelled it"
    assert in_words.index("Despedida") < in_words.index("Terminamos com uma pergunta"), "the contact's words come first"
    assert "Jeito de dizer" not in in_words and "p.p." not in in_words
    assert "Jeito de dizer" in weights and "p.p." in weights
    [folded] = app.expander
    assert (folded.label, folded.proto.expanded) == ("Detalhes para desenvolvedores", False)
    fill(app, "Resposta do contato", "Quanto custa?")
    assert "Indica que continua</strong><ul><li>Fez uma pergunta" in html(app.run())


def test_timers_in_the_wrong_order_are_refused_and_kept_in_the_form(
    db: Database, admin: Principal, open_page: OpenPage, press: Press
) -> None:
    app = open_page(admin, "administration.rules")
    app.number_input[0].set_value(30)
    app = press(app, "Salvar")
    assert "antes da expiração" in app.error[0].value
    assert app.number_input[0].value == 30
    app.number_input[1].set_value(20)
    press(app, "Salvar")
    with db.tenant(admin.tenant_id) as conn:
        assert policy.read(conn, admin.tenant_id, Settings()).idle_timeout == timedelta(minutes=20)


def test_a_contacts_data_is_erased_only_after_the_number_was_typed(
    db: Database, admin: Principal, open_page: OpenPage, press: Press, fill: Fill
) -> None:
    phone = "+5511988887777"
    with db.tenant(admin.tenant_id) as conn:
        save(conn, admin.tenant_id, [Conversation(1, datetime.now(UTC), contact_id=1)])
        conn.execute(
            """insert into contacts (tenant_id, source_id, id, name, phone) values (%(t)s, 1, 1, 'Rui', %(p)s)
               on conflict (tenant_id, id) do update set name = 'Rui', phone = %(p)s""",
            {"t": admin.tenant_id, "p": phone},
        )
    app = open_page(admin, "administration.privacy")
    assert "não é válido" in press(app, "Procurar").error[0].value
    fill(app, "Número do contato", "+55")
    assert "não é válido" in press(app, "Procurar").error[0].value
    fill(app, "Número do contato", f" {phone} ")  # as one copies it
    app = press(app, "Procurar")
    assert "Contatos: 1" in app.info[0].value
    yes = next(button for button in app.button if button.key == "erase-yes")
    assert yes.disabled
    next(field for field in app.text_input if field.key == "erase-typed").input(phone).run()
    next(button for button in app.button if button.key == "erase-yes").click().run()
    with db.tenant(admin.tenant_id) as conn:
        assert conn.execute("select name from contacts where id = 1").fetchone() == (None,)
        erased = audit.list_entries(conn, admin.tenant_id)[0]
    assert (erased.action, erased.address) == ("contact.erase", "192.0.2.40")


def test_the_audit_log_is_filtered_and_speaks_the_users_language(admin: Principal, open_page: OpenPage) -> None:
    app = open_page(admin, "administration.audit_log")
    assert "Criou a pessoa" in shown(app)
    assert "perfil: Administração" in shown(app)
    subject = next(box for box in app.selectbox if box.label == "Assunto")
    html = shown(subject.select("session.").run())
    assert "Entrou" in html
    assert "Criou a pessoa" not in html
    assert app.query_params["subject"] == "session.", "the view can be shared"


def test_an_entry_tells_what_was_before_and_only_what_has_changed(
    db: Database, admin: Principal, open_page: OpenPage
) -> None:
    with db.tenant(admin.tenant_id) as conn:
        for closes in ("18:00", "20:00"):
            config = {"hours": {"opens": "08:00", "closes": closes}, "require_consent": False}
            set_feature(conn, admin.tenant_id, "remarketing", enabled=True, config=config, actor=admin.actor)
    newest = shown(open_page(admin, "administration.audit_log")).split("<tr>")[2]
    assert ">Remarketing<" in newest
    assert ">até as: 18:00 → 20:00<" in newest
    with db.tenant(admin.tenant_id) as conn:
        was, now = {"state": "paused", "locale": "en"}, {"state": "active", "locale": "pt_BR"}
        now |= {"weekdays": [1, 7], "close_at": 0.85, "closed_days": ["2026-12-24"]}
        audit.record(conn, admin.tenant_id, admin.actor, "campaign.change", before=was, after=now)
    assert "estado: pausada → ativa" in (html := shown(open_page(admin, "administration.audit_log")))
    assert "idioma: English → Português" in html
    of_campaigns = shown(open_page(admin, "administration.audit_log", subject="campaign."))
    assert "pausada → ativa" in of_campaigns and ">Remarketing<" not in of_campaigns
    assert "dias da semana: seg., dom." in html and "encerrar a partir de: 85%" in html and "24/12/2026" in html
    with db.tenant(admin.tenant_id) as conn:
        audit.record(conn, admin.tenant_id, admin.actor, "feature.set", after={"name": "x" * 10_000})
    assert "x" * 161 not in shown(open_page(admin, "administration.audit_log")), "a long text makes the page no wider"


@pytest.mark.parametrize(
    ("text", "said"),
    [("plan: which", ""), ("1x: y", "cannot be used"), ("plan", "what to look for"), ("plan: " + "x" * 201, "at most 200"),
     ("plan: a\nplan: b", "twice"), ("\n".join(f"f{i}: x" for i in range(21)), "At most 20"), ("**a**: b", r"\*\*a\*\*")],
)  # fmt: skip
def test_fields_that_make_no_sense_are_refused_in_words(text: str, said: str) -> None:
    found = [tuple(part.strip() for part in line.partition(":")[::2]) for line in text.splitlines()]
    wrong = analysis.wrong_field(found, translator("en"))
    assert said in wrong and bool(said) == bool(wrong)


def test_every_act_that_is_audited_has_words_in_the_users_language() -> None:
    sources = [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.sql")]
    acts = {
        act
        for file in sources
        for call in re.findall(r"audit\.record\((.*?)\)\s*(?:#.*)?\n|audit_log \((.*?);", file.read_text(), re.DOTALL)
        for act in re.findall(r"""["']([a-z_]+\.[a-z_]*[a-z])["']""", "".join(call))
    }
    assert len(acts) > 50
    assert {act for act in acts if f"audit_action.{act.replace('.', '_')}" not in catalogue("pt_BR")} == set()


def test_a_text_from_right_to_left_turns_nothing_else_round(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(tables.st, "html", drawn.append)
    tables.line("name", "note \u202e · events")
    assert "<bdi>note \u202e</bdi> · <bdi>events</bdi>" in drawn[0]


def test_a_shared_audit_log_opens_with_its_filters_and_heeds_no_nonsense(admin: Principal, open_page: OpenPage) -> None:
    app = open_page(admin, "administration.audit_log", subject="session.", before="x", actor="user:0", to="2999-01-01")
    assert "Entrou" in shown(app)
    assert "Criou a pessoa" not in shown(app)
    later = open_page(admin, "administration.audit_log", **{"from": "2020-01-01", "to": "2020-01-31"})
    assert "Entrou" not in shown(later)
    assert "Nada" in shown(later)
    earlier = open_page(admin, "administration.audit_log", before="1")
    assert "Entrou" not in shown(earlier)


def test_a_webhook_is_added_tested_and_refused_where_it_leads_inside(
    db: Database, admin: Principal, open_page: OpenPage, press: Press, fill: Fill
) -> None:
    app = open_page(admin, "administration.webhooks")
    fill(app, "Endereço (https)", "http://169.254.169.254/latest")
    app = press(app, "Criar")
    assert "não serve" in app.error[0].value
    fill(app, "Endereço (https)", "https://hooks.example.com/prosa")
    app = press(app, "Criar")
    assert app.code[0].value.startswith("whsec_")
    app = press(press(app, "Já guardei"), "Enviar teste")
    next(field for field in app.text_input if field.value).input("https://10.0.0.1/inside")
    assert "não serve" in press(app, "Salvar").error[0].value
    next(field for field in app.text_input if field.value).input("https://hooks.example.com/other")
    app = press(app, "Salvar")
    next(button for button in app.button if str(button.key).endswith("-rotate-yes")).click().run()
    assert app.code[0].value.startswith("whsec_")
    assert actions(db, admin)[:2] == ["webhook.rotate", "webhook.change"]
    with db.tenant(admin.tenant_id) as conn:
        [endpoint] = webhooks.all_of(conn, admin.tenant_id)
        found = webhooks.deliveries(conn, admin.tenant_id, endpoint.id, state=None, before=None, limit=5)
    assert endpoint.url == "https://hooks.example.com/other"
    assert [delivery.type.value for delivery in found] == ["test"]


def test_sending_limits_and_fields_are_checked_before_they_are_kept(
    db: Database, admin: Principal, open_page: OpenPage, press: Press, fill: Fill
) -> None:
    app = open_page(admin, "administration.limits")
    app.time_input[1].set_value(time(8))
    assert "o fim precisa vir depois" in press(app, "Salvar").error[0].value
    app.time_input[1].set_value(time(18, 30))
    app.toggle[0].set_value(True)
    fill(app, "Outros dias sem envio", "24/12/2026, amanhã")
    assert "“amanhã” não é uma data" in press(app, "Salvar").error[0].value
    fill(app, "Outros dias sem envio", "24/12/2026; 2026-12-31")
    app = press(app, "Salvar")
    assert app.text_input[0].value == "24/12/2026, 31/12/2026"
    with db.tenant(admin.tenant_id) as conn:
        kept = remarketing.read(conn, admin.tenant_id)
    assert (kept.enabled, kept.hours.closes) == (True, time(18, 30))
    assert kept.hours.closed_days == {date(2026, 12, 24), date(2026, 12, 31)}
    with db.tenant(admin.tenant_id) as conn:
        save(conn, admin.tenant_id, [Conversation(1, datetime.now(UTC), is_lead=True)])
        corrections.correct(conn, admin.tenant_id, 1, values={"sentiment": "neutral"}, by=admin.actor)
        corrections.correct(conn, admin.tenant_id, 1, values={"lead_name": "Bia"}, by=admin.actor)
    app = open_page(admin, "administration.analysis")
    quality = shown(app).split("offline-1")
    assert "Nome do lead" in quality[1] and "0,0%" in quality[1]
    assert "Sentimento" in quality[2] and "100,0%" in quality[2]
    fill(app, "Nova chave (OpenAI)", "sk-da-empresa-1234")
    press(app, "Guardar chave")
    app = open_page(admin, "administration.analysis")
    assert "A empresa usa a sua chave" in shown(app) and "sk-da" not in str([each.value for each in app.text_input])
    app.number_input(key="limit-requests_per_minute").set_value(60)
    [button for button in app.button if button.label == "Salvar"][2].click().run()
    press(open_page(admin, "administration.analysis"), "Remover chave")
    app = open_page(admin, "administration.analysis")
    fill(app, FIELDS, "plano mensal: qual plano")
    button = [button for button in app.button if button.label == "Salvar"][-1]
    app = button.click().run()
    assert "plano mensal" in app.error[0].value
    fill(app, FIELDS, "plano: qual plano")
    [button for button in app.button if button.label == "Salvar"][-1].click().run()
    with db.tenant(admin.tenant_id) as conn:
        found = ai.read(conn, admin.tenant_id)
    assert (found.fields, found.own_limits) == ({"plano": "qual plano"}, {"requests_per_minute": 60})


def test_an_opt_out_is_found_lifted_by_a_person_and_audited(
    db: Database, settings: Settings, admin: Principal, open_page: OpenPage, press: Press, fill: Fill
) -> None:
    pair = Pair("whatsapp", contact=addresses.parse("+5511988887777"), ours=addresses.parse("+551133334444"))
    with db.tenant(admin.tenant_id) as conn:
        suppressions.suppress(
            conn, admin.tenant_id, pair, reason=suppressions.Reason.WORD, actor="contact", now=datetime.now(UTC)
        )
    app = open_page(admin, "administration.opt_outs")
    assert "+55 11 3333-4444" in shown(app)
    fill(app, "Procurar por número", "(11) 99999-1234")
    html = shown(app.run())
    assert "8888-7777" not in html
    assert "Ninguém descadastrado" not in html, "somebody else is"
    fill(app, "Procurar por número", "(11) 8888-7777")  # as it was written before it had a ninth digit
    assert "8888-7777" in shown(app.run())
    press(app, "Sim, confirmar")
    with db.tenant(admin.tenant_id) as conn:
        assert not suppressions.is_suppressed(conn, admin.tenant_id, pair, secret_keys=())
        lifted = audit.list_entries(conn, admin.tenant_id)[0]
    assert (lifted.action, lifted.object) == ("optout.lift", "contact:…7777"), "what cannot be erased names no number"
    app = open_page(admin, "administration.opt_outs")
    fill(app, "Número do contato", "+55 11 98888-7777")
    press(app, "Descadastrar")  # of every number, so of one that nobody has connected yet
    with db.tenant(admin.tenant_id) as conn:
        assert suppressions.is_suppressed(conn, admin.tenant_id, pair, secret_keys=())
    with db.operator() as conn:
        privacy.erase(
            conn,
            admin.tenant_id,
            pair.contact.key,
            secret_keys=settings.secret_keys,
            actor="test",
            now=datetime.now(UTC),
        )
    app = open_page(admin, "administration.opt_outs")
    assert "Ninguém descadastrado" in shown(app), "who was erased is not listed"
    fill(app, "Procurar por número", "11 98888-7777")
    assert "8888-7777" in shown(app.run()), "and found by who knows his number"
    press(app, "Sim, confirmar")
    with db.tenant(admin.tenant_id) as conn:
        assert not suppressions.is_suppressed(conn, admin.tenant_id, pair, secret_keys=settings.secret_keys)


def test_a_long_list_of_opt_outs_says_how_many_there_are(db: Database, admin: Principal, open_page: OpenPage) -> None:
    with db.tenant(admin.tenant_id) as conn:
        conn.execute(
            """insert into suppressions (tenant_id, our_key, contact_key, reason, actor, at)
               select %s, '*', '+55119' || 10000000 + n, 'import', 'user:1', now() from generate_series(1, 1234) n""",
            [admin.tenant_id],
        )
    html = shown(open_page(admin, "administration.opt_outs"))
    assert "Descadastrados (1.234)" in html and "Mostrando os 100 mais recentes" in html


def test_the_first_steps_say_what_is_next_and_when_all_is_done(
    db: Database, admin: Principal, open_page: OpenPage
) -> None:
    html = shown(open_page(admin, "administration.setup"))
    assert html.index("1. Conectar uma fonte") < html.index("Agora") < html.index("2. Receber")
    with db.tenant(admin.tenant_id) as conn:
        save(conn, admin.tenant_id, [Conversation(1, datetime.now(UTC), is_lead=True)])
        conn.execute(
            """insert into sources (tenant_id, id, kind, name) values (%s, 50, 'chatwoot', 'Conta')""",
            [admin.tenant_id],
        )
        users.add_user(conn, admin.tenant_id, email=f"z-{admin.tenant_id}@exemplo.com.br", password="x" * 12,
                       role=UserRole.CLIENT, actor="test")  # fmt: skip
        found = setup.progress(conn, admin.tenant_id)
    assert (found.connected, found.people, found.running) == (True, 2, False)


def test_a_logo_is_drawn_anew_and_no_program_becomes_one(db: Database, admin: Principal) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (2000, 500), "red").save(picture, "JPEG", exif=b"Exif\x00\x00secret")
    with db.tenant(admin.tenant_id) as conn:
        branding.set_logo(conn, admin.tenant_id, picture.getvalue(), actor="test")
        kept = branding.read(conn, admin.tenant_id).logo
        assert kept
        assert Image.open(io.BytesIO(kept)).size == (480, 120)
        assert b"secret" not in kept
        svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
        for bad in (svg, b"", picture.getvalue()[:300], b"x" * (branding.LARGEST_FILE + 1)):
            with pytest.raises(BadLogo):
                branding.set_logo(conn, admin.tenant_id, bad, actor="test")


@pytest.mark.parametrize("color", ["#ffffff", "#000000", "#ffff00", "#0f766e", "#3b82f6", "#ff00ff", "#777777"])
def test_whatever_colour_is_chosen_what_is_shown_can_be_read(color: str) -> None:
    for theme, ground in brand.GROUNDS.items():
        used = brand.readable(color, ground)
        assert brand.contrast(used, brand.PAGES[theme]) >= brand.contrast(used, ground) >= brand.LEAST
        assert brand.contrast(brand.on(used), used) >= brand.LEAST
