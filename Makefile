# make report   set up, run the experiment of CONFIG, say where the report is
# make resume   the same after a run that was killed: wait for what it left, unlock, go on; WAIT=1 waits for a snakemake too
# make clean    remove the results of EXPERIMENT, or of all experiments and their stored runs; asks, unless YES=1
# make cluster  run the experiment of CONFIG on a Slurm cluster; make resume-cluster goes on after a kill
# make test     set up, run every check and test
# make test-quick  a check of every room in about a minute: no workflow, no training, no browser
# make test-long  the tests that take long: more moments to be killed at, more files to damage
# make test-installed  build the wheel, install it into an environment of its own, run it as somebody who has only that
# make test-cluster  start a Slurm on this machine, run the tests on it, stop it
# make site     build the site of the documents, site/html, and check the links in it
# make benchmark  set up .venv-benchmark, measure beside other ways to train, write docs/performance.md: over 25 minutes
# They need Python 3.11 to 3.13, make and a package index; what is set up once is not set up again.

PYTHON ?= python3
CONFIG ?= config/config.yaml
CORES ?= 3
VENV := .venv
BIN := $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check install --quiet

# sacct where Slurm keeps accounts, squeue where it does not: sacct is installed there too, and fails.
PROFILE ?= profiles/slurm
STATUS = $(shell sacct --allocations --noheader >/dev/null 2>&1 && echo sacct || echo squeue)

# Names are taken as they are written and reach a command through the environment: neither make nor the shell looks for
# something to expand or to run in them.
override CONFIG := $(value CONFIG)
override CORES := $(value CORES)
override PROFILE := $(value PROFILE)
export CONFIG CORES PROFILE
LRBENCH = $(BIN)/python $(BIN)/lrbench

.PHONY: report resume cluster resume-cluster clean test test-quick test-long test-cluster test-installed benchmark documents lint pytest help python screenshots examples site
.DELETE_ON_ERROR:

help:
	@sed -n 's/^# //p' Makefile | head -12

report: .venv/.run
	@$(LRBENCH) make --cores="$$CORES" --configs="$$CONFIG"

resume: .venv/.run
	@$(LRBENCH) ready $(if $(WAIT),--wait)
	@$(LRBENCH) make --cores="$$CORES" --configs="$$CONFIG" --unlock

ON_SLURM = --workflow-profile="$$PROFILE" --slurm-status-command=$(STATUS)

cluster resume-cluster test-cluster: BIN := .venv-cluster/bin

cluster: .venv-cluster/.set-up
	@$(LRBENCH) make $(ON_SLURM) --configs="$$CONFIG"

resume-cluster: .venv-cluster/.set-up
	@$(LRBENCH) ready --slurm $(if $(WAIT),--wait)
	@$(LRBENCH) make $(ON_SLURM) --configs="$$CONFIG" --unlock

# A name that is given reaches the shell as a variable, so that nothing in it is run, and means one experiment even if empty.
ifneq ($(origin EXPERIMENT),undefined)
override EXPERIMENT := $(value EXPERIMENT)
clean: export LRBENCH_EXPERIMENT := $(value EXPERIMENT)
endif

clean: .venv/.run
	@$(LRBENCH) clean $(if $(filter undefined,$(origin EXPERIMENT)),--all,--experiment="$$LRBENCH_EXPERIMENT") \
		$(if $(YES),--yes)

# The JSON schema of a config and the table of its keys, from the models in lrbench/settings; the columns of every table,
# from the contracts in lrbench/tables.
documents: .venv/.run
	@$(BIN)/python -m lrbench.settings.documents
	@$(BIN)/python -m lrbench.tables.dictionary

test: lint pytest

lint: .venv/.test
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	PATH="$$PWD/$(BIN):$$PATH" snakefmt --check --compact-diff Snakefile workflow
	$(BIN)/lint-imports
	$(BIN)/mypy

pytest: .venv/.test
	$(BIN)/python -m pytest -n 2

QUICK = tests/analysis tests/identity tests/tables tests/data/test_npz*.py tests/settings/test_experiment.py tests/test_house.py \
	tests/findings/test_recommendation*.py tests/findings/test_numbers.py tests/learning/test_store.py tests/reporting/test_templates.py \
	tests/workspace/test_making.py tests/test_wording.py tests/test_glossary.py

test-quick: .venv/.test
	$(BIN)/ruff check --quiet
	$(BIN)/python -m pytest -n 2 -q $(QUICK)

test-long: .venv/.test
	$(BIN)/python -m pytest -n 2 -m "long and not cluster"
	@if $(PYTHON) tests/support/slurm.py; then $(MAKE) --no-print-directory test-cluster MARKS="cluster and long"; \
	else echo "skipped: what takes long on a Slurm cluster"; fi

MARKS ?= cluster and not long

test-cluster: | python
	@$(PYTHON) tests/support/slurm.py
	@$(MAKE) --no-print-directory .venv-cluster/.set-up
	$(BIN)/python -m pytest tests/cluster -m "$(MARKS)"

test-installed: .venv-installed/.set-up
	$(BIN)/python -m pytest tests/installed -m installed

.venv/.run: requirements.lock pyproject.toml | python
	@test -f .venv/.test || $(MAKE) --no-print-directory install LOCK=requirements.lock
	@touch $@

.venv/.test: requirements-test.lock pyproject.toml | python
	@$(MAKE) --no-print-directory install LOCK=requirements-test.lock
	@touch $@ .venv/.run

.venv-cluster/.set-up: requirements-cluster.lock pyproject.toml | python
	@$(MAKE) --no-print-directory install LOCK=requirements-cluster.lock VENV=.venv-cluster
	@touch $@

# What running needs and nothing else; the tests install the wheel.
.venv-installed/.set-up: requirements.lock .venv/.test | python
	@test -x .venv-installed/bin/python || $(PYTHON) -m venv --without-pip .venv-installed
	@$(BIN)/python -m pip --python .venv-installed/bin/python --disable-pip-version-check install --quiet \
		--no-deps --require-hashes --requirement requirements.lock
	@touch $@

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

site: .venv-docs/.set-up
	@$(PYTHON) docs/site_sources.py site/source
	.venv-docs/bin/mkdocs build --quiet --strict

.venv-docs/.set-up: requirements-docs.lock | python
	@test -x .venv-docs/bin/python || $(PYTHON) -m venv .venv-docs
	@.venv-docs/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes \
		--requirement requirements-docs.lock
	@touch $@

screenshots: .venv/.test
	$(BIN)/python docs/screenshots.py reports/tutorial.html

EXAMPLES = optimizers batch-size quick

# The first page that is named has its picture taken.
examples: .venv/.test
	@$(LRBENCH) make --cores="$$CORES" --configs="config/studies/optimizers.yaml config/studies/batch-size.yaml config/quick.yaml"
	$(BIN)/python docs/examples.py $(EXAMPLES:%=reports/%.html)
