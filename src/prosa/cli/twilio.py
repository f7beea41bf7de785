"""Commands about Twilio: connect an account, and try one's own server without one."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

import typer

from prosa.cli.context import TenantOption, actor, database

if TYPE_CHECKING:
    from prosa.gateways.twilio.model import Account
    from prosa.settings import Settings
    from prosa.sources.twilio.accounts import Number

FETCH_SECONDS = 60


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    twilio = typer.Typer(help="Twilio: WhatsApp and SMS numbers.", no_args_is_help=True)
    twilio.command()(connect)
    twilio.command()(simulate)
    app.add_typer(twilio, name="twilio")


def connect(
    tenant: TenantOption,
    sid: Annotated[str | None, typer.Option(help="Account SID, AC…; by default TWILIO_ACCOUNT_SID.")] = None,
    number: Annotated[
        list[str] | None,
        typer.Option(metavar="+55...", help="A number of the account; by default TWILIO_PHONE_NUMBER."),
    ] = None,
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read the auth token from standard input, not TWILIO_AUTH_TOKEN.")
    ] = False,
    subaccount: Annotated[str | None, typer.Option(help="Connect this subaccount (AC…) of the account.")] = None,
    messaging_service: Annotated[str | None, typer.Option(help="Send through this Messaging Service, MG….")] = None,
    check: Annotated[
        bool, typer.Option("--check/--no-check", help="Ask Twilio whether the credentials are right.")
    ] = True,
) -> None:
    """Connect a Twilio account, or a subaccount, with its numbers. Prints the webhook addresses to paste at Twilio."""
    from prosa.errors import Invalid
    from prosa.gateways.twilio.client import fetch_account
    from prosa.gateways.twilio.model import Account, AccountFound
    from prosa.settings import get_settings
    from prosa.sources.twilio import accounts
    from prosa.supervisor import as_running
    from prosa.tenancy.tenants import find_tenant

    settings = as_running(get_settings())
    sid = sid or settings.twilio_account_sid
    if sid is None:
        raise Invalid("Say which account: --sid AC…, or TWILIO_ACCOUNT_SID.")
    if subaccount and not check:
        raise Invalid("A subaccount's own token is asked of Twilio: --subaccount needs the check.")
    given = Account(sid, _token(settings, token_stdin), base_url=settings.twilio_api_base_url)
    found = fetch_account(given, subaccount=subaccount) if check else AccountFound(sid, "", given.token, None)
    numbers = number or ([settings.twilio_phone_number] if settings.twilio_phone_number else [])
    with database() as db, db.operator() as conn:
        connected = accounts.connect(
            conn, find_tenant(conn, tenant).id, account=Account(found.sid, found.token, messaging_service),
            secret_keys=settings.secret_keys, numbers=numbers, actor=actor(), name=found.name, parent_sid=found.parent_sid,
        )  # fmt: skip
    typer.echo(f"Connected {', '.join(connected)} of {found.sid} to {tenant}.")
    _print_addresses(settings)


def simulate(  # noqa: PLR0913, PLR0917  (each is an option of the command)
    tenant: TenantOption,
    body: Annotated[str, typer.Option(help="What the contact writes.")] = "Olá!",
    contact: Annotated[str, typer.Option("--from", metavar="+55...", help="Who writes.")] = "+5511987654321",
    name: Annotated[str, typer.Option(help="The contact's WhatsApp name.")] = "Ana Souza",
    number: Annotated[str | None, typer.Option(metavar="+55...", help="Your number; by default the first.")] = None,
    channel: Annotated[Literal["whatsapp", "sms"], typer.Option(help="How the message comes.")] = "whatsapp",
    button: Annotated[str, typer.Option(help="The contact taps a button with this text.")] = "",
    location: Annotated[tuple[float, float] | None, typer.Option(help="The contact sends a place.")] = None,
    ad: Annotated[str, typer.Option(metavar="ID", help="The contact comes from this advertisement.")] = "",
    media: Annotated[
        list[Path] | None, typer.Option(exists=True, dir_okay=False, help="The contact sends a file.")
    ] = None,
    status: Annotated[
        str | None, typer.Option(help="Send a status callback (delivered, read, failed, …) instead.")
    ] = None,
    message_sid: Annotated[str | None, typer.Option(help="The message of yours that --status is about.")] = None,
    error_code: Annotated[int | None, typer.Option(help="Twilio's error code, with --status.")] = None,
    repeat: Annotated[int, typer.Option(min=1, help="Send the same webhook so often.")] = 1,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="Your server; by default the one that runs here.")
    ] = None,
) -> None:
    """Send a signed webhook to your own server, as Twilio would."""
    from prosa.errors import Invalid
    from prosa.gateways.twilio import simulator
    from prosa.settings import get_settings
    from prosa.supervisor import as_running

    settings = as_running(get_settings())
    account, ours = _connected(settings, tenant, number)
    send = partial(_send, settings, server, account, repeat=repeat)
    if status is None:
        message = simulator.ContactMessage(
            contact, ours.address, body, channel=channel, profile_name=name, button=button, location=location, ad_id=ad,
            media=media or (),
        )  # fmt: skip
        with _serving(message.media, settings):
            send("inbound", simulator.message_form(account.sid, message))
    elif message_sid is None:
        raise Invalid("Say which message the status is about: --message-sid SM….")
    else:
        send("status", simulator.status_form(
            account.sid, message_sid=message_sid, status=status, contact=contact, ours=ours.address, error_code=error_code
        ))  # fmt: skip


@contextmanager
def _serving(files: Sequence[Path], settings: "Settings") -> Iterator[None]:
    """Serve the files of the message that the block sends, and wait until each has been fetched. Raises Invalid."""
    from prosa.errors import Invalid
    from prosa.gateways.twilio import simulator

    if not files:
        yield
        return
    with simulator.serving(files, settings.twilio_api_base_url) as fetched:
        yield
        missing = sum(not fetched.acquire(timeout=FETCH_SECONDS) for _ in files)
    if missing:
        raise Invalid(f"{missing} of the files were not fetched. Does a worker run?")
    typer.echo(f"{len(files)} files were fetched.")


def _send(
    settings: "Settings", server: str | None, account: "Account", webhook: str, form: dict[str, str], *, repeat: int
) -> None:
    """Post the form to `server`, by default the one that runs here, and print each answer."""
    from prosa.gateways.twilio import simulator
    from prosa.settings import http_url

    to = (server or http_url(settings.api_host, settings.api_port)).rstrip("/")
    # A server without PUBLIC_URL checks signatures against its own port, whatever API_PORT is here.
    signed = replace(settings, api_port=urlsplit(to).port or settings.api_port).own_url
    path = f"/webhooks/twilio/{webhook}"
    for _ in range(repeat):
        answer = simulator.post(to + path, signed + path, form, account.token)
        taken = answer.status in (200, 204)  # TwiML for a message, nothing for a status callback
        typer.echo(f"{form['MessageSid']}  {answer.status}  {'' if taken else answer.text}".rstrip())
        if not taken:
            raise typer.Exit(1)


def _connected(settings: "Settings", tenant: str, number: str | None) -> "tuple[Account, Number]":
    """The tenant's number, the first where none is named, with its account."""
    from prosa.conversations import addresses
    from prosa.errors import NotFound
    from prosa.sources.twilio import accounts
    from prosa.tenancy.tenants import find_tenant

    with database() as db, db.operator() as conn:
        owner = find_tenant(conn, tenant).id
        numbers = accounts.list_numbers(conn, owner)
        wanted = addresses.parse(number).key if number else None
        for ours in numbers:
            if wanted in (None, addresses.matching_key(ours.address)):
                return accounts.credentials(conn, owner, ours.account_id, settings), ours
    there = ", ".join(n.address for n in numbers)
    raise NotFound(
        f"{tenant} has no number {number}. It has: {there}." if numbers else
        f"{tenant} has no number yet. To try without an account: "
        "prosa twilio connect --no-check with any --sid of AC and 32 hexadecimal digits, --number and token."
    )  # fmt: skip


def _token(settings: "Settings", from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().strip()
    if settings.twilio_auth_token:
        return settings.twilio_auth_token
    if sys.stdin.isatty():
        return str(typer.prompt("Auth token", hide_input=True)).strip()
    return ""


def _print_addresses(settings: "Settings") -> None:
    typer.echo("Paste these at Twilio, at the sender or the Messaging Service, both by HTTP POST:")
    typer.echo(f"  when a message comes in   {settings.own_url}/webhooks/twilio/inbound")
    typer.echo(f"  status callback           {settings.own_url}/webhooks/twilio/status")
    if settings.public_url is None:
        typer.secho(
            "PUBLIC_URL is not set: Twilio cannot reach this address, and its signatures would not fit.",
            err=True, fg=typer.colors.YELLOW,
        )  # fmt: skip
