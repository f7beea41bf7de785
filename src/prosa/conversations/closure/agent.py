"""Reading our side's last turn: what it asked, promised or settled."""

from collections.abc import Sequence
from dataclasses import dataclass

from prosa.conversations.closure.model import Act
from prosa.conversations.closure.phrases import compile_phrases, find
from prosa.conversations.closure.text import SENTENCE_ENDS, shorten
from prosa.conversations.closure.vocabulary import AGENT_LEXICONS, plain_phrase, words

_TRIE = compile_phrases(AGENT_LEXICONS, plain_phrase)
_CONDITIONALS = frozenset(
    [
        "se",
        "caso",
        "if",
        "should",
        "si",
        "qualquer",
        "cualquer",
        "quando",
        "cuando",
        "whenever",
        "sempre",
        "siempre",
    ]
)
_INTERROGATIVES = {  # they open a question even where its mark is missing
    *("qual", "quais", "quanto", "quantos", "quantas", "quer", "deseja", "prefere", "gostaria", "posso"),
    *("podemos", "conseguiu", "confirma", "aceita", "what", "which", "would", "could"),
    *("cual", "cuales", "cuanto", "cuantos", "desea", "prefiere", "puedo"),
}
_INDIRECT = frozenset(["saber", "see", "know"])  # "passando para saber se deu certo"
_TAGS = frozenset(["esta", "ok", "viu", "certo", "ne", "combinado", "right", "okay", "vale", "beleza"])
_QUESTIONS = (  # a question is the first of these that it sounds like
    Act.ASKS_TO_CLOSE,
    Act.ASKS_RATING,
    Act.ASKS_IF_BROKEN,
    Act.ASKS_WORDING,
    Act.ASKS_FOR_MORE_ITEMS,
    Act.OFFERS_HELP,
    Act.ASKS_IF_SOLVED,
    Act.ASKS_PURPOSE,
    Act.UPSELLS,
    Act.REQUESTS,
)
_STATEMENTS = (Act.REQUESTS, Act.PROMISES, Act.UPSELLS, Act.SAYS_GOODBYE, Act.CONFIRMS_DONE)
_AWAITS_ANSWER = frozenset({*_QUESTIONS, Act.ASKS}) - {Act.UPSELLS}


@dataclass(frozen=True)
class Stance:
    """Where our side's last turn leaves the conversation: the act that decides, and every act in it."""

    act: Act
    acts: frozenset[Act]


def stance(bodies: Sequence[str], *, max_chars: int) -> Stance:
    """What the run of our last messages amounts to. What was asked last decides; then what was promised."""
    if not bodies:
        return Stance(Act.SILENT, frozenset())
    acts: list[Act] = []
    for body in bodies:
        for sentence in _sentences([word.plain for word in words(shorten(body, max_chars))]):
            acts += _acts(sentence)
    asked = [act for act in acts if act in _AWAITS_ANSWER]
    if asked:
        return Stance(asked[-1], frozenset(acts))
    if Act.PROMISES in acts and Act.CONFIRMS_DONE in acts[_last(acts, Act.PROMISES) + 1 :]:
        acts = [act for act in acts if act is not Act.PROMISES]  # "um momento … pronto!": kept already
    said = [act for act in _STATEMENTS if act in acts]
    rest = Act.GREETS if Act.GREETS in acts else Act.STATES
    return Stance(said[0] if said else rest, frozenset(acts))


def _last(acts: Sequence[Act], act: Act) -> int:
    return len(acts) - 1 - list(reversed(acts)).index(act)


def _sentences(plain: Sequence[str]) -> list[list[str]]:
    sentences: list[list[str]] = [[]]
    for word in plain:
        sentences[-1].append(word)
        if word in SENTENCE_ENDS:
            sentences.append([])
    return [sentence for sentence in sentences if len(sentence) > 1 or sentence == ["?"]]


def _acts(sentence: Sequence[str]) -> list[Act]:
    kinds = {match.kind for match in find(_TRIE, sentence)}
    asks = sentence[-1] == "?" or sentence[0] in _INTERROGATIVES
    if asks and not _is_tag_question(sentence, kinds):
        return [next((act for act in _QUESTIONS if act in kinds), Act.ASKS)]
    if Act.ASKS_RATING in kinds:
        return [Act.ASKS_RATING]
    if Act.ASKS_IF_SOLVED in kinds and _INDIRECT & set(sentence):
        return [Act.ASKS_IF_SOLVED]
    if Act.OFFERS_HELP in kinds:
        return [Act.SAYS_GOODBYE if _CONDITIONALS & set(sentence[:4]) else Act.OFFERS_HELP]
    return [act for act in (*_STATEMENTS, Act.GREETS) if act in kinds]


def _is_tag_question(sentence: Sequence[str], kinds: set[Act]) -> bool:
    """ "Agendado para amanhã, tá?" tells rather than asks."""
    settled = kinds & {Act.CONFIRMS_DONE, Act.SAYS_GOODBYE, Act.PROMISES}
    return len(sentence) > 2 and (sentence[-2] == "viu" or (sentence[-2] in _TAGS and bool(settled)))
