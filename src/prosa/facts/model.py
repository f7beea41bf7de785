"""What can be asked of the store, and what it answers: periods, filters, and rows of KPIs (docs/metrics.md)."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from prosa.errors import Invalid

# Upper ends, in seconds, of the bands of first response times; the last band has none.
RESPONSE_BANDS = (300, 900, 3_600, 14_400, 86_400)
HOUR_BANDS = ("00–05", "06–11", "12–17", "18–23")
# What insights hold (prosa.analysis.model, which stands beside this folder), in the order in which screens show them.
SENTIMENTS = ("positive", "neutral", "negative")
CATEGORIES = ("lead", "service", "question", "complaint", "other")


@dataclass(frozen=True)
class Period:
    """Local dates in the tenant's zone, from `first` up to, not including, `end`. Raises Invalid for less than a day."""

    first: date
    end: date

    def __post_init__(self) -> None:
        if self.first >= self.end:
            raise Invalid(f"A period must end after it begins; {self.first} to {self.end} does not.")

    @property
    def before(self) -> "Period":
        """The period of equal length that ends where this one begins."""
        return Period(self.first - (self.end - self.first), self.first)

    @property
    def last(self) -> date:
        """The last day of the period."""
        return self.end - timedelta(days=1)


@dataclass(frozen=True)
class Filter:
    """Which conversations count. An empty field does not restrict; None among agents or inboxes means those without one."""

    inboxes: tuple[int | None, ...] = ()
    agents: tuple[int | None, ...] = ()
    teams: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    name: str = ""  # part of the contact's name, upper or lower case
    phone: str = ""  # digits in a row of the contact's number; whatever else stands between them is left out
    leads: bool | None = None
    categories: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    min_score: int | None = None
    outcomes: tuple[str, ...] = ()  # visit, conversion
    marks: tuple[str, ...] = ()  # never_answered, awaiting_reply, …: all of them hold (selection.MARKS)
    weekdays: tuple[int, ...] = ()  # 1 Monday to 7 Sunday, of the tenant's time
    hours: tuple[int, ...] = ()
    bands: tuple[int | None, ...] = ()  # of the first response (RESPONSE_BANDS); None: there was none


EVERYTHING = Filter()


@dataclass(frozen=True, kw_only=True)
class Kpis:
    """The KPIs of a set of conversations. Durations in seconds; rates 0 to 1, None where the denominator is 0."""

    conversations: int
    contacts: int
    analysed: int
    leads: int
    lead_rate: float | None
    visits: int
    conversions: int
    conversion_rate: float | None
    never_answered: int
    never_answered_rate: float | None
    first_response_mean: float | None
    first_response_median: float | None
    first_response_p90: float | None
    resolution_mean: float | None
    resolution_median: float | None
    resolution_p90: float | None
    bot_resolved: int
    bot_resolved_rate: float | None
    reopened: int
    reopened_rate: float | None
    csat_mean: float | None
    csat_answers: int
    csat_answer_rate: float | None
    ai_cost: Decimal | None  # in R$; None where nothing was charged


@dataclass(frozen=True, kw_only=True)
class InboxKpis(Kpis):
    """KPIs of one inbox; `name` is None where the inbox is unknown."""

    inbox_id: int | None
    name: str | None


@dataclass(frozen=True, kw_only=True)
class AgentKpis(Kpis):
    """KPIs of one assignee's conversations; both fields are None for unassigned conversations."""

    agent_id: int | None
    name: str | None


@dataclass(frozen=True, kw_only=True)
class DayKpis(Kpis):
    """KPIs of one local day."""

    day: date


@dataclass(frozen=True, kw_only=True)
class BandKpis(Kpis):
    """KPIs of one band of local hours: `band` is its number in HOUR_BANDS, from 0."""

    band: int


@dataclass(frozen=True)
class Volume:
    """Counts of one group. `dimension` is "day" or "hour", and says whether the key is `day`, or `weekday` and `hour`.

    Weekdays go from 1 (Monday) to 7 (Sunday), hours from 0 to 23, both in the tenant's time.
    """

    dimension: str
    day: date | None
    weekday: int | None
    hour: int | None
    conversations: int
    leads: int
    never_answered: int


@dataclass(frozen=True)
class Opinions:
    """The number of analysed conversations by sentiment and by category, zeros included."""

    sentiment: dict[str, int]
    category: dict[str, int]
