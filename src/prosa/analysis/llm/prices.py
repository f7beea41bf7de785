"""What calls cost: this installation's prices, else those that genai-prices knows."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from prosa.db import Conn
from prosa.errors import Unavailable
from prosa.gateways.llm import Request, Usage

MILLION = Decimal(1_000_000)
BATCH_SHARE = Decimal("0.5")
"""What a call in a batch costs, compared with a call at once (OpenAI's Batch API)."""
BYTES_PER_TOKEN = 3
"""Portuguese has about 4.5 bytes a token; 3 keeps the estimate above what is counted."""
OVERHEAD = 50
"""Tokens that the provider adds for roles and the schema's frame."""


@dataclass(frozen=True)
class Terms:
    """Prices in US$ per million tokens, and the exchange rate with its date."""

    input_usd: Decimal
    cached_usd: Decimal
    output_usd: Decimal
    brl_per_usd: Decimal
    rate_on: date

    def usd(self, usage: Usage, *, batch: bool = False) -> Decimal:
        """The cost of a call in US$."""
        fresh = usage.input - usage.cached
        full = (fresh * self.input_usd + usage.cached * self.cached_usd + usage.output * self.output_usd) / MILLION
        return full * BATCH_SHARE if batch else full

    def brl(self, usd: Decimal) -> Decimal:
        """The same in R$."""
        return usd * self.brl_per_usd


def terms(conn: Conn, model: str) -> Terms:
    """The model's price and the exchange rate. Raises Unavailable if nobody knows the price: no budget could be kept."""
    row = conn.execute(
        "select input_usd, cached_usd, output_usd, brl_per_usd, rate_on from llm_terms(%s)", [model]
    ).fetchone()
    assert row is not None
    *own, rate, rate_on = row
    if rate is None:
        raise Unavailable("There is no exchange rate. Set one: prosa ai rate 5.40")
    prices = known_prices(model) if own[0] is None else own
    if prices is None:
        raise Unavailable(f"No price is known for '{model}'. Set it: prosa ai price {model} --input 0.15 --output 0.60")
    fresh, cached, output = prices
    return Terms(fresh, cached, output, rate, rate_on)


@cache
def known_prices(model: str) -> tuple[Decimal, Decimal, Decimal] | None:
    """Input, cached input and output, in US$ for a million tokens, as genai-prices has them."""
    from genai_prices import Usage as Counted  # noqa: PLC0415  (a large table)
    from genai_prices import calc_price  # noqa: PLC0415

    million = int(MILLION)
    try:
        fresh = calc_price(Counted(input_tokens=million), model_ref=model).total_price
        cached = calc_price(Counted(input_tokens=million, cache_read_tokens=million), model_ref=model).total_price
        output = calc_price(Counted(output_tokens=million), model_ref=model).total_price
    except LookupError:
        return None
    return fresh, cached, output


def most(request: Request) -> Usage:
    """The tokens that a request can cost at most: an upper bound without the provider's tokenizer."""
    from json import dumps  # noqa: PLC0415

    sent = sum(len(text.encode()) for _, text in request.turns) + len(dumps(request.schema))
    return Usage(input=sent // BYTES_PER_TOKEN + OVERHEAD, output=request.max_tokens)
