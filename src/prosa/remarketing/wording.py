"""The tenant's own wording: jinja2 in a sandbox, reduced to what a message needs.

A template is a program that a tenant writes and our server runs. The sandbox keeps it from the interpreter's insides. Its
cost is kept down by leaving out whatever could multiply: there are no loops, calls, assignments, products or repetitions, and
only filters whose result is no longer than what goes in. So rendering is linear in a source of at most 4,000 characters.
"""

import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from prosa.errors import Invalid

LONGEST_SOURCE = 4_000
UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # what PostgreSQL cannot hold: NUL, and halves of surrogate pairs
DEEPEST = 30  # levels of nested blocks and operators
LONGEST_TEXT = 1_600  # characters of one WhatsApp message through Twilio
ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.If,
    nodes.CondExpr, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat,
    nodes.Keyword,
)  # fmt: skip
FILTERS = frozenset({"capitalize", "default", "first", "last", "length", "lower", "title", "trim", "truncate", "upper"})
TESTS = frozenset({"defined", "undefined", "none", "string", "number", "eq", "ne"})
EXAMPLE: Mapping[str, object] = {
    "nome": "Ana", "nome_completo": "Ana Souza", "objetivo": "aulas de natação", "resumo": "Perguntou os preços.",
    "proximo_passo": "Convidar para uma aula experimental.", "empresa": "Academia Sol", "campos": {},
}  # fmt: skip


class BadTemplate(Invalid):
    """The template cannot be used. `line` counts from 1; None if the fault is in no single line."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(f"Line {line}: {message}" if line else message)
        self.line = line


@dataclass(frozen=True)
class Preview:
    """What a template makes of the example contact, and which variables it uses."""

    text: str
    variables: list[str]


class _Sandbox(ImmutableSandboxedEnvironment):
    """Lets a template read keys of mappings, but no attribute of an object, and call nothing."""

    def getattr(self, obj: object, attribute: str) -> object:
        return self.getitem(obj, attribute)

    def getitem(self, obj: object, argument: object) -> object:
        try:
            return obj[argument] if isinstance(obj, Mapping) else self.undefined(obj=obj, name=str(argument))
        except (LookupError, TypeError):
            return self.undefined(obj=obj, name=str(argument))

    def is_safe_callable(self, obj: object) -> bool:
        return False


def _environment() -> _Sandbox:
    made = _Sandbox(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
    made.filters = {name: function for name, function in made.filters.items() if name in FILTERS}
    made.tests = {name: function for name, function in made.tests.items() if name in TESTS}
    made.globals = {}
    return made


ENVIRONMENT = _environment()


def preview(source: str, variables: Mapping[str, str]) -> Preview:
    """What the template makes of the example, with the tenant's variables. Raises BadTemplate."""
    tree = _parse(source)
    known = {**EXAMPLE, **variables}
    used = list(tree.find_all(nodes.Name))  # nothing is assigned, so each is a variable of ours or the tenant's
    for node in used:
        if node.name not in known:
            raise BadTemplate(
                f"There is no variable '{node.name}'. There are: {', '.join(sorted(known))}.", node.lineno
            )
    text = render(source, {**known, "campos": _AnyField()})
    return Preview(text, sorted({node.name for node in used}))


def render(source: str, values: Mapping[str, object]) -> str:
    """The text for these values, trimmed. Raises BadTemplate if a variable is missing, or the text is empty or too long."""
    tree = _parse(source)
    try:
        text = ENVIRONMENT.from_string(tree).render(values).strip()
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        raise BadTemplate(str(error), _line_of(error)) from None
    if not text:
        raise BadTemplate("The template makes an empty message.")
    if UNSTORABLE.search(text):
        raise BadTemplate("The message has a character that cannot be kept: U+0000, or half of one.")
    if len(text) > LONGEST_TEXT:
        raise BadTemplate(f"The message has {len(text)} characters; {LONGEST_TEXT} are allowed.")
    return text


class _AnyField(dict[str, str]):
    """The fields of a preview. They differ from tenant to tenant, so each has its own name as its value."""

    def __missing__(self, key: str) -> str:
        return key


def _parse(source: str) -> nodes.Template:
    if len(source) > LONGEST_SOURCE:
        raise BadTemplate(f"A template has at most {LONGEST_SOURCE} characters; this one has {len(source)}.")
    try:
        tree = ENVIRONMENT.parse(source)
        _check_all(tree)
    except TemplateSyntaxError as error:
        raise BadTemplate(error.message or "This is no template.", error.lineno) from None
    except RecursionError:
        raise BadTemplate("The template is nested too deeply.") from None
    return tree


def _check_all(tree: nodes.Template) -> None:
    """Raise BadTemplate for what is not allowed, or nested too deeply: hundreds of operators in a chain break the compiler."""
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST:
            raise BadTemplate("The template is nested too deeply.", node.lineno)
        _check(node)
        waiting += [(child, depth + 1) for child in reversed(list(node.iter_child_nodes()))]


def _check(node: nodes.Node) -> None:
    known = FILTERS if isinstance(node, nodes.Filter) else TESTS if isinstance(node, nodes.Test) else None
    if isinstance(node, nodes.Filter | nodes.Test) and known is not None and node.name not in known:
        raise BadTemplate(f"There is no '{node.name}' here. There are: {', '.join(sorted(known))}.", node.lineno)
    if not isinstance(node, ALLOWED):
        raise BadTemplate(f"A message template cannot use '{type(node).__name__.lower()}'.", node.lineno)


def _line_of(error: BaseException) -> int | None:
    """The template's line in which rendering failed, which jinja2 writes into the traceback."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<template>"]
    return lines[-1] if lines else None
