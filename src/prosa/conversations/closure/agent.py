"""Reads our side's last turn: what it asked, promised or settled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from prosa.conversations.closure.lexicon.grammar import (
    GOES_TO_DO,
    INFINITIVE,
    NOTHING_OWED,
    PROMISED,
    PROMISES,
    WILL_BE,
)
from prosa.conversations.closure.model import Act
from prosa.conversations.closure.phrases import compile_phrases, find
from prosa.conversations.closure.text import SENTENCE_ENDS, shorten
from prosa.conversations.closure.vocabulary import AGENT_LEXICONS, plain_phrase, words
from prosa.conversations.closure.wording import last_sentence

_TRIE = compile_phrases(AGENT_LEXICONS, plain_phrase)
_CONDITIONALS = frozenset(
    ["se", "caso", "if", "should", "si", "qualquer", "cualquer", "quando", "cuando", "whenever", "sempre", "siempre"]
)
_INTERROGATIVES = {  # they open a question even where its mark is missing
    *("qual", "quais", "quanto", "quantos", "quantas", "quer", "deseja", "prefere", "gostaria", "posso"),
    *("podemos", "conseguiu", "confirma", "aceita", "what", "which", "would", "could"),
    *("cual", "cuales", "cuanto", "cuantos", "desea", "prefiere", "puedo"),
}
_LONGEST_WAY = 3  # words from "vou" to its verb: "vou já te mandar"
_INDIRECT = frozenset(["saber", "see", "know"])  # "passando para saber se deu certo"
_TAGS = frozenset(
    ["esta", "ok", "viu", "certo", "ne", "combinado", "right", "okay", "vale", "beleza", "bem", "confere"]
)
_QUESTIONS = (  # a question is the first of these that it sounds like
    Act.ASKS_TO_CLOSE,
    Act.ASKS_RATING,
    Act.ASKS_IF_BROKEN,
    Act.ASKS_WORDING,
    Act.ASKS_FOR_MORE_ITEMS,
    Act.OFFERS_HELP,
    Act.ASKS_IF_SOLVED,
    Act.ASKS_PURPOSE,
    Act.ASKS_WELLBEING,
    Act.UPSELLS,
    Act.PROPOSES,
    Act.INSTRUCTS,
    Act.REQUESTS,
)
_STATEMENTS = (Act.REQUESTS, Act.PROMISES, Act.INSTRUCTS, Act.UPSELLS, Act.SAYS_GOODBYE, Act.CONFIRMS_DONE)
_AWAITS_ANSWER = frozenset({*_QUESTIONS, Act.ASKS}) - {Act.UPSELLS, Act.ASKS_WELLBEING}
_KEEPS_NOTHING = _AWAITS_ANSWER | {Act.GREETS, Act.ASKS_WELLBEING}
_EXTRAS = frozenset({Act.UPSELLS, Act.PROPOSES, Act.ASKS_FOR_MORE_ITEMS})
_NEEDS_DATA = frozenset({Act.ASKS, Act.REQUESTS, Act.ASKS_WORDING, Act.ASKS_FOR_MORE_ITEMS})
_LONGEST_TAG_HEAD = 3
_COUNTS = frozenset({"quantos", "quantas", "cuantos", "cuantas"})


@dataclass(frozen=True)
class Stance:
    """Where our side's last turn leaves the conversation.

    It holds the act that decides and every act of the turn; the words of its last question, since a short answer repeats its
    verb ("Chegou?" "Chegou."); whether it asked several things; all its words, and those it ends with.
    """

    act: Act
    acts: frozenset[Act]
    question: frozenset[str] = frozenset()
    asks_several: bool = False
    words: tuple[str, ...] = ()
    ending: tuple[str, ...] = ()


def stance(bodies: Sequence[str], *, max_chars: int) -> Stance:
    """Sum up the run of our last messages. What was asked last decides; if nothing was, what was promised."""
    if not bodies:
        return Stance(Act.SILENT, frozenset())
    spoken = [[word.plain for word in words(shorten(body, max_chars))] for body in bodies]
    messages: list[list[tuple[Act, Sequence[str]]]] = [
        [(act, sentence) for sentence in _sentences(said) for act in _acts(sentence)] for said in spoken
    ]
    acts = [act for message in _without_kept_promises(messages) for act, _ in message]
    asked = [(act, sentence) for message in messages for act, sentence in message if act in _AWAITS_ANSWER]
    act = asked[-1][0] if asked else _statement(acts)
    if act in _EXTRAS and Act.CONFIRMS_DONE in acts:
        act = Act.OFFERS_HELP  # "Confirmado! Mais algum item?": the matter itself is settled
    several = sum(act in _NEEDS_DATA for act, _ in asked) > 1
    question = frozenset(asked[-1][1]) if asked else frozenset[str]()
    said, ending = tuple(chain.from_iterable(spoken)), last_sentence(spoken[-1])
    return Stance(act, frozenset(acts), question, several, said, ending)


def _without_kept_promises(
    messages: list[list[tuple[Act, Sequence[str]]]],
) -> Iterator[list[tuple[Act, Sequence[str]]]]:
    """The messages without the promises that were kept: by a later message ("um momento", then the answer), or by "pronto!".

    A question keeps no promise.
    """
    for at, message in enumerate(messages):
        told = {act for later in messages[at + 1 :] for act, _ in later}
        kept = bool(told - _KEEPS_NOTHING) and Act.PROMISES not in told
        here = [act for act, _ in message]
        kept = kept or (Act.PROMISES in here and Act.CONFIRMS_DONE in here[_last(here, Act.PROMISES) + 1 :])
        yield [pair for pair in message if not (kept and pair[0] is Act.PROMISES)]


def _statement(acts: Sequence[Act]) -> Act:
    """The weightiest thing that was said. A greeting counts only if nothing else was said."""
    ranking = (*_STATEMENTS, Act.STATES, Act.ASKS_WELLBEING, Act.GREETS)
    return next((act for act in ranking if act in acts), Act.STATES)


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
    if not _COUNTS.isdisjoint(sentence):
        kinds.discard(Act.ASKS_RATING)  # "de 1 a 5, quantos?"
    asks = sentence[-1] == "?" or sentence[0] in _INTERROGATIVES
    if asks and not _is_tag_question(sentence, kinds):
        return [next((act for act in _QUESTIONS if act in kinds), Act.ASKS)]
    if Act.ASKS_RATING in kinds:
        return [Act.ASKS_RATING]
    if Act.ASKS_IF_SOLVED in kinds and _INDIRECT & set(sentence):
        return [Act.ASKS_IF_SOLVED]
    if Act.OFFERS_HELP in kinds:
        return [Act.SAYS_GOODBYE if _CONDITIONALS & set(sentence[:4]) else Act.OFFERS_HELP]
    if _promises(sentence):
        kinds.add(Act.PROMISES)
    said = [act for act in (*_STATEMENTS, Act.GREETS) if act in kinds]
    return said or ([Act.STATES] if len(sentence) > _LONGEST_TAG_HEAD else [])


def _promises(sentence: Sequence[str]) -> bool:
    """Whether a statement tells what our side will do: "informaremos o resultado", "será enviada neste canal"."""
    if not _CONDITIONALS.isdisjoint(sentence[:4]):
        return False
    passive = not WILL_BE.isdisjoint(sentence)
    return any(_is_promise(word, passive) for word in sentence) or any(
        _will_do(sentence[at + 1 : at + 1 + _LONGEST_WAY]) for at, word in enumerate(sentence) if word in GOES_TO_DO
    )


def _will_do(words: Sequence[str]) -> bool:
    """Whether the first verb after "vou" is one that the contact waits for."""
    verb = next((word for word in words if INFINITIVE.fullmatch(word)), None)
    return verb is not None and verb not in NOTHING_OWED


@lru_cache(maxsize=8192)
def _is_promise(word: str, passive: bool) -> bool:
    return bool(PROMISES.fullmatch(word) or (passive and PROMISED.fullmatch(word)))


def _is_tag_question(sentence: Sequence[str], kinds: set[Act]) -> bool:
    """Whether a sentence tells rather than asks: "Agendado para amanhã, tá?", "a aula começa às 16h, ok?"."""
    if len(sentence) <= _LONGEST_TAG_HEAD or sentence[-1] != "?" or sentence[0] in _INTERROGATIVES:
        return False
    settled = kinds & {Act.CONFIRMS_DONE, Act.SAYS_GOODBYE, Act.PROMISES}
    after_comma = "," in sentence[-4:-2] and Act.PROPOSES not in kinds and Act.GREETS not in kinds
    return sentence[-2] == "viu" or (sentence[-2] in _TAGS and (bool(settled) or after_comma))
