# make report   set up, run the experiment of CONFIG, say where the report is
# make resume   the same after a run that was killed: wait for what it left, unlock, go on
# make clean    remove the results of EXPERIMENT, or of all experiments and their stored runs
# make test     set up, run every check and test
# make test-long  the tests that take long: more moments to be killed at, more files to damage
# Both need Python 3.11 to 3.13, make and a package index; what is set up once is not set up again.

PYTHON ?= python3
CONFIG ?= config/config.yaml
CORES ?= 3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: report resume clean test test-long lint pytest help python screenshots
.DELETE_ON_ERROR:

help:
	@sed -n 's/^# //p' Makefile | head -6

define run
	@$(BIN)/lrbench check "$(CONFIG)"
	@$(BIN)/snakemake --cores $(CORES) --configfile "$(CONFIG)"
	@echo "The report: $$($(BIN)/lrbench check --report "$(CONFIG)")"
endef

report: .venv/.run
	$(run)

resume: .venv/.run
	@$(BIN)/lrbench ready
	@$(BIN)/snakemake --cores $(CORES) --configfile "$(CONFIG)" --unlock --quiet all
	$(run)

clean: .venv/.run
	@$(BIN)/lrbench clean $(if $(EXPERIMENT),--experiment "$(EXPERIMENT)",--all)

test: lint pytest

lint: .venv/.test
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	PATH=$(CURDIR)/$(BIN):$$PATH snakefmt --check --compact-diff Snakefile workflow
	$(BIN)/lint-imports
	$(BIN)/mypy

pytest: .venv/.test
	$(BIN)/python -m pytest -n 2

test-long: .venv/.test
	$(BIN)/python -m pytest -n 2 -m long

.venv/.run: requirements.lock pyproject.toml | python
	@test -f .venv/.test || $(MAKE) --no-print-directory install LOCK=requirements.lock
	@touch $@

.venv/.test: requirements-test.lock pyproject.toml | python
	@$(MAKE) --no-print-directory install LOCK=requirements-test.lock
	@touch $@ .venv/.run

.PHONY: install
install:
	@echo "Setting up .venv from $(LOCK); this takes a minute or two, once."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) --no-deps --require-hashes --requirement $(LOCK)
	@$(PIP) --no-deps --no-build-isolation --editable .

python:
	@command -v $(PYTHON) >/dev/null || { echo "lrbench needs Python 3.11, 3.12 or 3.13, but there is no $(PYTHON): install one, or name it with PYTHON=..." >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "lrbench needs Python 3.11, 3.12 or 3.13, but $(PYTHON) is $$($(PYTHON) -V 2>&1): name another with PYTHON=..." >&2; exit 2; }

screenshots: .venv/.test
	$(BIN)/python docs/screenshots.py reports/tutorial.html
