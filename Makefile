# Habits. `make` alone lists them.
.PHONY: help demo test quick lint format types schema check
help:      ## show this
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/: *## */\t/' | expand -t 12
demo:      ## three made-up companies in a browser
	python3 run.py demo
test:      ## every test
	python3 run.py test
quick:     ## without the slow ones and the browser's
	python3 run.py test -m "not slow and not browser"
lint:      ## style, formatting, floors
	.venv/bin/ruff check && .venv/bin/ruff format --check && .venv/bin/lint-imports
format:    ## let ruff write
	.venv/bin/ruff check --fix && .venv/bin/ruff format
types:     ## mypy, strict
	.venv/bin/mypy
schema:    ## write src/prosa/db/schema.sql after a new migration
	.venv/bin/python -m prosa.db.schema
check:     ## all that must hold before a change lands
	.ci/run
