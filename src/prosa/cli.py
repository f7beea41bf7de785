"""The command line: one function a command; each only translates."""

import typer

app = typer.Typer(name="prosa", no_args_is_help=True, help="The conversation platform for WhatsApp.")


@app.callback()
def prosa() -> None:
    """The conversation platform for companies that serve their customers on WhatsApp."""


def main() -> None:
    """Entry point of the `prosa` command."""
    app()
