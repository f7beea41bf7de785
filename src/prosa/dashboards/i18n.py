"""What users read, by key, in Portuguese and English, without Streamlit: the login page uses it too.

The texts are in `locales/pt_BR.toml` and `locales/en.toml`, and for each large part in a pair of files of its own
(`administration.pt_BR.toml`). One table a screen, one line a text; `{name}` is filled in.
"""

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

Translate = Callable[..., str]

DEFAULT = "pt_BR"
LOCALES = {"pt_BR": "Português", "en": "English"}
FOLDER = Path(__file__).parent / "locales"


@cache
def translator(locale: str) -> Translate:
    """A function from key and values to text: `t("login.brake", minutes=3)`. Raises KeyError for an unknown key."""
    texts = catalogue(locale)

    def translate(key: str, **values: object) -> str:
        return texts[key].format(**values) if values else texts[key]

    return translate


@cache
def catalogue(locale: str) -> dict[str, str]:
    """Every text of a locale, by `table.key`."""
    files = [FOLDER / f"{locale}.toml", *sorted(FOLDER.glob(f"*.{locale}.toml"))]
    return {
        f"{table}.{key}": text
        for file in files
        for table, texts in tomllib.loads(file.read_text(encoding="utf-8")).items()
        for key, text in texts.items()
    }


def choose_locale(chosen: str | None, preferred: str | None) -> str:
    """The locale that the user chose, else the first we know of `preferred` (a locale or an Accept-Language header)."""
    if chosen in LOCALES:
        return chosen
    for part in (preferred or "").split(","):
        language = part.split(";")[0].strip().replace("_", "-").split("-")[0].lower()
        for locale in LOCALES:
            if locale.split("_")[0] == language:
                return locale
    return DEFAULT


def browser_tag(locale: str) -> str:
    """The locale as browsers write it: pt-BR."""
    return locale.replace("_", "-")
