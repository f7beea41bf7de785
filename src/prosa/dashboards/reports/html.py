"""A report as one HTML file, which mail programs can show too."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from prosa.dashboards.brand import readable
from prosa.dashboards.reports.content import Report


@dataclass(frozen=True)
class Look:
    """The colours of a report. `tones`: of changes, by whether they are good news."""

    scheme: Literal["light", "dark"]
    page: str
    paper: str
    text: str
    quiet: str
    line: str
    tones: Mapping[str, str]


# Dark is for a dark screen alone: what is sent, shared or printed is white paper.
LIGHT = Look("light", "#f3f6f5", "#ffffff", "#14211f", "#51605d", "#e4ebe9",
             {"good": "#0a6b3d", "bad": "#b3261e", "neutral": "#51605d"})  # fmt: skip
DARK = Look("dark", "#0d1413", "#131d1b", "#e4eeeb", "#a3b8b2", "#2a3a36",
            {"good": "#4ade80", "bad": "#fda4af", "neutral": "#a3b8b2"})  # fmt: skip

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip


def render(report: Report, look: Look = LIGHT) -> str:
    """The file. It loads nothing from anywhere: even the logo is in it."""
    logo = f"data:image/png;base64,{b64encode(report.logo).decode()}" if report.logo else ""
    template = _environment.get_template("report.html.j2")
    return template.render(report=report, logo=logo, look=look, color=readable(report.color, look.paper))
