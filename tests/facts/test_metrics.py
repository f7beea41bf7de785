"""The catalogue of definitions: complete, and the same as what is computed, exported and documented."""

from dataclasses import fields
from pathlib import Path

import pytest

from prosa.facts import metrics
from prosa.facts.model import Kpis

ALL = [*metrics.columns(), *metrics.kpis().values()]


def test_every_kpi_has_a_definition() -> None:
    assert set(metrics.kpis()) == {field.name for field in fields(Kpis)} | {"awaiting_reply"}


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.key)
def test_definitions_are_sentences_in_both_languages(metric: metrics.Metric) -> None:
    assert metric.type in {"text", "integer", "number", "boolean", "time"}
    assert metric.text("pt_BR") != metric.text("en_US")
    for text in (metric.text("pt_BR"), metric.text("en")):
        assert text[0].isupper() or text[0].isdigit()
        assert text.endswith((".", "…"))


def test_the_docs_define_every_column_and_kpi_in_the_catalogues_words(project: Path) -> None:
    document = (project / "docs" / "metrics.md").read_text(encoding="utf-8")
    columns, kpis = document.split("## KPIs")
    for metric in metrics.columns():
        assert f"| `{metric.key}` | {metric.en} |" in columns
    for metric in metrics.kpis().values():
        assert f"| `{metric.key}` | {metric.en} |" in kpis
