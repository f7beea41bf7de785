"""The catalogue of definitions: what every column and KPI means, for screens, exports and docs/metrics.md."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Metric:
    """One column or KPI.

    `type` is text, integer, number, boolean or time; `unit` is messages, conversations, contacts, times, points,
    seconds, rate (0 to 1), BRL, or empty.
    """

    key: str
    type: str
    unit: str
    pt_BR: str
    en: str

    def text(self, locale: str) -> str:
        """The definition in the locale's language: English for en and its regions, else Portuguese."""
        return self.en if locale.partition("_")[0] == "en" else self.pt_BR


@cache
def columns() -> tuple[Metric, ...]:
    """The columns of one conversation, in the order in which every export has them."""
    return _section("columns")


@cache
def kpis() -> dict[str, Metric]:
    """The KPIs by key."""
    return {metric.key: metric for metric in _section("kpis")}


def _section(name: str) -> tuple[Metric, ...]:
    catalogue = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return tuple(Metric(key=key, **entry) for key, entry in catalogue[name].items())
