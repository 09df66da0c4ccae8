# make report   set up, run the experiment of CONFIG, say where the report is
# make resume   the same after a run that was killed: wait for what it left, unlock, go on
# make clean    remove the results of EXPERIMENT, or of all experiments and their stored runs
# make test     set up, run every check and test
# make test-long  the tests that take long: more moments to be killed at, more files to damage
# make benchmark  set up .venv-benchmark, measure beside other ways to train, write docs/performance.md: about 25 minutes
# They need Python 3.11 to 3.13, make and a package index; what is set up once is not set up again.

PYTHON ?= python3
CONFIG ?= config/config.yaml
CORES ?= 3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: report resume clean test test-long benchmark lint pytest help python screenshots
.DELETE_ON_ERROR:

help:
	@sed -n 's/^# //p' Makefile | head -7

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
	@echo "Setting up $(VENV) from $(LOCK); this takes a minute or two, once."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --no-deps --require-hashes --requirement $(LOCK)
	@$(PIP) --no-deps --no-build-isolation --editable .

python:
	@command -v $(PYTHON) >/dev/null || { echo "lrbench needs Python 3.11, 3.12 or 3.13, but there is no $(PYTHON): install one, or name it with PYTHON=..." >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "lrbench needs Python 3.11, 3.12 or 3.13, but $(PYTHON) is $$($(PYTHON) -V 2>&1): name another with PYTHON=..." >&2; exit 2; }

# Which build of torch fits differs from machine to machine (a CPU or one of several kinds of GPU), so it has a version
# but no hash. TORCH=some.whl takes a file, TORCH= leaves it out: its rows then say that it is not installed.
# JAX stands in a folder of its own, because Keras imports it wherever it is installed.
TORCH ?= torch==2.13.0

benchmark: .venv-benchmark/.ready
	@.venv-benchmark/bin/python -m benchmarks $(BENCHMARK)

.venv-benchmark/.ready: requirements-benchmark.lock requirements-jax.lock pyproject.toml | python
	@$(MAKE) --no-print-directory install VENV=.venv-benchmark LOCK=requirements-benchmark.lock
	@rm -rf .venv-benchmark/jax
	@.venv-benchmark/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes \
		--target .venv-benchmark/jax --requirement requirements-jax.lock
	@test -z "$(TORCH)" || .venv-benchmark/bin/python -m pip --disable-pip-version-check install --quiet $(TORCH) \
		|| echo "$(TORCH) could not be installed; its rows will say so." >&2
	@.venv-benchmark/bin/python -m pip --disable-pip-version-check check
	@touch $@

screenshots: .venv/.test
	$(BIN)/python docs/screenshots.py reports/tutorial.html
