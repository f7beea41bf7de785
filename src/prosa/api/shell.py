"""Streamlit's page, made ours: language, brand, security headers, and what it needs at once."""

import base64
import json
import re
import tomllib
from functools import cache
from hashlib import sha256
from html import escape
from importlib.util import find_spec
from pathlib import Path

from starlette.responses import Response

from prosa.api import assets

CONFIG = Path(__file__).parents[1] / "dashboards/shell/.streamlit/config.toml"
STATIC = (Path(getattr(find_spec("streamlit"), "origin", "")).parent / "static").resolve()
PROGRAMS = STATIC / "static/js"
# Programs and fonts that Streamlit asks for only once a page's parts arrive, one after the other. Fetched with the rest, they
# are there by then. The letters that it would fetch by itself are not ours.
EARLY = ("Html", "purify.es", "PageLink", "ButtonGroup", "Multiselect")
LETTERS = "MaterialSymbols-Rounded"

# Tables, calendars and number inputs of Streamlit follow the browser's language; ours follow the user's.
LANGUAGE = """for (const [name, value] of Object.entries({{language: "{0}", languages: ["{0}"]}}))
  Object.defineProperty(navigator, name, {{get: () => value}});"""
# What Streamlit's programs would otherwise ask for before they open their websocket, and the look that they would only learn
# by it: their first frame had other fonts, which had to be fetched for it. The names are Streamlit's, for its hosts.
PRESET = """window.__streamlit = {{BACKEND_BASE_URL: location.origin + "/app",
  HOST_CONFIG: {{allowedOrigins: [location.origin], useExternalAuthToken: false}}, {themes}}};"""
# Streamlit keeps its theme by the path of the page, in the browser; the choice made in Prosa goes for every page.
THEME = """const chosen = document.documentElement.dataset.theme;
  if (chosen) localStorage.setItem("stActiveTheme-" + location.pathname + "-v2", JSON.stringify(chosen));"""
THEME_NAMES = {"light": "Light", "dark": "Dark", "auto": "System"}  # as Streamlit calls them

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def page(language: str, session: str, theme: str | None = None, *, charts: bool = False) -> Response:
    """The dashboards' page. `language` is a browser's tag (pt-BR); by `session` the page notices another login.

    `theme` is light, dark or auto; None leaves what the browser had. `charts`: the page has some.
    """
    html, policy = _page(language, charts)
    if theme in THEME_NAMES:
        html = html.replace("<html ", f'<html data-theme="{THEME_NAMES[theme]}" ', 1)
    body = html.replace("</head>", f'<meta name="prosa-session" content="{escape(session)}"></head>', 1)
    return Response(
        body,
        media_type="text/html",
        headers={"Cache-Control": "no-store", "Content-Security-Policy": policy, **SECURITY_HEADERS},
    )


@cache
def _page(language: str, charts: bool) -> tuple[str, str]:
    html = (STATIC / "index.html").read_text()
    head = (
        f"<script>{LANGUAGE.format(escape(language))}</script><script>{THEME}</script><script>{_preset()}</script>"
        '<link rel="icon" type="image/svg+xml" href="/assets/icon.svg">'
        f'<link rel="stylesheet" href="{assets.address("dashboards.css")}">'
        f'<script src="{assets.address("words.js")}"></script>'
        f'<script defer src="{assets.address("session.js")}"></script>'
        f'<script defer src="{assets.address("popovers.js")}"></script>'
        f'<script defer src="{assets.address("report.js")}"></script>'
        f'<script defer src="{assets.address("countdown.js")}"></script>'
        f'<script async src="{assets.address("charts.js")}"></script>'
        + (f'<link rel="preload" as="script" fetchpriority="low" href="{assets.PLOTLY}">' if charts else "")
    )
    html = re.sub(r'<link rel="(shortcut icon|service-desc)"[^>]*>', "", html)
    html = re.sub(r'<link\s+rel="preload"[^>]*as="font"[^>]*>', _early(html), html)
    html = re.sub(r"<noscript>.*?</noscript>", "<noscript>Prosa: JavaScript.</noscript>", html, flags=re.DOTALL)
    html = html.replace('<html lang="en">', f'<html lang="{escape(language)}">').replace(
        "<title>Streamlit", "<title>Prosa"
    )
    html = html.replace("</head>", f"{head}</head>", 1)
    return html, _policy(html)


def _preset() -> str:
    theme = tomllib.loads(CONFIG.read_text())["theme"]
    themes = {f"{name.upper()}_THEME": {"bodyFont": theme["font"], "headingFont": theme["font"],
                                        **{key: color for key, color in theme[name].items() if key.endswith("Color")}}
              for name in ("light", "dark")}  # fmt: skip
    return PRESET.format(themes=json.dumps(themes)[1:-1])


def _early(html: str) -> str:
    """Links that fetch these files at once. What another Streamlit names otherwise comes when it is asked for."""
    programs = _with_imports([file.name for name in EARLY for file in PROGRAMS.glob(f"{name}.*.js")])
    letters = [file.name for file in (STATIC / "static/media").glob(f"{LETTERS}.*.woff2")]
    return "".join(
        f'<link rel="modulepreload" crossorigin fetchpriority="low" href="./static/js/{name}">'
        for name in programs if name not in html
    ) + "".join(
        f'<link rel="preload" as="font" type="font/woff2" crossorigin href="./static/media/{name}">' for name in letters
    )  # fmt: skip


def _with_imports(names: list[str]) -> list[str]:
    """The programs with all that they import: a browser would ask for those only once it has read the programs."""
    found: list[str] = []
    while names:
        found += names
        imported = {
            name
            for found_now in names
            for name in re.findall(r'(?:from|import)"\./([^"]+)"', (PROGRAMS / found_now).read_text())
        }
        names = sorted(imported - set(found))
    return found


def _policy(html: str) -> str:
    """Content-Security-Policy: the page's own inline scripts by their hashes, nothing from elsewhere.

    Streamlit and Plotly compile functions and set styles at run time, hence the two `unsafe` words.
    """
    scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", html, re.DOTALL)
    hashes = " ".join(f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'" for text in scripts)
    return (
        f"default-src 'self'; script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval' {hashes}; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
        "media-src 'self' blob:; worker-src 'self' blob:; frame-src 'self'; frame-ancestors 'none'; "
        "object-src 'none'; base-uri 'self'; form-action 'self'"
    )
