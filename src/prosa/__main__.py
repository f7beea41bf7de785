"""`python -m prosa` is the `prosa` command."""

from prosa.cli import main

main()
