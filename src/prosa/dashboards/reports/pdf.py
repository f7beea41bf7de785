"""A report as PDF on A4."""

from io import BytesIO

from fpdf import FPDF

from prosa.dashboards.brand import readable
from prosa.dashboards.reports.content import Bar, Chart, Report
from prosa.dashboards.reports.html import LIGHT
from prosa.dashboards.widgets import Kpi

WIDTH = 180  # mm between the margins
LINE = 7  # mm
COLUMN_HEIGHT = 32  # mm
ENCODING = "cp1252"  # what the built-in fonts can write
TEXT, QUIET, RULE = "#14211f", "#51605d", "#e4ebe9"


def render(report: Report) -> bytes:
    """The file. It uses the fonts that every reader has, so letters beyond Western Europe's become question marks."""
    pdf = FPDF()
    pdf.core_fonts_encoding = ENCODING
    pdf.set_margin(15)
    pdf.set_auto_page_break(True, margin=18)
    pdf.set_title(_latin(f"{report.title} · {report.tenant} · {report.span}"))
    pdf.set_lang(report.locale.replace("_", "-"))
    pdf.add_page()
    color = readable(report.color, LIGHT.paper)
    _head(pdf, report, color)
    if report.nothing:
        _write(pdf, report.nothing, size=11)
    else:
        for title, cards in report.groups:
            _cards(pdf, title, cards)
        _columns(pdf, report.columns, color)
        for chart in report.charts:
            _bars(pdf, chart, color)
    pdf.ln(4)
    _write(pdf, report.footer, size=9, color=QUIET)
    return bytes(pdf.output())


def _head(pdf: FPDF, report: Report, color: str) -> None:
    if report.logo:
        pdf.image(BytesIO(report.logo), h=12, w=60, keep_aspect_ratio=True)
        pdf.ln(3)
    _write(pdf, f"{report.title}: {report.tenant}", size=17, color=color, style="B")
    _write(pdf, f"{report.span} · {report.compared}", size=10, color=QUIET)


def _heading(pdf: FPDF, title: str, *, needs: float) -> None:
    """A heading, on the next page if the `needs` mm that must follow it do not fit on this one."""
    if pdf.will_page_break(LINE + needs):
        pdf.add_page()
    pdf.ln(3)
    _write(pdf, title, size=12, style="B")


def _cards(pdf: FPDF, title: str, cards: tuple[Kpi, ...]) -> None:
    _heading(pdf, title, needs=LINE * len(cards))
    pdf.set_draw_color(RULE)
    for card in cards:
        pdf.line(pdf.l_margin, pdf.get_y(), pdf.l_margin + WIDTH, pdf.get_y())
        label = _width(pdf, card.label) + 4
        _cell(pdf, card.label, label)
        _cell(pdf, card.note, 120 - label, color=QUIET)
        _cell(pdf, card.value, 34, align="R", style="B")
        _cell(pdf, card.delta or "", 26, align="R", color=LIGHT.tones[card.tone], last=True)


def _columns(pdf: FPDF, chart: Chart, color: str) -> None:
    _heading(pdf, chart.title, needs=COLUMN_HEIGHT + LINE)
    top, step = pdf.get_y() + 1, WIDTH / max(len(chart.bars), 1)
    pdf.set_fill_color(color)
    for number, bar in enumerate(chart.bars):
        height = bar.share * COLUMN_HEIGHT
        if height:
            x = pdf.l_margin + number * step
            pdf.rect(x, top + COLUMN_HEIGHT - height, max(step - 0.6, 0.4), height, style="F")
    pdf.set_y(top + COLUMN_HEIGHT)
    if chart.bars:
        _cell(pdf, f"{chart.bars[0].label} ({chart.bars[0].value})", WIDTH / 2, color=QUIET)
        _cell(pdf, f"{chart.bars[-1].label} ({chart.bars[-1].value})", WIDTH / 2, align="R", color=QUIET, last=True)


def _bars(pdf: FPDF, chart: Chart, color: str) -> None:
    _heading(pdf, chart.title, needs=LINE * len(chart.bars))
    for bar in chart.bars:
        _bar(pdf, bar, color)


def _bar(pdf: FPDF, bar: Bar, color: str) -> None:
    _cell(pdf, bar.label, 62)
    pdf.set_fill_color(color)
    pdf.rect(pdf.get_x(), pdf.get_y() + 1.6, max(bar.share * 94, 0.4), LINE - 3.2, style="F")
    pdf.set_x(pdf.get_x() + 96)
    _cell(pdf, bar.value, 22, align="R", last=True)


def _cell(
    pdf: FPDF, text: str, width: float, *, align: str = "L", style: str = "", color: str = TEXT, last: bool = False
) -> None:
    """One line of text; what does not fit is cut with an ellipsis."""
    pdf.set_font("Helvetica", style, 10)
    pdf.set_text_color(color)
    text = _latin(text)
    if pdf.get_string_width(text) > width - 2:
        while text and pdf.get_string_width(text + "...") > width - 2:
            text = text[:-1]
        text += "..."
    pdf.cell(width, LINE, text, align=align, new_x="LMARGIN" if last else "RIGHT", new_y="NEXT" if last else "TOP")


def _width(pdf: FPDF, text: str) -> float:
    """How wide a cell's line of text is, in mm."""
    pdf.set_font("Helvetica", "", 10)
    return float(pdf.get_string_width(_latin(text)))


def _write(pdf: FPDF, text: str, *, size: int, style: str = "", color: str = TEXT) -> None:
    pdf.set_font("Helvetica", style, size)
    pdf.set_text_color(color)
    pdf.multi_cell(WIDTH, size * 0.5, _latin(text), new_x="LMARGIN", new_y="NEXT")


def _latin(text: str) -> str:
    """The text as far as the fonts can write it. Thin and narrow spaces become plain ones."""
    plain = text.replace("\u202f", " ").replace("\u2009", " ").replace("\u2212", "-")
    return plain.encode(ENCODING, "replace").decode(ENCODING)
