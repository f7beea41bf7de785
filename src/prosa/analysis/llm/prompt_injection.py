"""Cuts prompt injections out of contacts' messages before a model reads them.

Known phrases are found by the offline analyser's rule. This module adds what only a language model would obey: markup of chat
templates, names of roles, encoded text.
"""

import base64
import binascii
import re

from prosa.analysis.offline.injection import genuine

_ROLE = r"(?:system|developer|assistant|tool|function)"
_MARKUP = re.compile(
    rf"<\|[^|<>]{{1,40}}\|>|<</?sys>>|\[/?(?:inst|{_ROLE})\b[^\]\n]{{0,40}}\]"
    rf"|</?\s*(?:{_ROLE}|messages|instructions?|prompt)\b[^<>\n]{{0,80}}>"
    rf"|^(?:[#*]|[^\S\n])*{_ROLE}(?:[ _](?:message|prompt|result|output|note))?\s*:",
    re.IGNORECASE | re.MULTILINE,
)
_TO_A_MODEL = re.compile(
    r"(?:modelo de linguagem|language model|analisador autom[áa]tico"
    r"|instructions précédentes|vorherigen anweisungen|istruzioni precedenti|предыдущие инструкции|之前的指令|以前の指示)",
    re.IGNORECASE,
)
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")


def spoken(body: str) -> str:
    """The message up to where it begins to address a machine."""
    return genuine(_undisguised(body))


def _undisguised(body: str) -> str:
    starts = [found.start() for rule in (_MARKUP, _TO_A_MODEL) if (found := rule.search(body))]
    starts += [found.start() for found in _ENCODED.finditer(body) if _hides_words(found.group())]
    return body[: min(starts)].rstrip() if starts else body


def _hides_words(code: str) -> bool:
    """Whether this is base64 of a text of several words. The letters of a link or a file are not."""
    bare = code.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    try:
        text = base64.b64decode(bare + "=" * (-len(bare) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return text.isprintable() and len(text.split()) > 1
