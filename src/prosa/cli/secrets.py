"""`prosa secrets`: what is stored encrypted, under which key."""

from typing import Annotated

import typer

from prosa.cli.context import JsonOption, actor, database


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    secrets = typer.Typer(help="What is stored encrypted: tokens, connection strings, seeds.", no_args_is_help=True)
    secrets.callback()(lambda: None)  # a group, though it has one command
    secrets.command("rotate")(rotate)
    app.add_typer(secrets, name="secrets")


def rotate(
    look: Annotated[bool, typer.Option("--dry-run", help="Say what is under which key, and change nothing.")] = False,
    json_: JsonOption = False,
) -> None:
    """Encrypt every secret again with the first key of SECRET_KEY, if that lists several: `new,old`.

    Exit 0: the old keys are no longer needed. Exit 1: some secret is not under the new key. If it is killed, it goes on at the
    next call; whoever works with Prosa meanwhile notices nothing.
    """
    import json
    from dataclasses import asdict

    from prosa.settings import get_settings
    from prosa.tenancy.rotation import rotate

    keys = get_settings().secret_keys
    with database() as db:
        done = rotate(db, keys, actor=actor(), write=not look)
    lost = [f"{each.table}.{each.column} of {row}" for each in done for row in each.lost]
    waiting = sum(each.rotated for each in done) if look else 0
    if json_:
        typer.echo(json.dumps([asdict(each) for each in done], indent=2))
    else:
        for each in done:
            word = "under an old key" if look else "stored anew"
            typer.echo(f"{each.table}.{each.column}: {each.rotated} {word}, {each.current} under the newest key")
    for row in lost:
        typer.echo(f"No key opens {row}: enter it again, or bring its key back.", err=True)
    if not lost and not waiting and len(keys) > 1:
        typer.echo("The old keys are needed no longer: leave them out of SECRET_KEY, and restart.", err=True)
    raise typer.Exit(1 if lost or waiting else 0)
