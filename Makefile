# Holdfast. `make` alone lists the targets. Every environment variable passes through to the command that runs
# (PORT, HOLDFAST_HOME, DATABASE_URL …); so do `make demo PORT=9000` and the like.

SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

# Arguments for pytest, for example: make test ARGS="-k cancel"
ARGS ?=
# Test processes in parallel.
JOBS ?= 2

.PHONY: help demo serve test check fix bench venv venv-test venv-dev lock hooks audit

help: ## List the targets
	@echo "Holdfast: make <target>"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' Makefile

demo: venv ## Load the demo business and serve it (PORT, default 8000; data in HOLDFAST_HOME, default ./var)
	@exec $(BIN)/holdfast demo

serve: venv ## Serve an installation: web and worker together (PORT, HOLDFAST_HOME, DATABASE_URL)
	@exec $(BIN)/holdfast serve

test: venv-test ## Run the tests on SQLite, then on PostgreSQL if its server programs are installed
	@exec $(BIN)/python -m tests.support.engines -n $(JOBS) $(ARGS)

check: venv-dev ## Check style, types, layers, templates, migrations and known vulnerabilities
	@exec $(BIN)/python -m tests.support.checks

fix: venv-dev ## Apply the safe fixes of the linters and format the code
	$(BIN)/ruff check --fix --exit-zero src tests benchmarks
	$(BIN)/ruff format src tests benchmarks
	@find src -path '*/templates/*' \( -name '*.html' -o -name '*.txt' \) -exec $(BIN)/djade --target-version 5.2 {} + \
	  || echo "djade changed templates: look at the difference"

bench: venv-test ## Measure requests per second, latency and statements on SQLite and PostgreSQL
	@exec $(BIN)/python -m benchmarks $(ARGS)

hooks: venv-dev ## Check every commit from now on (writes .git/hooks/pre-commit)
	@printf '#!/bin/sh\nexec make --no-print-directory check\n' > "$$(git rev-parse --git-path hooks/pre-commit)"
	@chmod +x "$$(git rev-parse --git-path hooks/pre-commit)"

# --- The virtual environment ----------------------------------------------------------------------------------------
# Exact versions, checked by hash, installed again only when requirements/*.txt changed: the copy of the file inside
# .venv is the stamp. The project itself is installed editable; its stamp also holds the path, so that a moved clone
# gets its console script back.

venv: .venv/.complete-base
venv-test: .venv/.complete-test
venv-dev: .venv/.complete-dev

.PHONY: .venv/.complete-base .venv/.complete-test .venv/.complete-dev
.venv/.complete-base .venv/.complete-test .venv/.complete-dev: .venv/.complete-%:
	@PYTHON="$(PYTHON)" sh requirements/install.sh $*

lock: venv-dev ## Resolve requirements/*.txt anew from pyproject.toml (needs the network)
	@sh requirements/lock.sh $(ARGS)
