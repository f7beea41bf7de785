"""The documentation is true where a machine can tell: links lead somewhere, variables and commands exist."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from typer.main import get_command

from prosa.cli import app
from prosa.settings import Settings

PROJECT = Path(__file__).parent.parent
PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md"), *(PROJECT / "deploy").glob("*.md")])


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{page.name} names {target}"
        assert not anchor or anchor in anchors(found), f"{page.name} names {target}"


def test_every_variable_is_in_the_example_and_in_the_manual() -> None:
    known = {f.name.upper() for f in fields(Settings)}
    example = (PROJECT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#([A-Z_]+)=", example, re.MULTILINE)) == known
    table = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8").partition("## Settings")[2]
    assert known <= set(re.findall(r"`([A-Z_]+)`", table.partition("\n## ")[0]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_command_and_option_exists(page: Path) -> None:
    group = get_command(app)
    for line in re.findall(r"(?:\bprosa|run\.py) ((?:[a-z]+ ?)[^`\n#|]*)", page.read_text(encoding="utf-8")):
        words = line.split()
        command = getattr(group, "commands", {}).get(words[0])
        if command is None:
            continue  # prose, `run.py test`, or a path
        rest = words[1:]
        if getattr(command, "commands", None) and rest:
            command, rest = command.commands.get(rest[0]), rest[1:]
            assert command is not None, f"{page.name}: prosa {line}"
        options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        for word in rest:
            option = re.match(r"\[?(--[a-z-]+)", word)
            assert option is None or option[1] in options, f"{page.name}: prosa {line}"
