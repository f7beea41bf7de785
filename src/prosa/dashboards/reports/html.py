"""A report as one HTML file that mail programs can show."""

from base64 import b64encode
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from prosa.dashboards.brand import readable
from prosa.dashboards.reports.content import Report

TONES = {"good": "#0a6b3d", "bad": "#b3261e", "neutral": "#51605d"}
PAPER = "#ffffff"

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip


def render(report: Report) -> str:
    """The file. It loads nothing from anywhere: the logo is in it."""
    logo = f"data:image/png;base64,{b64encode(report.logo).decode()}" if report.logo else ""
    template = _environment.get_template("report.html.j2")
    return template.render(report=report, logo=logo, tones=TONES, color=readable(report.color, PAPER))
