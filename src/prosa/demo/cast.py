"""Who works where: inboxes, agents, teams and the character of each company."""

from dataclasses import dataclass

from prosa.demo.accounts import CLINIC, GYM, SHOP, Account

WHATSAPP, TWILIO, INSTAGRAM = "Channel::Whatsapp", "Channel::TwilioSms", "Channel::Instagram"
WEB, EMAIL, API, FACEBOOK = "Channel::WebWidget", "Channel::Email", "Channel::Api", "Channel::FacebookPage"


@dataclass(frozen=True)
class Bot:
    """The sender of automatic answers, in Chatwoot's polymorphic terms."""

    sender_type: str
    sender_id: int
    name: str

    @property
    def hands_over(self) -> bool:
        """Whether Chatwoot knows it as a bot (pending, then a hand-off) and not as a person."""
        return self.sender_type != "User"


@dataclass(frozen=True)
class Inbox:
    id: int
    name: str
    channel_type: str
    share: float
    address: str
    """Phone number, page, e-mail address or site of the company."""
    bot: Bot | None = None
    csat: bool = False
    working_hours: bool = False
    greeting: str | None = None


@dataclass(frozen=True)
class Agent:
    id: int
    name: str
    email: str
    share: float
    speed: float
    """Median seconds to a first answer within opening hours."""
    gone_after: float = 1.0
    """Fraction of the period after which this person no longer works there."""
    erased: bool = False
    """The row in `users` was deleted too; messages still name it."""


@dataclass(frozen=True)
class Company:
    account: Account
    share: float
    inboxes: tuple[Inbox, ...]
    agents: tuple[Agent, ...]
    teams: tuple[tuple[int, str], ...]
    opening: tuple[tuple[int, int], ...]
    """Opening and closing hour, local, Monday first; (0, 0) is closed."""
    busy_hours: tuple[int, ...]
    """How many customers write in each local hour of a day, relative."""
    busy_days: tuple[float, ...]
    """How many write on each weekday, Monday first, relative."""
    unanswered: float
    resolved: float
    """Share of finished conversations that somebody also closes."""
    auto_resolve_days: int | None
    off_hours: str
    """What an automatic message says while nobody is there."""


OPERATOR = Agent(1, "Renata Siqueira", "renata@agencialume.com.br", 0, 600)
"""The agency's own login: administrator of all three accounts, answers nobody."""

CORPO_E_VIDA = Company(
    account=GYM,
    share=0.38,
    inboxes=(
        Inbox(1, "WhatsApp Recepção", WHATSAPP, 0.54, "+5511940028101", Bot("AgentBot", 1, "Vita"), csat=True),
        Inbox(2, "Instagram @corpoevida", INSTAGRAM, 0.22, "corpoevida", Bot("User", 5, "Integração n8n")),
        Inbox(
            3,
            "Chat do site",
            WEB,
            0.13,
            "https://corpoevida.com.br",
            csat=True,
            greeting="Oi! Que bom ter você por aqui. Como podemos ajudar?",
        ),
        Inbox(4, "contato@corpoevida.com.br", EMAIL, 0.05, "contato@corpoevida.com.br"),
        Inbox(5, "App do aluno", API, 0.06, "app-do-aluno"),
    ),
    agents=(
        Agent(2, "Camila Ferraz", "camila@corpoevida.com.br", 0.42, 150),
        Agent(3, "Rafael Nogueira", "rafael@corpoevida.com.br", 0.30, 420),
        Agent(4, "Bruna Tavares", "bruna@corpoevida.com.br", 0.18, 1500),
        Agent(6, "Diego Prates", "diego@corpoevida.com.br", 0.10, 900, gone_after=0.5),
    ),
    teams=((1, "recepção"), (2, "vendas"), (3, "financeiro")),
    opening=((6, 22),) * 5 + ((8, 14), (0, 0)),
    busy_hours=(1, 1, 0, 0, 0, 2, 7, 9, 9, 10, 10, 9, 6, 6, 8, 9, 10, 12, 14, 14, 11, 8, 5, 2),
    busy_days=(1.45, 1.2, 1.1, 1.0, 0.9, 0.55, 0.35),
    unanswered=0.10,
    resolved=0.82,
    auto_resolve_days=7,
    off_hours="Oi! Nossa recepção fechou. Deixe sua mensagem que respondemos assim que abrirmos 💪",
)

SORRISO_REAL = Company(
    account=CLINIC,
    share=0.24,
    inboxes=(
        Inbox(
            6,
            "WhatsApp Clínica",
            TWILIO,
            0.66,
            "+5592991230450",
            Bot("Captain::Assistant", 1, "Dora"),
            csat=True,
            working_hours=True,
        ),
        Inbox(7, "Instagram @sorrisoreal", INSTAGRAM, 0.18, "sorrisoreal", working_hours=True),
        Inbox(
            8,
            "Site Sorriso Real",
            WEB,
            0.10,
            "https://sorrisoreal.com.br",
            csat=True,
            working_hours=True,
            greeting="Olá! Seja bem-vindo(a) à Clínica Sorriso Real 🦷",
        ),
        Inbox(
            9,
            "agendamento@sorrisoreal.com.br",
            EMAIL,
            0.06,
            "agendamento@sorrisoreal.com.br",
            working_hours=True,
        ),
    ),
    agents=(
        Agent(7, "Patrícia Lemos", "patricia@sorrisoreal.com.br", 0.50, 70),
        Agent(8, "Letícia Amaral", "leticia@sorrisoreal.com.br", 0.42, 120),
        Agent(9, "Dra. Helena Castro", "helena@sorrisoreal.com.br", 0.08, 2400),
    ),
    teams=((4, "agendamento"), (5, "financeiro")),
    opening=((8, 18),) * 5 + ((8, 12), (0, 0)),
    busy_hours=(0, 0, 0, 0, 0, 0, 2, 8, 15, 16, 14, 11, 5, 6, 12, 14, 12, 9, 6, 5, 4, 3, 2, 1),
    busy_days=(1.4, 1.25, 1.15, 1.1, 1.0, 0.4, 0.12),
    unanswered=0.03,
    resolved=0.93,
    auto_resolve_days=None,
    off_hours="Agradecemos o contato! Nosso horário é de segunda a sexta, 8h às 18h, e sábado até 12h.",
)

CASA_AURORA = Company(
    account=SHOP,
    share=0.38,
    inboxes=(
        Inbox(
            10,
            "WhatsApp Vendas",
            WHATSAPP,
            0.42,
            "+5585988770011",
            Bot("User", 13, "Assistente Aurora"),
            csat=True,
        ),
        Inbox(11, "WhatsApp SAC", WHATSAPP, 0.24, "+5585988770022", Bot("AgentBot", 2, "Aurora Bot"), csat=True),
        Inbox(12, "Instagram @casaaurora", INSTAGRAM, 0.16, "casaaurora"),
        Inbox(13, "sac@casaaurora.com.br", EMAIL, 0.08, "sac@casaaurora.com.br"),
        Inbox(14, "Marketplace", API, 0.06, "marketplace"),
        Inbox(15, "Facebook Casa Aurora", FACEBOOK, 0.04, "casaaurora"),
    ),
    agents=(
        Agent(10, "Juliana Peixoto", "juliana@casaaurora.com.br", 0.44, 700),
        Agent(11, "Marcos Vinícius Rocha", "marcos@casaaurora.com.br", 0.28, 2400),
        Agent(12, "Tainá Albuquerque", "taina@casaaurora.com.br", 0.18, 5400),
        Agent(14, "Wesley Bastos", "wesley@casaaurora.com.br", 0.10, 3600, gone_after=0.35, erased=True),
    ),
    teams=((6, "vendas"), (7, "sac"), (8, "logística")),
    opening=((9, 18),) * 5 + ((9, 13), (0, 0)),
    busy_hours=(4, 2, 1, 1, 0, 1, 2, 4, 7, 10, 12, 12, 9, 8, 10, 11, 10, 9, 10, 12, 14, 14, 11, 7),
    busy_days=(1.25, 1.1, 1.05, 1.0, 1.1, 0.9, 0.75),
    unanswered=0.28,
    resolved=0.68,
    auto_resolve_days=15,
    off_hours="Recebemos sua mensagem 🧡 Nosso time responde de segunda a sexta, das 9h às 18h.",
)

COMPANIES = (CORPO_E_VIDA, SORRISO_REAL, CASA_AURORA)
