"""Types of closure detection: what goes in, what comes out, and what a tenant may set."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Action = Literal["none", "confirm", "close"]


class Signal(StrEnum):
    """What a piece of the contact's message does. The order breaks ties: the earlier wins."""

    # It says that the conversation goes on.
    AFTERTHOUGHT = "afterthought"  # "na verdade, mais uma coisa"
    KEEP_OPEN = "keep_open"  # "não encerra ainda"
    QUESTION = "question"
    REQUEST = "request"
    COMMAND = "command"  # an imperative: a request where it opens a clause
    PROBLEM = "problem"  # "ainda não chegou"
    OBJECTION = "objection"  # "achei caro": still bargaining, unless the contact leaves over it
    HOLD = "hold"  # the contact will be right back: "um minuto"
    WAITING = "waiting"  # the contact expects our answer: "fico no aguardo"
    BUT = "but"
    GREETING = "greeting"
    PAYLOAD = "payload"  # a link or file: an answer rather than a farewell
    # It says that the conversation ends.
    END_REQUEST = "end_request"  # "pode encerrar o atendimento"
    GO_AHEAD = "go_ahead"  # "pode fechar": the conversation, or the deal
    FAREWELL = "farewell"
    NO_MORE = "no_more"  # "não preciso de mais nada"
    AMBIGUOUS_FAREWELL = "ambiguous_farewell"  # "até amanhã": also a deadline; "abs": also brakes
    ONLY_THAT = "only_that"  # "só isso": also an answer
    WITHDRAWAL = "withdrawal"  # "deixa pra lá"
    THANKS = "thanks"
    DECLINE = "decline"  # "não, obrigado"
    WISH = "wish"  # "bom fim de semana"
    SOLVED = "solved"
    PRAISE = "praise"
    RECIPROCAL = "reciprocal"  # "igualmente"
    POSTPONE = "postpone"  # "vou pensar"
    PLAN = "plan"  # what the contact does next, elsewhere: "passo aí amanhã"
    ACK = "ack"
    YES = "yes"
    NO = "no"
    NUMBER = "number"  # an answer to what we asked, or part of a plan
    # It says nothing about the end.
    OTHER_SENSE = "other_sense"  # "valeu a pena", "fui obrigado a"
    FILLER = "filler"


class Act(StrEnum):
    """What our side did with its last turn."""

    ASKS_TO_CLOSE = "asks_to_close"  # "posso encerrar?"
    ASKS_IF_SOLVED = "asks_if_solved"  # "deu certo?"
    ASKS_IF_BROKEN = "asks_if_broken"  # "o problema continua?": here no is good news
    ASKS_RATING = "asks_rating"  # a survey after the fact
    ASKS_FOR_MORE_ITEMS = "asks_for_more_items"  # "algo mais no pedido?": the order still has to be finished
    OFFERS_HELP = "offers_help"  # "posso ajudar em algo mais?"
    ASKS_WORDING = "asks_wording"  # "qual frase vai no cartão?": whatever comes is the text
    ASKS_PURPOSE = "asks_purpose"  # "como posso ajudar?": nothing has been said yet
    ASKS_WELLBEING = "asks_wellbeing"  # "tudo bem?": a greeting, and what follows it counts
    UPSELLS = "upsells"
    PROPOSES = "proposes"  # "posso reservar?": to turn it down settles the matter
    INSTRUCTS = "instructs"  # "reinicie o modem": success settles it
    REQUESTS = "requests"  # a form field, a document, a confirmation
    ASKS = "asks"  # any other question
    PROMISES = "promises"  # "vou verificar e já retorno"
    SAYS_GOODBYE = "says_goodbye"
    CONFIRMS_DONE = "confirms_done"
    GREETS = "greets"
    STATES = "states"  # a plain statement
    OTHER_SENSE = "other_sense"  # looks like one of the above and is none
    SILENT = "silent"  # no turn of ours yet


@dataclass(frozen=True)
class Turn:
    """One message of the conversation; any owner but "user" speaks for our side."""

    owner: str
    body: str | None


@dataclass(frozen=True)
class Settings:
    """What a tenant may set. Keywords are compared without case, accents and repeated letters.

    An extra keyword counts as a plain goodbye; a muted one counts as nothing.
    """

    extra_keywords: tuple[str, ...] = ()
    muted_keywords: tuple[str, ...] = ()
    confirm_at: float = 0.6
    close_at: float = 0.8
    max_chars: int = 2000  # a longer text is read at its beginning and its end only


@dataclass(frozen=True)
class Reason:
    """Why the score is what it is. The score is the sum of the weights, held between 0 and 1."""

    name: str
    weight: float
    text: str = ""


@dataclass(frozen=True)
class Verdict:
    """The likelihood (0 to 1) that the contact ends the conversation here, and what follows from it."""

    score: float
    action: Action
    reasons: tuple[Reason, ...]


DEFAULT = Settings()
