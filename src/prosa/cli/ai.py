"""Commands about the language model's money: budgets, prices, the exchange rate; and which tenants use it."""

import json
import sys
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated

import typer

from prosa.cli.context import JsonOption, TenantOption, actor, database

if TYPE_CHECKING:
    from prosa.db import Conn


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise typer.BadParameter("must be a number") from None
    if not value.is_finite():
        raise typer.BadParameter("must be a number")
    return value


Slug = Annotated[str | None, typer.Option(help="Slug of a tenant; else the whole installation.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    ai = typer.Typer(help="The language model: what it may cost, and who uses it.", no_args_is_help=True)
    for command in (budget, price, rate, key, limits, use, status):
        ai.command()(command)
    app.add_typer(ai, name="ai")


def budget(
    tenant: Slug = None,
    day: Annotated[
        Decimal | None, typer.Option(parser=_decimal, metavar="USD", help="US$ a day; left out: no limit.")
    ] = None,
    month: Annotated[
        Decimal | None, typer.Option(parser=_decimal, metavar="USD", help="US$ a month; left out: no limit.")
    ] = None,
) -> None:
    """Set the budgets of a tenant or of the installation. No call is made that would exceed one."""
    from prosa.analysis.llm.accounts import set_budget
    from prosa.tenancy.model import PLATFORM
    from prosa.tenancy.tenants import find_tenant

    with database() as db, db.operator() as conn:
        set_budget(conn, find_tenant(conn, tenant).id if tenant else PLATFORM, day=day, month=month, actor=actor())


def price(
    model: Annotated[str, typer.Argument(help="The model's name, as in OPENAI_MODEL.")],
    input_usd: Annotated[
        Decimal, typer.Option("--input", parser=_decimal, metavar="USD", help="For a million tokens.")
    ],
    output_usd: Annotated[
        Decimal, typer.Option("--output", parser=_decimal, metavar="USD", help="For a million tokens.")
    ],
    cached_usd: Annotated[
        Decimal | None,
        typer.Option("--cached", parser=_decimal, metavar="USD", help="Cached input; default: as input."),
    ] = None,
) -> None:
    """Set a model's price from today on, in place of the one that genai-prices knows."""
    from prosa.analysis.llm.accounts import set_price

    with database() as db, db.operator() as conn:
        set_price(conn, model, input_usd=input_usd, output_usd=output_usd, cached_usd=cached_usd,
                  since=datetime.now(UTC).date(), actor=actor())  # fmt: skip


def rate(
    brl_per_usd: Annotated[
        Decimal | None, typer.Argument(parser=_decimal, metavar="BRL", help="R$ for one US$; left out: show it.")
    ] = None,
    source: Annotated[str, typer.Option(help="Where it is from.")] = "operator",
) -> None:
    """Set today's exchange rate, or show the present one with its date."""
    from prosa.analysis.llm.accounts import set_rate

    with database() as db, db.operator() as conn:
        if brl_per_usd is not None:
            set_rate(conn, brl_per_usd, on=datetime.now(UTC).date(), source=source, actor=actor())
        _say_rate(conn)


def key(
    tenant: TenantOption,
    remove: Annotated[bool, typer.Option("--remove", help="Use the installation's key again.")] = False,
) -> None:
    """Give a tenant its own key, read from standard input: its calls are then billed to its own account."""
    from prosa.analysis.llm import keys
    from prosa.settings import get_settings
    from prosa.tenancy.tenants import find_tenant

    given = "" if remove else sys.stdin.readline() if not sys.stdin.isatty() else typer.prompt("Key", hide_input=True)
    with database() as db:
        with db.operator() as conn:
            found = find_tenant(conn, tenant).id
        with db.tenant(found) as conn:
            if remove:
                keys.forget(conn, found, actor=actor())
            else:
                keys.put(conn, found, given, secret_keys=get_settings().secret_keys, actor=actor())


Most = Annotated[int | None, typer.Option(min=1, help="Left out: as the installation's.")]


def limits(
    tenant: TenantOption,
    requests_per_minute: Most = None,
    tokens_per_minute: Most = None,
    requests_per_day: Most = None,
    tokens_per_day: Most = None,
) -> None:
    """Say what the provider allows a tenant's own account: calls with its own key are held to these numbers."""
    from prosa.analysis.llm import policy
    from prosa.tenancy.tenants import find_tenant

    given = (requests_per_minute, tokens_per_minute, requests_per_day, tokens_per_day)
    with database() as db, db.operator() as conn:
        wanted = dict(zip(policy.LIMITS, given, strict=True))
        policy.set_own_limits(conn, find_tenant(conn, tenant).id, wanted, actor=actor())


def use(
    tenant: TenantOption,
    on: Annotated[
        bool, typer.Option("--on/--off", help="Whether the tenant's conversations may be sent to the model.")
    ],
    offline_fallback: Annotated[
        bool, typer.Option(help="Analyse offline what the model does not, for want of budget or of an answer.")
    ] = True,
    batch: Annotated[bool, typer.Option(help="Send the backlog by night, at half the price.")] = True,
) -> None:
    """Let a tenant use the model, or not."""
    from prosa.analysis.llm import policy
    from prosa.tenancy.tenants import find_tenant

    with database() as db, db.operator() as conn:
        config = {"offline_fallback": offline_fallback, "batch": batch}
        policy.change(conn, find_tenant(conn, tenant).id, config, enabled=on, actor=actor())


def status(as_json: JsonOption = False) -> None:
    """What has been spent today and this month, in US$, against which budgets, and the date of the exchange rate."""
    from prosa.analysis.llm.accounts import spending

    with database() as db, db.operator() as conn:
        found = spending(conn)
        if not as_json:
            _say_rate(conn)
    if as_json:
        rows = [
            {key: float(value) if isinstance(value, Decimal) else value for key, value in vars(row).items()}
            for row in found
        ]
        typer.echo(json.dumps([row | {"is_near": each.is_near} for row, each in zip(rows, found, strict=True)]))
        return
    for row in found:
        name = row.tenant if row.tenant_id else "installation"
        near = "  (80 % used up)" if row.is_near else ""
        typer.echo(
            f"{name}: today {_of(row.day_usd, row.day_budget)}, this month {_of(row.month_usd, row.month_budget)}{near}"
        )


def _say_rate(conn: "Conn") -> None:
    """Print the exchange rate."""
    from prosa.analysis.llm import accounts

    today = datetime.now(UTC).date()
    if (present := accounts.rate(conn, today=today)) is None:
        typer.echo("exchange rate: none. Set today's: prosa ai rate 5.40")
        return
    old = "  (older than 30 days; set today's: prosa ai rate 5.40)" if present.is_old(today) else ""
    typer.echo(f"exchange rate: R$ {present.brl_per_usd:.4f} of {present.on} ({present.source}){old}")


def _of(usd: Decimal, most: Decimal | None) -> str:
    return f"US$ {usd:.4f}" + ("" if most is None else f" of {most:.4f}")
