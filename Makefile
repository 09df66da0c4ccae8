# make report   set up, run the experiment of CONFIG, say where the report is
# make resume   the same after a run that was killed: wait for what it left, unlock, go on
# make clean    remove the results of EXPERIMENT, or of all experiments and their stored runs
# make cluster  run the experiment of CONFIG on a Slurm cluster; make resume-cluster goes on after a kill
# make test     set up, run every check and test
# make test-long  the tests that take long: more moments to be killed at, more files to damage
# make test-cluster  start a Slurm on this machine, run the tests on it, stop it
# They need Python 3.11 to 3.13, make and a package index; what is set up once is not set up again.

PYTHON ?= python3
CONFIG ?= config/config.yaml
CORES ?= 3
BIN := .venv/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check install --quiet

# sacct where Slurm keeps accounts, squeue where it does not: sacct is installed there too, and fails.
PROFILE ?= profiles/slurm
STATUS = $(shell sacct --allocations --noheader >/dev/null 2>&1 && echo sacct || echo squeue)

.PHONY: report resume cluster resume-cluster clean test test-long test-cluster lint pytest help python screenshots
.DELETE_ON_ERROR:

help:
	@sed -n 's/^# //p' Makefile | head -8

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

define run-cluster
	@$(BIN)/lrbench check "$(CONFIG)"
	@$(BIN)/snakemake --workflow-profile "$(PROFILE)" --slurm-status-command $(STATUS) --configfile "$(CONFIG)"
	@echo "The report: $$($(BIN)/lrbench check --report "$(CONFIG)")"
endef

cluster resume-cluster test-cluster: BIN := .venv-cluster/bin

cluster: .venv-cluster/.set-up
	$(run-cluster)

resume-cluster: .venv-cluster/.set-up
	@$(BIN)/lrbench ready --slurm
	@$(BIN)/snakemake --workflow-profile "$(PROFILE)" --configfile "$(CONFIG)" --unlock --quiet all
	$(run-cluster)

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
	$(BIN)/python -m pytest -n 2 -m "long and not cluster"
	@if $(PYTHON) tests/slurm.py; then $(MAKE) --no-print-directory test-cluster MARKS="cluster and long"; \
	else echo "skipped: what takes long on a Slurm cluster"; fi

MARKS ?= cluster and not long

test-cluster: | python
	@$(PYTHON) tests/slurm.py
	@$(MAKE) --no-print-directory .venv-cluster/.set-up
	$(BIN)/python -m pytest tests/cluster -m "$(MARKS)"

.venv/.run: requirements.lock pyproject.toml | python
	@test -f .venv/.test || $(MAKE) --no-print-directory install LOCK=requirements.lock
	@touch $@

.venv/.test: requirements-test.lock pyproject.toml | python
	@$(MAKE) --no-print-directory install LOCK=requirements-test.lock
	@touch $@ .venv/.run

.venv-cluster/.set-up: requirements-cluster.lock pyproject.toml | python
	@$(MAKE) --no-print-directory install LOCK=requirements-cluster.lock BIN=.venv-cluster/bin
	@touch $@

.PHONY: install
install:
	@echo "Setting up $(BIN:/bin=) from $(LOCK); this takes a minute or two, once."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(BIN:/bin=)
	@$(PIP) --no-deps --require-hashes --requirement $(LOCK)
	@$(PIP) --no-deps --no-build-isolation --editable .

python:
	@command -v $(PYTHON) >/dev/null || { echo "lrbench needs Python 3.11, 3.12 or 3.13, but there is no $(PYTHON): install one, or name it with PYTHON=..." >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "lrbench needs Python 3.11, 3.12 or 3.13, but $(PYTHON) is $$($(PYTHON) -V 2>&1): name another with PYTHON=..." >&2; exit 2; }

screenshots: .venv/.test
	$(BIN)/python docs/screenshots.py reports/tutorial.html
