# Every target sets up what it needs: a virtual environment with the pinned requirements.
# Another Python: make test PYTHON=python3.12 (3.11 to 3.13).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
COLAB := .colab
COLAB_STAMP := $(COLAB)/.installed
# More threads than cores make parallel workers collapse.
RUN := OMP_NUM_THREADS=1 $(BIN)/python

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo handouts test test-all browser lint verify bench colab docs clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## make the virtual environment

demo: handouts  ## build the handouts, grade the sample class, write build/report/index.html
	$(RUN) -m autograder grade assets/sample_class --assignment a1 --out build/report --db build/demo.db

handouts: $(STAMP)  ## generate everything that is made from solutions/
	$(RUN) -m autograder handouts build

test: $(STAMP)  ## the fast tests, half an hour on two cores
	$(RUN) -m pytest -n 2 -m "not slow"

test-all: $(STAMP)  ## all tests, also those that run whole notebooks and class folders
	$(RUN) -m pytest -n 2

browser: $(STAMP) $(COLAB_STAMP)  ## all notebooks in a real browser; pictures of them in build/screenshots/index.html
	$(RUN) -m pytest -n 2 tests/browser

lint: $(STAMP)  ## style, types, and whether generated files agree with their sources
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(RUN) -m autograder handouts check

verify: $(STAMP)  ## is the course fit for release? a minute on two cores
	$(RUN) -m autograder verify

bench: $(STAMP)  ## measure what benchmarks/ measures
	$(RUN) -m benchmarks

colab: $(COLAB_STAMP)  ## make .colab/, the packages that Google Colab has, for the tests that need them

docs: $(STAMP)  ## build the handbook: build/site/index.html
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict --quiet

clean:  ## remove what was made, except the virtual environment
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info)' || { \
	  echo "$(PYTHON) is missing or older than 3.11; try: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.12" >&2; \
	  exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { \
	  echo "$(PYTHON) -m venv failed; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# torch comes first and exact: an environment that offers a CPU build of it gives that one.
$(COLAB_STAMP): assets/colab/constraints.txt assets/colab/requirements.txt assets/colab/additions.txt | $(STAMP)
	$(BIN)/python -m venv --clear $(COLAB)
	$(COLAB)/bin/python -m pip install --quiet torch==2.13.0 -c assets/colab/constraints.txt
	$(COLAB)/bin/python -m pip install --quiet -r assets/colab/requirements.txt -c assets/colab/constraints.txt
	$(COLAB)/bin/python -m pip install --quiet --no-deps --target $(COLAB)/additions -r assets/colab/additions.txt
	@touch $@
