"""One run of the ETL as a process of its own, in small ranges, so that there is something to kill: MODE SLUG."""

import sys

from prosa.cli import main
from prosa.sources import load

if __name__ == "__main__":
    mode, slug = sys.argv[1:3]
    load.RANGE = 20  # conversations; a test's Chatwoot has a few hundred
    options = [] if mode == "incremental" else [f"--{mode}"]
    sys.argv = ["prosa", "etl", "run", "--tenant", slug, "--json", *options]
    main()
