"""Commands about tenants, users and API keys."""

import typer


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(migrate)


def migrate() -> None:
    """Bring the database up to date."""
    from prosa.db.migrate import migrate
    from prosa.settings import get_settings

    applied = migrate(get_settings())
    typer.echo("\n".join(f"applied {m.version} {m.name}" for m in applied) or "The database is up to date.")
