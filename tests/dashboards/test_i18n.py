"""Texts: every locale has them all, and no page has one of its own."""

import ast
import re
import string
from pathlib import Path

import pytest

from prosa.analysis.llm.segments import PRESETS
from prosa.dashboards import i18n

PAGES = Path(i18n.__file__).parent
TEMPLATES = PAGES.parent / "api" / "templates"
WORDS = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
SHOWN_BY = {  # calls whose text arguments a user reads
    "title", "header", "subheader", "markdown", "write", "text", "caption", "info", "warning", "error", "success",
    "metric", "button", "link_button", "download_button", "selectbox", "multiselect", "radio", "checkbox", "toggle",
    "date_input", "text_input", "text_area", "number_input", "slider", "tabs", "expander", "popover", "toast",
    "heading", "page_title", "empty_state", "Kpi", "Page",
}  # fmt: skip


def test_every_locale_has_the_same_keys() -> None:
    keys = {locale: i18n.catalogue(locale).keys() for locale in i18n.LOCALES}
    assert all(found == keys[i18n.DEFAULT] for found in keys.values())


def test_what_a_preset_looks_for_has_words() -> None:
    wanted = {f"preset_field.{field}" for fields in PRESETS.values() for field in fields}
    assert wanted <= i18n.catalogue(i18n.DEFAULT).keys()


def test_every_locale_fills_in_the_same_values() -> None:
    def placeholders(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for key, text in i18n.catalogue(i18n.DEFAULT).items():
        assert all(placeholders(i18n.catalogue(locale)[key]) == placeholders(text) for locale in i18n.LOCALES), key


def test_no_text_stands_in_the_code_of_a_page() -> None:
    found = [
        f"{file.name}:{node.lineno} {argument.value!r}"
        for file in sorted(PAGES.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _shows(node.func)
        for argument in [*node.args, *(k.value for k in node.keywords if k.arg in ("label", "title", "help", "text"))]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and WORDS.match(argument.value)
    ]
    assert found == []


def _shows(function: ast.expr) -> bool:
    """Whether users read what this function is given; a logger's `error` is for the operator."""
    name = getattr(function, "attr", getattr(function, "id", ""))
    return name in SHOWN_BY and ast.unparse(function) != f"log.{name}"


def test_no_text_stands_in_a_template() -> None:
    files = [*TEMPLATES.glob("*.html")]
    assert files
    for file in files:
        visible = re.sub(r"{%.*?%}|{{.*?}}|<[^>]*>", " ", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not WORDS.search(visible), file.name


def test_every_key_that_the_code_names_exists() -> None:
    files = [*PAGES.rglob("*.py"), *TEMPLATES.glob("*.html")]
    named = {key for file in files for key in re.findall(r"""\bt\(["'](\w+\.\w+)["'][,)]""", file.read_text("utf-8"))}
    assert named
    assert named <= i18n.catalogue(i18n.DEFAULT).keys()


@pytest.mark.parametrize(
    ("chosen", "preferred", "locale"),
    [(None, None, "pt_BR"), ("en", "pt-BR", "en"), (None, "en-GB,en;q=0.8", "en"), (None, "fr, pt;q=0.5", "pt_BR"),
     ("xx", "en", "en"), (None, "pt_BR", "pt_BR")],
)  # fmt: skip
def test_the_users_choice_goes_first_then_the_first_language_we_know(
    chosen: str | None, preferred: str | None, locale: str
) -> None:
    assert i18n.choose_locale(chosen, preferred) == locale
