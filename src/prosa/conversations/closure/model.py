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


class Trait(StrEnum):
    """What the form of a message and the course of the conversation tell, whatever the words mean."""

    # Grammar of the contact's message.
    DID = "did"  # a first-person past: "salvei", "já paguei"
    WILL = "will"  # "vou" and an infinitive
    WILL_COME = "will_come"  # a present of one's own plans: "passo", "volto", "tô chegando"
    WILL_SEND = "will_send"  # a present that owes us something: "mando", "confirmo"
    LATER = "later"  # a time to come: "amanhã", "mês que vem"
    FAILS = "fails"  # a denied verb: "não abre", "num vi"
    AGREES = "agrees"  # to a deal, as well as to the end: "fechado", "bora", "quero"
    ANYWAY = "anyway"  # "obrigado mesmo assim"
    DENIES = "denies"  # "não", "nem", "ainda"
    CONTRASTS = "contrasts"  # "mas"
    ASKS_MARK = "asks_mark"  # a question with its mark, and no mere tag
    ASKS_WORD = "asks_word"  # "quanto", "onde", wherever it stands
    ASKS_ABILITY = "asks_ability"  # "pode", "tem", "consegue"
    TO_US = "to_us"  # "vocês"
    OF_SELF = "of_self"  # "eu", "me", "meu"
    CONDITION = "condition"  # "se", "caso"
    APOLOGISES = "apologises"
    MISTAKEN = "mistaken"  # "engano", "errado"
    ELSEWHERE = "elsewhere"  # "outro", "concorrente"
    ECHOES = "echoes"  # content words of our last turn: an answer to it
    SAYS_NOTHING_KNOWN = "says_nothing_known"
    DEMANDS = "demands"  # a question, request or problem stands
    LEAVES_LAST = "leaves_last"  # a withdrawal or farewell behind a problem or an objection
    CLOSES_TWICE = "closes_twice"  # several closing signals agree
    PURE = "pure"  # closing signals and not one word besides
    WORDS_3 = "words_3"  # three words or more …
    WORDS_6 = "words_6"
    WORDS_10 = "words_10"
    WORDS_16 = "words_16"
    OTHER_1 = "other_1"  # a content word that nothing explains …
    OTHER_2 = "other_2"
    OTHER_4 = "other_4"
    OTHER_7 = "other_7"
    # Our last turn.
    WE_ASK_LAST = "we_ask_last"  # it ends with a question mark
    WE_ASK_OPENLY = "we_ask_openly"  # "qual", "quando"
    WE_ASK_CHOICE = "we_ask_choice"  # "pix ou cartão?"
    WE_REFUSE = "we_refuse"  # "infelizmente", "esgotado"
    WE_DENY = "we_deny"  # a "não"
    WE_QUOTE = "we_quote"  # a number: a price, a time, an order
    WE_WILL = "we_will"  # a future of ours: "vou", "retornaremos"
    WE_CONDITION = "we_condition"  # "se", "qualquer"
    WE_ASK_SEVERAL = "we_ask_several"
    # Before it.
    UNPROMPTED = "unprompted"  # the contact has not written before: we began
    ASKED_BEFORE = "asked_before"  # what our turn answers is a question or a request
    TROUBLED_BEFORE = "troubled_before"
    AGREED_BEFORE = "agreed_before"
    CLOSED_BEFORE = "closed_before"  # it thanked or said goodbye
    HELD_BEFORE = "held_before"  # it asked us to wait
    OWED_BEFORE = "owed_before"  # our turn before promised something
    OWED_EARLIER = "owed_earlier"  # a turn of ours further back did, and nothing since has kept it
    UNANSWERED = "unanswered"  # a question of the contact that we have not answered


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
